#define CAF_SUITE fault_schedule

#include "tests/chaos/fault_schedule.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

using namespace dispatch::chaos;

namespace {

std::vector<std::string> lines_of(std::uint64_t seed, std::size_t upstream, int count) {
  fault_schedule schedule{seed, upstream};
  std::vector<std::string> result;
  for (auto i = 0; i < count; ++i)
    result.push_back(describe(schedule.next()));
  return result;
}

} // namespace

CAF_TEST(a seed always makes the same faults) {
  for (const std::uint64_t seed : {0, 1, 2, 4711})
    CAF_CHECK(lines_of(seed, 0, 1000) == lines_of(seed, 0, 1000));
}

CAF_TEST(the faults of a seed are the same on every machine) {
  CAF_CHECK_EQUAL(lines_of(1, 0, 1).front(), "at_ms=2060 kill lasts_ms=2482 latency_ms=0");
}

CAF_TEST(other seeds and other upstreams have other faults) {
  std::set<std::vector<std::string>> all;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (std::size_t upstream = 0; upstream < 2; ++upstream)
      all.insert(lines_of(seed, upstream, 3));
  CAF_CHECK_EQUAL(all.size(), 100u);
}

CAF_TEST(every kind of fault comes before any comes again) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    fault_schedule schedule{seed, 0};
    for (auto round = 0; round < 5; ++round) {
      std::set<fault_kind> kinds;
      for (std::size_t i = 0; i < all_fault_kinds.size(); ++i)
        kinds.insert(schedule.next().kind);
      CAF_CHECK_EQUAL(kinds.size(), all_fault_kinds.size());
    }
  }
}

CAF_TEST(every code and every damage comes) {
  fault_schedule schedule{3, 1};
  std::set<std::string> codes;
  std::set<damage> damages;
  for (auto i = 0; i < 13 * 8; ++i) {
    const auto event = schedule.next();
    if (event.kind == fault_kind::failing)
      codes.insert(std::string{event.manner.fail_code});
    if (event.kind == fault_kind::corrupt)
      damages.insert(event.what);
  }
  CAF_CHECK_EQUAL(codes.size(), 8u);
  CAF_CHECK_EQUAL(damages.size(), all_damages.size());
}

CAF_TEST(a fault ends before the next one begins) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    fault_schedule schedule{seed, 1};
    milliseconds free_at{0};
    for (auto i = 0; i < 200; ++i) {
      const auto event = schedule.next();
      CAF_CHECK(event.at > free_at);
      CAF_CHECK(event.lasts <= std::chrono::seconds{4});
      free_at = event.at + event.lasts;
    }
  }
}

CAF_TEST(a fault has what its kind needs) {
  fault_schedule schedule{5, 0};
  for (auto i = 0; i < 1000; ++i) {
    const auto event = schedule.next();
    CAF_CHECK_EQUAL(event.kind == fault_kind::failing, event.manner.fail_every > 0);
    CAF_CHECK_EQUAL(event.kind == fault_kind::hanging, event.manner.hang_every > 0);
    CAF_CHECK_EQUAL(event.kind == fault_kind::delay, event.delay.count() > 0);
    CAF_CHECK_EQUAL(event.kind == fault_kind::throttle, event.bytes_per_second > 0);
    const auto happens_once =
      event.kind == fault_kind::cut || event.kind == fault_kind::reset || event.kind == fault_kind::corrupt;
    CAF_CHECK_EQUAL(happens_once, event.lasts.count() == 0);
    CAF_CHECK(!event.of_requests || (event.kind == fault_kind::corrupt && event.what != damage::message_flag));
  }
}
