#define CAF_SUITE client_schedule

#include "tests/chaos/client_schedule.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

using namespace dispatch::chaos;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> lines_of(std::uint64_t seed, const client_traffic& traffic, int count) {
  client_schedule schedule{seed, traffic};
  std::vector<std::string> result;
  for (auto i = 0; i < count; ++i)
    result.push_back(describe(schedule.next()));
  return result;
}

std::set<client_kind> kinds_of(const client_traffic& traffic, int count) {
  client_schedule schedule{9, traffic};
  std::set<client_kind> result;
  for (auto i = 0; i < count; ++i)
    result.insert(schedule.next().kind);
  return result;
}

client_traffic short_traffic() {
  client_traffic traffic;
  traffic.short_sessions = true;
  return traffic;
}

} // namespace

CAF_TEST(a seed always makes the same consumers) {
  for (const std::uint64_t seed : {0, 1, 2, 4711})
    for (const auto& traffic : {client_traffic{}, short_traffic()})
      CAF_CHECK(lines_of(seed, traffic, 1000) == lines_of(seed, traffic, 1000));
}

CAF_TEST(the consumers of a seed are the same on every machine) {
  CAF_CHECK_EQUAL(lines_of(1, {}, 1).front(),
                  "client 0 at_ms=44 stops read_bytes=262144 stops_at=978651 stops_for_ms=3209");
}

CAF_TEST(other seeds have other consumers) {
  std::set<std::vector<std::string>> all;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    all.insert(lines_of(seed, {}, 5));
  CAF_CHECK_EQUAL(all.size(), 100u);
}

CAF_TEST(every kind of consumer comes) {
  CAF_CHECK_EQUAL(kinds_of({}, 17).size(), all_client_kinds.size());
  CAF_CHECK_EQUAL(kinds_of(short_traffic(), 32).size(), all_client_kinds.size());
}

CAF_TEST(consumers come one after another and as often as they should) {
  client_traffic traffic;
  traffic.mean_gap = 30ms;
  client_schedule schedule{7, traffic};
  milliseconds last{0};
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const auto plan = schedule.next();
    CAF_CHECK_EQUAL(plan.number, i);
    CAF_CHECK(plan.at >= last);
    last = plan.at;
  }
  CAF_CHECK(last > 290s);
  CAF_CHECK(last < 310s);
}

CAF_TEST(who is not meant to get the whole pass leaves before its end) {
  client_traffic traffic;
  traffic.pass_bytes = 1000;
  client_schedule schedule{11, traffic};
  for (auto i = 0; i < 10'000; ++i) {
    const auto plan = schedule.next();
    if (plan.leaves_at)
      CAF_CHECK_LESS(*plan.leaves_at, traffic.pass_bytes);
    if (plan.read_bytes == 0 || plan.bytes_per_second == 1)
      CAF_CHECK(plan.leaves_after.has_value());
    CAF_CHECK_EQUAL(plan.whole(), !plan.leaves_at && !plan.leaves_after);
  }
}
