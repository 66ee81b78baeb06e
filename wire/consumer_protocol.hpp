#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "wire/batch.hpp"
#include "wire/shared_bytes.hpp"
#include "wire/status_code.hpp"

namespace dispatch {

/// A part of what a consumer is sent. Parts follow each other; those up to one that ends it make a message.
struct piece {
  shared_bytes bytes;
  bool ends_message = false;
};

using pieces = std::vector<piece>;

/// The format that one consumer is served in. A pure function of what goes in: no actors, sockets or clocks.
class consumer_protocol {
public:
  virtual ~consumer_protocol() = default;

  /// Appends the message that brings a batch.
  /// @param is_last whether the pass ends with it
  virtual void encode(const batch& next, bool is_last, pieces& out) const = 0;

  /// Appends the message that ends a pass before its last batch.
  /// @param index the batch that cannot be had
  virtual void encode_error(std::int32_t index, const failure& reason, pieces& out) const = 0;
};

using consumer_protocol_ptr = std::shared_ptr<const consumer_protocol>;

} // namespace dispatch
