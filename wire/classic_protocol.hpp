#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "wire/batch.hpp"
#include "wire/consumer_protocol.hpp"

namespace dispatch {

/// The classic protocol: one JSON object a line (docs/protocol.md).
class classic_protocol : public consumer_protocol {
public:
  /// @param client_id stands in each line
  explicit classic_protocol(std::string client_id);

  /// Appends the line that brings a batch.
  /// @param is_last whether the pass ends with it
  virtual void encode(const batch& next, bool is_last, pieces& out) const;

  void encode_error(std::int32_t index, const failure& reason, pieces& out) const override;

private:
  std::string client_id_;
  shared_bytes tail_;
  shared_bytes last_tail_;
};

using classic_protocol_ptr = std::shared_ptr<const classic_protocol>;

} // namespace dispatch
