#define CAF_SUITE call_scheduler_upstreams

#include "actors/policy/call_scheduler.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "tests/actors/policy/scheduling.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;
using dispatch::policy::call_scheduler;
using dispatch::policy::fault;
using dispatch::policy::fetcher_id;
using dispatch::policy::ticket;
using dispatch::policy::upstream_id;
using dispatch::policy::verdict;

// -- fast and slow ones -----------------------------------------------------------------------------------------------

CAF_TEST(upstreams that are about as fast share the work) {
  auto scheduler = two_upstreams(8, 10ms, 15ms);
  for (auto i = 0; i < 8; ++i)
    scheduler.add();
  CAF_CHECK_EQUAL(calls_of(assign_all(scheduler, start + 20ms)), (std::map<fetcher_id, std::size_t>{{1, 4}, {2, 4}}));
}

CAF_TEST(an upstream that is ten times slower gets only what the other would not come to for long) {
  auto scheduler = two_upstreams(4, 10ms, 100ms);
  tickets added;
  for (auto i = 0; i < 40; ++i)
    added.push_back(scheduler.add());
  const auto assigned = assign_all(scheduler, start + 200ms);
  CAF_CHECK_EQUAL(calls_of(assigned), (std::map<fetcher_id, std::size_t>{{1, 4}, {2, 4}}));
  for (auto i = 0; i < 4; ++i)
    CAF_CHECK_EQUAL(assigned.at(added[static_cast<std::size_t>(i)]), 1u);
  // Four calls at a time of 10 ms each: half of 100 ms is over when the other has done those before the twentieth.
  for (const auto& [work, id] : assigned)
    CAF_CHECK(id == 1 || work >= added[16]);
}

CAF_TEST(an upstream that is slow gets one call after a while and all its share when it is fast again) {
  auto scheduler = two_upstreams(4, 10ms, 100ms);
  tickets of_first;
  tickets of_second;
  // There are always a few batches wanted more than the first upstream gets at a time, and it takes 10 ms for each.
  for (auto time = 110ms; time < 1300ms; time += 10ms) {
    for (const auto work : std::exchange(of_first, {}))
      scheduler.complete(work, 1, start + time);
    while (scheduler.queued() < 6)
      scheduler.add();
    for (const auto& [work, id] : assign_all(scheduler, start + time))
      (id == 1 ? of_first : of_second).push_back(work);
    CAF_CHECK_EQUAL(of_second.size(), time < 1100ms ? 0u : 1u);
  }
  // It takes as long as ever.
  scheduler.complete(of_second.front(), 2, start + 1310ms);
  CAF_CHECK(calls_of(assign_all(scheduler, start + 1310ms)).count(2) == 0);
}

CAF_TEST(an upstream that was slow gets its share when a call shows that it is fast again) {
  auto scheduler = two_upstreams(4, 10ms, 100ms);
  for (auto i = 0; i < 2; ++i)
    scheduler.add();
  // Neither has had a call for more than a second.
  const auto assigned = assign_all(scheduler, start + 2s);
  CAF_REQUIRE_EQUAL(calls_of(assigned), (std::map<fetcher_id, std::size_t>{{1, 1}, {2, 1}}));
  for (const auto& [work, id] : assigned)
    scheduler.complete(work, id, start + 2s + 10ms);
  for (auto i = 0; i < 8; ++i)
    scheduler.add();
  CAF_CHECK_EQUAL(calls_of(assign_all(scheduler, start + 2s + 10ms)),
                  (std::map<fetcher_id, std::size_t>{{1, 4}, {2, 4}}));
}

CAF_TEST(an upstream that is unresponsive gets nothing more) {
  auto scheduler = two_upstreams(4, 10ms, 10ms);
  for (auto i = 0; i < 2; ++i)
    scheduler.add();
  const auto first = assign_all(scheduler, start + 20ms);
  CAF_REQUIRE_EQUAL(calls_of(first), (std::map<fetcher_id, std::size_t>{{1, 1}, {2, 1}}));
  for (const auto& [work, id] : first)
    if (id == 1)
      scheduler.complete(work, 1, start + 30ms);
  for (auto i = 0; i < 3; ++i)
    scheduler.add();
  CAF_CHECK_EQUAL(calls_of(assign_all(scheduler, start + 150ms)), (std::map<fetcher_id, std::size_t>{{1, 3}}));
  CAF_CHECK(scheduler.best_upstream(start + 150ms) == upstream_id{0});
}

