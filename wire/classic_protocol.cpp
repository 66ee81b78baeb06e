#include "wire/classic_protocol.hpp"

#include <utility>

#include "wire/classic_codec.hpp"

namespace dispatch {

classic_protocol::classic_protocol(std::string client_id)
  : client_id_(std::move(client_id)),
    tail_(encode_classic_tail(client_id_, false)),
    last_tail_(encode_classic_tail(client_id_, true)) {}

void classic_protocol::encode(const batch& next, bool is_last, pieces& out) const {
  out.push_back({next.classic_text(), false});
  out.push_back({is_last ? last_tail_ : tail_, true});
}

void classic_protocol::encode_error(std::int32_t index, const failure& reason, pieces& out) const {
  out.push_back({shared_bytes{encode_classic_error(index, client_id_, reason)}, true});
}

} // namespace dispatch
