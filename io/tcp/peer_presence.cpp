#include "io/tcp/peer_presence.hpp"

namespace dispatch::io {

peer_presence presence_of(const peer_sample& seen, std::chrono::milliseconds waited) {
  if (seen.closed)
    return peer_presence::gone;
  if (!seen.half_closed || seen.acknowledged > 0 || waited >= longest_doubt)
    return peer_presence::present;
  return peer_presence::unknown;
}

} // namespace dispatch::io
