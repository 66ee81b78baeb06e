#define CAF_SUITE retry

#include "actors/policy/retry.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <set>

using dispatch::policy::decide;
using dispatch::policy::fault;
using dispatch::policy::verdict;

CAF_TEST(a bad request is answered at once) {
  for (const auto attempts : {0, 1, 5, 100})
    for (const auto reason : {fault::request, fault::no_such_batch, fault::dataset})
      CAF_CHECK(decide(reason, attempts, 5) == verdict::answer);
}

CAF_TEST(a failing batch is tried as often as it may be) {
  for (auto attempts = 1; attempts < 5; ++attempts)
    CAF_CHECK(decide(fault::upstream, attempts, 5) == verdict::retry);
  CAF_CHECK(decide(fault::upstream, 5, 5) == verdict::answer);
  CAF_CHECK(decide(fault::upstream, 6, 5) == verdict::answer);
}

CAF_TEST(a single attempt is not repeated) {
  CAF_CHECK(decide(fault::upstream, 1, 1) == verdict::answer);
}

CAF_TEST(an upstream that is gone is waited for without end) {
  for (const auto attempts : {0, 1, 5, 100, std::numeric_limits<int>::max()})
    CAF_CHECK(decide(fault::upstream_gone, attempts, 5) == verdict::retry);
}

CAF_TEST(a call whose connection has ended is made again however often) {
  for (const auto attempts : {0, 1, 5, 100, std::numeric_limits<int>::max()})
    CAF_CHECK(decide(fault::interrupted, attempts, 5) == verdict::retry);
}

CAF_TEST(an upstream that has too many calls is waited for without end) {
  for (const auto attempts : {0, 1, 5, 100, std::numeric_limits<int>::max()})
    CAF_CHECK(decide(fault::overload, attempts, 5) == verdict::retry);
}

CAF_TEST(what an overloaded upstream refused waits longer each time and not all for the same time) {
  using namespace std::chrono_literals;
  using dispatch::policy::pause_apart;
  std::set<std::chrono::milliseconds> pauses;
  for (std::uint64_t ticket = 0; ticket < 100; ++ticket) {
    CAF_CHECK(pause_apart(1, ticket) >= 10ms && pause_apart(1, ticket) <= 20ms);
    CAF_CHECK(pause_apart(3, ticket) >= 40ms && pause_apart(3, ticket) <= 80ms);
    const auto longest = pause_apart(2'000'000'000, ticket);
    CAF_CHECK(longest >= 500ms && longest <= 1s);
    pauses.insert(longest);
  }
  CAF_CHECK(pauses.size() > 50);
}

CAF_TEST(the first retry is at once and those after it wait longer and longer) {
  using namespace std::chrono_literals;
  using dispatch::policy::pause_before_retry;
  CAF_CHECK(pause_before_retry(1) == 0ms);
  CAF_CHECK(pause_before_retry(2) == 20ms);
  CAF_CHECK(pause_before_retry(3) == 40ms);
  CAF_CHECK(pause_before_retry(7) == 640ms);
  CAF_CHECK(pause_before_retry(8) == 1s);
  CAF_CHECK(pause_before_retry(2'000'000'000) == 1s);
}
