#define CAF_SUITE open_calls

#include "actors/policy/open_calls.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

#include "tests/actors/policy/scheduling.hpp"

using namespace std::chrono_literals;
using dispatch::policy::fetcher_id;
using dispatch::policy::open_calls;
using dispatch::policy::ticket;
using dispatch::policy::upstream_id;
using dispatch::test::fixed_limits;

namespace {

using tickets = std::vector<ticket>;

const open_calls::time_point start{};

/// One upstream with so many calls at a time, and fetchers 1, 2, ... on it.
open_calls one_upstream(std::size_t limit, fetcher_id count) {
  open_calls result{fixed_limits({limit})};
  for (fetcher_id id = 1; id <= count; ++id)
    result.add(id, 0);
  return result;
}

} // namespace

CAF_TEST(a fetcher is added once and counts until it leaves) {
  auto subject = one_upstream(4, 1);
  CAF_CHECK(!subject.add(1, 0));
  CAF_CHECK_EQUAL(subject.upstreams().live_fetchers(0), 1u);
  subject.leave(1);
  subject.leave(1);
  CAF_CHECK_EQUAL(subject.upstreams().live_fetchers(0), 0u);
  CAF_CHECK(subject.remove(1));
  CAF_CHECK(!subject.remove(1));
  CAF_CHECK_EQUAL(subject.upstreams().live_fetchers(0), 0u);
}

CAF_TEST(a call ends once and only for the fetcher that has it) {
  auto subject = one_upstream(4, 2);
  CAF_CHECK_EQUAL(subject.begin(7, 1, true, start), 0u);
  CAF_CHECK(!subject.end(7, 2, std::nullopt, start));
  CAF_CHECK(!subject.end(8, 1, std::nullopt, start));
  CAF_CHECK(!subject.complete(7, 99, start));
  CAF_CHECK_EQUAL(subject.in_flight_of(1), 1u);
  CAF_CHECK(subject.complete(7, 1, start) == upstream_id{0});
  CAF_CHECK(!subject.complete(7, 1, start));
  CAF_CHECK_EQUAL(subject.in_flight_of(1), 0u);
  CAF_CHECK_EQUAL(subject.upstreams().at(0).in_flight(), 0u);
}

CAF_TEST(a fetcher that is gone takes its calls along) {
  auto subject = one_upstream(4, 2);
  subject.begin(7, 1, true, start);
  subject.begin(8, 2, true, start);
  const auto gone = subject.remove(1);
  CAF_REQUIRE(gone);
  CAF_CHECK_EQUAL(gone->calls.count(7), 1u);
  CAF_CHECK_EQUAL(subject.upstreams().at(0).in_flight(), 1u);
  CAF_CHECK_EQUAL(subject.in_flight_of(1), 0u);
}

CAF_TEST(there is room up to the limit and at a fetcher that stays) {
  auto subject = one_upstream(2, 1);
  subject.begin(1, 1, true, start);
  CAF_CHECK(subject.has_room());
  subject.begin(2, 1, true, start);
  CAF_CHECK(!subject.has_room());
  subject.end(2, 1, std::nullopt, start);
  subject.leave(1);
  CAF_CHECK(!subject.has_room());
}

CAF_TEST(calls that began together become stragglers together and once) {
  auto subject = one_upstream(4, 2);
  subject.begin(1, 1, true, start);
  subject.begin(2, 2, true, start);
  subject.begin(3, 2, true, start + 1ms);
  CAF_CHECK_EQUAL(subject.find_stragglers(start + 1s), (tickets{1, 2}));
  CAF_CHECK_EQUAL(subject.find_stragglers(start + 1s), tickets{});
}

CAF_TEST(a call is stuck after the time that is allowed for its kind) {
  auto subject = one_upstream(4, 2);
  subject.begin(1, 1, true, start);
  subject.begin(2, 2, false, start);
  CAF_CHECK_EQUAL(subject.stuck_since(start, start - 1s), std::vector<fetcher_id>{1});
  CAF_CHECK_EQUAL(subject.stuck_since(start - 1s, start), std::vector<fetcher_id>{2});
}