CAF_TEST(work that one upstream has failed goes to another one although that is slow) {
  auto scheduler = two_upstreams(4, 10ms, 100ms);
  const auto work = scheduler.add();
  CAF_REQUIRE_EQUAL(scheduler.assign(start + 200ms)->fetcher, 1u);
  scheduler.fail(work, 1, fault::upstream, start + 210ms);
  CAF_CHECK_EQUAL(scheduler.assign(start + 210ms)->fetcher, 2u);
}

CAF_TEST(a retry does not go to an upstream that is unresponsive) {
  auto scheduler = two_upstreams(4, 10ms, 10ms);
  for (auto i = 0; i < 8; ++i)
    scheduler.add();
  std::optional<ticket> failing;
  for (const auto& [work, id] : assign_all(scheduler, start + 20ms)) {
    if (id == 2)
      continue;
    if (failing)
      scheduler.complete(work, 1, start + 30ms);
    else
      failing = work;
  }
  // The second upstream answers nothing of what it has.
  CAF_REQUIRE(failing);
  CAF_REQUIRE_EQUAL(scheduler.find_stragglers(start + 300ms), 5u);
  scheduler.fail(*failing, 1, fault::upstream, start + 300ms);
  CAF_CHECK_EQUAL(assign_all(scheduler, start + 300ms)[*failing], 1u);
}

// -- stragglers -------------------------------------------------------------------------------------------------------

CAF_TEST(a straggler is begun once more elsewhere and the first answer counts) {
  auto scheduler = two_upstreams(4, 10ms, 10ms);
  const auto work = scheduler.add();
  CAF_REQUIRE_EQUAL(scheduler.assign(start + 20ms)->fetcher, 1u);
  CAF_CHECK_EQUAL(scheduler.find_stragglers(start + 200ms), 0u);
  CAF_CHECK_EQUAL(scheduler.find_stragglers(start + 220ms), 1u);
  CAF_CHECK_EQUAL(scheduler.find_stragglers(start + 230ms), 0u);
  CAF_CHECK(!scheduler.withdraw(work));
  const auto again = scheduler.assign(start + 220ms);
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(again->work, work);
  CAF_CHECK_EQUAL(again->fetcher, 2u);
  CAF_CHECK(scheduler.complete(work, 2, start + 230ms));
  CAF_CHECK(!scheduler.complete(work, 1, start + 5s));
  CAF_CHECK_EQUAL(scheduler.in_flight(0) + scheduler.in_flight(1), 0u);
  CAF_CHECK_EQUAL(scheduler.queued(), 0u);
}

CAF_TEST(calls that began together are stragglers together whichever upstream has them) {
  auto scheduler = two_upstreams(4, 10ms, 10ms);
  scheduler.fetcher_up(3, 1);
  for (auto i = 0; i < 8; ++i)
    scheduler.add();
  CAF_REQUIRE_EQUAL(calls_of(assign_all(scheduler, start + 20ms)),
                    (std::map<fetcher_id, std::size_t>{{1, 4}, {2, 2}, {3, 2}}));
  CAF_CHECK_EQUAL(scheduler.find_stragglers(start + 300ms), 8u);
}

CAF_TEST(a failure is no answer while another call for the work goes on) {
  call_scheduler scheduler{{fixed_limits({4, 4}), 1}};
  scheduler.fetcher_up(1, 0);
  scheduler.fetcher_up(2, 1);
  const auto work = scheduler.add();
  const auto first = scheduler.assign(start)->fetcher;
  CAF_CHECK_EQUAL(scheduler.find_stragglers(start + 1s), 1u);
  const auto second = scheduler.assign(start + 1s)->fetcher;
  CAF_CHECK_EQUAL(first + second, 3u);
  CAF_CHECK(scheduler.fail(work, second, fault::upstream, start + 2s) == verdict::retry);
  CAF_CHECK(!scheduler.assign(start + 3s));
  CAF_CHECK(scheduler.complete(work, first, start + 4s));
}

