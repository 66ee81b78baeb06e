#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wire/batch.hpp"
#include "wire/pieces.hpp"
#include "wire/session/client_message.hpp"
#include "wire/session/session_column.hpp"

namespace dispatch {

/// What a session's client is told of a batch.
struct batch_head {
  /// Of this session, from 0.
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  /// Where its step begins.
  std::int64_t position = 0;
  /// Nothing where they cannot be counted.
  std::optional<std::int64_t> samples;
  /// Where another session goes on after this batch.
  std::string cursor;
  /// Whether a member of the group may have had it before.
  bool is_redelivered = false;
};

/// Encodes the batches of one session. In raw form, nothing of a payload is copied:
///
///     {"type":"batch","seq":0,...,"columns":[{"name":"image","offset":0,"bytes":23520},...],"payload_bytes":23550}\n
///     column  zeros up to a multiple of 64  column  \n
class batch_encoder {
public:
  struct options {
    payload_form payload = payload_form::base64;
    /// Whether each payload has its CRC-32.
    bool has_checksum = false;
  };

  /// @param columns that the client gets, in this order
  batch_encoder(const std::vector<session_column>& columns, options opts);

  /// Appends the message that brings a batch.
  void encode(const batch_head& head, const std::shared_ptr<const received_batch>& from, pieces& out);

private:
  struct wanted_column {
    session_column column;
    /// The beginning of its object in a line, which all batches share.
    std::string member;
  };

  void begin_line(const batch_head& head);
  void encode_raw(const std::shared_ptr<const received_batch>& from, pieces& out);
  void encode_text(const received_batch& from, pieces& out);

  std::vector<wanted_column> columns_;
  options options_;
  /// The line that is being written; its memory is used again.
  std::string line_;
};

} // namespace dispatch
