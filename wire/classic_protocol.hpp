#pragma once

#include <string>

#include "wire/consumer_protocol.hpp"

namespace dispatch {

/// The classic protocol: one JSON object a line (docs/protocol.md).
class classic_protocol : public consumer_protocol {
public:
  /// @param client_id stands in each line
  explicit classic_protocol(std::string client_id);

  void encode(const batch& next, bool is_last, pieces& out) const override;

  void encode_error(std::int32_t index, const failure& reason, pieces& out) const override;

private:
  std::string client_id_;
  shared_bytes tail_;
  shared_bytes last_tail_;
};

} // namespace dispatch
