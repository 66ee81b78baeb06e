#pragma once

#include "wire/consumer_protocol.hpp"

namespace dispatch {

/// The session protocol for clients that have no session: those that are refused, or whose session has failed.
class session_protocol : public consumer_protocol {
public:
  void encode_error(std::int32_t index, const failure& reason, pieces& out) const override;
};

} // namespace dispatch
