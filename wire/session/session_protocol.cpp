#include "wire/session/session_protocol.hpp"

#include "wire/session/server_lines.hpp"

namespace dispatch {

void session_protocol::encode_error(std::int32_t, const failure& reason, pieces& out) const {
  out.push_back({shared_bytes{encode_session_error(reason, {})}, true});
}

} // namespace dispatch
