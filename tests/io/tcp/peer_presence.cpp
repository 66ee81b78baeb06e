#define CAF_SUITE peer_presence

#include "io/tcp/peer_presence.hpp"

#include <caf/test/unit_test.hpp>

using namespace dispatch::io;
using namespace std::chrono_literals;

CAF_TEST(a peer that has closed nothing is present) {
  CAF_CHECK(presence_of({}, 0ms) == peer_presence::present);
}

CAF_TEST(a peer that has reset the connection is gone) {
  peer_sample seen;
  seen.closed = true;
  CAF_CHECK(presence_of(seen, 0ms) == peer_presence::gone);
  CAF_CHECK(presence_of(seen, 1h) == peer_presence::gone);
}

CAF_TEST(a peer that has closed its sending side is unknown until it takes something) {
  peer_sample seen;
  seen.half_closed = true;
  CAF_CHECK(presence_of(seen, 0ms) == peer_presence::unknown);
  CAF_CHECK(presence_of(seen, longest_doubt - 1ms) == peer_presence::unknown);
  seen.acknowledged = 1;
  CAF_CHECK(presence_of(seen, 0ms) == peer_presence::present);
}

CAF_TEST(a peer that leaves the beginning unanswered for long is taken for present) {
  peer_sample seen;
  seen.half_closed = true;
  CAF_CHECK(presence_of(seen, longest_doubt) == peer_presence::present);
}