CAF_TEST(a fetcher that goes takes a straggler along and the other call stays) {
  call_scheduler scheduler{{fixed_limits({4, 4}), 5}};
  scheduler.fetcher_up(1, 0);
  scheduler.fetcher_up(2, 1);
  const auto work = scheduler.add();
  const auto first = scheduler.assign(start)->fetcher;
  scheduler.find_stragglers(start + 1s);
  const auto second = scheduler.assign(start + 1s)->fetcher;
  scheduler.fetcher_down(first, start);
  CAF_CHECK_EQUAL(scheduler.queued(), 0u);
  scheduler.fetcher_down(second, start);
  CAF_CHECK_EQUAL(scheduler.queued(), 1u);
  CAF_CHECK(scheduler.withdraw(work));
}

CAF_TEST(a straggler whose hedge goes with its fetcher is begun once more elsewhere) {
  call_scheduler scheduler{{fixed_limits({1, 1, 1}), 5}};
  scheduler.fetcher_up(1, 0);
  const auto work = scheduler.add();
  CAF_REQUIRE_EQUAL(assign_all(scheduler).at(work), 1u);
  scheduler.fetcher_up(2, 1);
  CAF_REQUIRE_EQUAL(scheduler.find_stragglers(start + 1s), 1u);
  CAF_REQUIRE_EQUAL(assign_all(scheduler, start + 1s).at(work), 2u);
  scheduler.fetcher_up(3, 2);
  scheduler.fetcher_down(2, start + 2s);
  CAF_CHECK_EQUAL(assign_all(scheduler, start + 2s).at(work), 3u);
  CAF_CHECK(scheduler.complete(work, 3, start + 2s));
}

CAF_TEST(a straggler leaves room for others but not for ever more) {
  auto scheduler = one_upstream(1, 1);
  for (auto i = 0; i < 5; ++i)
    scheduler.add();
  CAF_CHECK_EQUAL(assign_all(scheduler).size(), 1u);
  // An upstream that answers nothing is given more and more time.
  std::size_t stragglers = 0;
  for (const auto after : {1s, 20s, 300s, 4000s}) {
    CAF_CHECK_EQUAL(scheduler.find_stragglers(start + after), stragglers < 3 ? 1u : 0u);
    ++stragglers;
    CAF_CHECK_EQUAL(assign_all(scheduler, start + after).size(), stragglers < 3 ? 1u : 0u);
  }
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 3u);
}

// -- fingerprints -----------------------------------------------------------------------------------------------------

CAF_TEST(work of another fingerprint goes elsewhere and costs no attempt) {
  call_scheduler scheduler{{fixed_limits({4, 4}), 1}};
  for (fetcher_id id = 1; id <= 4; ++id)
    scheduler.fetcher_up(id, id % 2);
  const auto work = scheduler.add();
  fetchers tried;
  for (auto i = 0; i < 3; ++i) {
    tried.push_back(scheduler.assign(start)->fetcher);
    CAF_CHECK(scheduler.fail(work, tried.back(), fault::other_fingerprint, start) == verdict::retry);
  }
  const auto last = scheduler.assign(start);
  CAF_REQUIRE(last);
  CAF_CHECK(std::find(tried.begin(), tried.end(), last->fetcher) == tried.end());
  CAF_CHECK(scheduler.fail(work, last->fetcher, fault::other_fingerprint, start) == verdict::answer);
  CAF_CHECK_EQUAL(scheduler.queued(), 0u);
}

CAF_TEST(work of another fingerprint waits for an upstream that is away) {
  call_scheduler scheduler{{fixed_limits({4, 4}), 1}};
  scheduler.fetcher_up(1, 0);
  const auto work = scheduler.add();
  assign_all(scheduler);
  CAF_CHECK(scheduler.fail(work, 1, fault::other_fingerprint, start) == verdict::retry);
  CAF_CHECK(!scheduler.assign(start + 10s));
  // Another incarnation at the same upstream may have another fingerprint.
  scheduler.fetcher_down(1, start);
  scheduler.fetcher_up(2, 0);
  CAF_CHECK_EQUAL(scheduler.assign(start)->fetcher, 2u);
  CAF_CHECK(scheduler.fail(work, 2, fault::other_fingerprint, start) == verdict::retry);
  scheduler.fetcher_up(3, 1);
  CAF_CHECK_EQUAL(scheduler.assign(start)->fetcher, 3u);
  CAF_CHECK(scheduler.complete(work, 3, start));
}
