#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace dispatch {

/// One encoded batch: the part of a JSON line that is the same for every client. Immutable, and shared by all who send
/// it; what differs between clients follows it as a tail (see `frame_codec.hpp`).
class frame {
public:
  /// @param index the batch's index, from 0
  /// @param marked_last whether the dataset service called the batch its last
  /// @param payload_bytes how many bytes of samples are in it
  /// @param encoded the encoded part, from `{` to the end of `batch_data`
  frame(std::int32_t index, bool marked_last, std::size_t payload_bytes, std::string encoded)
    : index_(index),
      marked_last_(marked_last),
      payload_bytes_(payload_bytes),
      encoded_(std::move(encoded)) {}

  std::int32_t index() const noexcept { return index_; }

  bool marked_last() const noexcept { return marked_last_; }

  std::size_t payload_bytes() const noexcept { return payload_bytes_; }

  std::string_view encoded() const noexcept { return encoded_; }

private:
  std::int32_t index_;
  bool marked_last_;
  std::size_t payload_bytes_;
  std::string encoded_;
};

using frame_ptr = std::shared_ptr<const frame>;

/// The end of a JSON line, with what belongs to one client. Two of them serve a whole stream.
using frame_tail_ptr = std::shared_ptr<const std::string>;

} // namespace dispatch
