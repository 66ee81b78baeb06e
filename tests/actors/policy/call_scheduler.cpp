#define CAF_SUITE call_scheduler

#include "actors/policy/call_scheduler.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::call_scheduler;
using dispatch::policy::fault;
using dispatch::policy::fetcher_id;
using dispatch::policy::pause_apart;
using dispatch::policy::pause_before_retry;
using dispatch::policy::ticket;
using dispatch::policy::upstream_id;
using dispatch::policy::verdict;

namespace {

using tickets = std::vector<ticket>;
using fetchers = std::vector<fetcher_id>;

const call_scheduler::time_point start{};

/// One upstream with so many calls at a time, and fetchers 1, 2, ... on it.
call_scheduler one_upstream(std::size_t limit, fetcher_id count, int max_attempts = 5) {
  call_scheduler result{{{limit}, max_attempts}};
  for (fetcher_id id = 1; id <= count; ++id)
    result.fetcher_up(id, 0);
  return result;
}

/// Assigns all that can start now. Returns which fetcher works on what.
std::map<ticket, fetcher_id> assign_all(call_scheduler& scheduler, call_scheduler::time_point now = start) {
  std::map<ticket, fetcher_id> result;
  while (const auto next = scheduler.assign(now))
    result.emplace(next->work, next->fetcher);
  return result;
}

/// Assigns all that can start now. Returns what, in the order in which it was assigned.
tickets order_of_work(call_scheduler& scheduler) {
  tickets result;
  while (const auto next = scheduler.assign(start))
    result.push_back(next->work);
  return result;
}

/// Whether the scheduler's single slot can be had again.
bool slot_is_free(call_scheduler& scheduler) {
  if (scheduler.in_flight(0) != 0)
    return false;
  const auto work = scheduler.add();
  const auto next = scheduler.assign(start);
  return next && next->work == work;
}

} // namespace

// -- the six ways to lose a slot --------------------------------------------------------------------------------------

CAF_TEST(a success frees the slot) {
  auto scheduler = one_upstream(1, 1);
  const auto work = scheduler.add();
  CAF_CHECK_EQUAL(assign_all(scheduler), (std::map<ticket, fetcher_id>{{work, 1}}));
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 1u);
  CAF_CHECK(scheduler.complete(work, 1, start));
  CAF_CHECK(slot_is_free(scheduler));
}

CAF_TEST(an empty reply is a completion like any other and a second reply for it is none) {
  // The scheduler never sees what came back: a batch without samples ends the call, and nothing can free its slot
  // twice.
  auto scheduler = one_upstream(2, 1);
  const auto empty = scheduler.add();
  const auto other = scheduler.add();
  assign_all(scheduler);
  CAF_CHECK(scheduler.complete(empty, 1, start));
  CAF_CHECK(!scheduler.complete(empty, 1, start));
  CAF_CHECK(scheduler.fail(empty, 1, fault::upstream, start) == std::nullopt);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 1u);
  CAF_CHECK(scheduler.complete(other, 1, start));
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
}

CAF_TEST(an error frees the slot) {
  for (const auto reason : {fault::request, fault::upstream, fault::upstream_gone}) {
    auto scheduler = one_upstream(1, 1);
    const auto work = scheduler.add();
    assign_all(scheduler);
    CAF_CHECK(scheduler.fail(work, 1, reason, start) == (reason == fault::request ? verdict::answer : verdict::retry));
    CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
    if (reason == fault::request) {
      CAF_CHECK_EQUAL(scheduler.queued(), 0u);
      CAF_CHECK(slot_is_free(scheduler));
    } else {
      CAF_CHECK_EQUAL(scheduler.queued(), 1u);
      CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{work});
    }
  }
}

CAF_TEST(an expired call keeps its slot until it ends) {
  for (const auto fails : {false, true}) {
    auto scheduler = one_upstream(1, 1);
    const auto work = scheduler.add(start + 10s);
    assign_all(scheduler);
    CAF_CHECK_EQUAL(scheduler.expire(start + 10s), tickets{work});
    // The call is still under way: its upstream must not get one more.
    CAF_CHECK_EQUAL(scheduler.in_flight(0), 1u);
    const auto next = scheduler.add();
    CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{});
    if (fails)
      CAF_CHECK(scheduler.fail(work, 1, fault::upstream, start) == std::nullopt);
    else
      CAF_CHECK(!scheduler.complete(work, 1, start));
    CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
    CAF_CHECK_EQUAL(scheduler.queued(), 1u);
    CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{next});
  }
}

CAF_TEST(a call for abandoned work keeps its slot until it ends) {
  for (const auto fails : {false, true}) {
    auto scheduler = one_upstream(1, 1);
    const auto work = scheduler.add();
    assign_all(scheduler);
    scheduler.abandon(work);
    CAF_CHECK_EQUAL(scheduler.in_flight(0), 1u);
    const auto next = scheduler.add();
    CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{});
    if (fails)
      CAF_CHECK(scheduler.fail(work, 1, fault::upstream_gone, start) == std::nullopt);
    else
      CAF_CHECK(!scheduler.complete(work, 1, start));
    CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
    CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{next});
  }
}

CAF_TEST(a fetcher that is gone frees its slots and its work waits again) {
  auto scheduler = one_upstream(3, 2);
  const auto first = scheduler.add();
  const auto second = scheduler.add();
  const auto third = scheduler.add();
  const auto where = assign_all(scheduler);
  const auto held_by_1 = std::count_if(where.begin(), where.end(), [](const auto& kv) { return kv.second == 1; });
  CAF_CHECK_EQUAL(held_by_1, 2);
  scheduler.fetcher_down(1);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 1u);
  CAF_CHECK_EQUAL(scheduler.queued(), 2u);
  CAF_CHECK_EQUAL(scheduler.live_fetchers(0), 1u);
  // All three end on the other one, and the answers of the first, which come after that, free nothing more.
  CAF_CHECK(!scheduler.complete(first, 1, start));
  CAF_CHECK(scheduler.fail(third, 1, fault::upstream, start) == std::nullopt);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 1u);
  assign_all(scheduler);
  for (const auto work : {first, second, third})
    CAF_CHECK(scheduler.complete(work, 2, start));
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
}

CAF_TEST(forgotten calls of a fetcher that is gone are gone too) {
  auto scheduler = one_upstream(1, 1);
  const auto work = scheduler.add();
  assign_all(scheduler);
  scheduler.abandon(work);
  scheduler.fetcher_down(1);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
  CAF_CHECK_EQUAL(scheduler.queued(), 0u);
  scheduler.fetcher_up(2, 0);
  CAF_CHECK(slot_is_free(scheduler));
}

// -- whose turn it is -------------------------------------------------------------------------------------------------

CAF_TEST(work starts in the order in which it came) {
  auto scheduler = one_upstream(10, 1);
  const tickets added{scheduler.add(), scheduler.add(), scheduler.add()};
  CAF_CHECK_EQUAL(order_of_work(scheduler), added);
}

CAF_TEST(what comes back goes before what never started and in its old order) {
  auto scheduler = one_upstream(3, 1);
  tickets added;
  for (auto i = 0; i < 5; ++i)
    added.push_back(scheduler.add());
  CAF_CHECK_EQUAL(order_of_work(scheduler), (tickets{added[0], added[1], added[2]}));
  scheduler.fetcher_down(1);
  scheduler.fetcher_up(2, 0);
  CAF_CHECK_EQUAL(order_of_work(scheduler), (tickets{added[0], added[1], added[2]}));
  scheduler.fail(added[1], 2, fault::upstream_gone, start);
  CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{added[1]});
}

CAF_TEST(the fetcher with the fewest calls in flight is next) {
  auto scheduler = one_upstream(100, 3);
  std::map<fetcher_id, int> load;
  for (auto i = 0; i < 9; ++i) {
    scheduler.add();
    ++load[scheduler.assign(start)->fetcher];
  }
  CAF_CHECK_EQUAL(load, (std::map<fetcher_id, int>{{1, 3}, {2, 3}, {3, 3}}));
}

CAF_TEST(load is compared across upstreams) {
  call_scheduler scheduler{{{10, 10}, 5}};
  scheduler.fetcher_up(1, 0);
  scheduler.add();
  scheduler.add();
  assign_all(scheduler);
  scheduler.fetcher_up(2, 1);
  for (auto i = 0; i < 2; ++i) {
    scheduler.add();
    CAF_CHECK_EQUAL(scheduler.assign(start)->fetcher, 2u);
  }
}

CAF_TEST(no upstream gets more calls than its limit) {
  call_scheduler scheduler{{{1, 3}, 5}};
  for (fetcher_id id = 1; id <= 2; ++id) {
    scheduler.fetcher_up(id, 0);
    scheduler.fetcher_up(id + 10, 1);
  }
  for (auto i = 0; i < 10; ++i)
    scheduler.add();
  CAF_CHECK_EQUAL(assign_all(scheduler).size(), 4u);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 1u);
  CAF_CHECK_EQUAL(scheduler.in_flight(1), 3u);
  CAF_CHECK_EQUAL(scheduler.queued(), 6u);
}

CAF_TEST(nothing starts without a live fetcher) {
  call_scheduler scheduler{{{5}, 5}};
  const auto work = scheduler.add();
  CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{});
  scheduler.fetcher_up(1, 0);
  CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{work});
}

CAF_TEST(a fetcher that comes up or goes down twice counts once) {
  auto scheduler = one_upstream(5, 1);
  scheduler.fetcher_up(1, 0);
  CAF_CHECK_EQUAL(scheduler.live_fetchers(0), 1u);
  scheduler.add();
  assign_all(scheduler);
  scheduler.fetcher_down(1);
  scheduler.fetcher_down(1);
  scheduler.fetcher_down(99);
  CAF_CHECK_EQUAL(scheduler.live_fetchers(0), 0u);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
}

// -- failures ---------------------------------------------------------------------------------------------------------

CAF_TEST(another fetcher tries what one has failed) {
  auto scheduler = one_upstream(8, 3);
  const auto work = scheduler.add();
  std::set<fetcher_id> tried;
  for (auto i = 0; i < 3; ++i) {
    const auto fetcher = scheduler.assign(start + 1s)->fetcher;
    CAF_CHECK(tried.insert(fetcher).second);
    CAF_CHECK(scheduler.fail(work, fetcher, fault::upstream, start) == verdict::retry);
  }
  // All that live have failed it: any of them may try again.
  CAF_CHECK(scheduler.assign(start + 1s).has_value());
}

CAF_TEST(a fetcher that has failed it tries again when it is the only one) {
  auto scheduler = one_upstream(8, 1);
  const auto work = scheduler.add();
  assign_all(scheduler);
  scheduler.fail(work, 1, fault::upstream, start);
  CAF_CHECK_EQUAL(assign_all(scheduler), (std::map<ticket, fetcher_id>{{work, 1}}));
}

CAF_TEST(work waits for another fetcher that is busy and lets newer work pass) {
  call_scheduler scheduler{{{1, 1}, 5}};
  scheduler.fetcher_up(1, 0);
  const auto poisoned = scheduler.add();
  assign_all(scheduler);
  scheduler.fetcher_up(2, 1);
  const auto long_call = scheduler.add();
  assign_all(scheduler);
  scheduler.fail(poisoned, 1, fault::upstream, start);
  const auto newer = scheduler.add();
  CAF_CHECK_EQUAL(assign_all(scheduler), (std::map<ticket, fetcher_id>{{newer, 1}}));
  scheduler.complete(long_call, 2, start);
  CAF_CHECK_EQUAL(assign_all(scheduler), (std::map<ticket, fetcher_id>{{poisoned, 2}}));
}

CAF_TEST(a poisoned batch is answered after its last attempt) {
  auto scheduler = one_upstream(8, 2, 3);
  const auto work = scheduler.add(start + 60s);
  for (auto attempt = 1; attempt <= 3; ++attempt) {
    const auto fetcher = scheduler.assign(start + 1s)->fetcher;
    CAF_CHECK(scheduler.fail(work, fetcher, fault::upstream, start)
              == (attempt < 3 ? verdict::retry : verdict::answer));
  }
  CAF_CHECK_EQUAL(scheduler.queued(), 0u);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
  CAF_CHECK_EQUAL(scheduler.expire(start + 60s), tickets{});
}

// -- fetchers that fail themselves ------------------------------------------------------------------------------------

CAF_TEST(a crash of a fetcher is a failed attempt of all that it had) {
  auto scheduler = one_upstream(4, 1, 2);
  const auto first = scheduler.add();
  const auto second = scheduler.add();
  const auto third = scheduler.add();
  const auto abandoned = scheduler.add();
  assign_all(scheduler);
  scheduler.abandon(abandoned);
  CAF_CHECK_EQUAL(scheduler.fetcher_crashed(1, start), tickets{});
  CAF_CHECK_EQUAL(scheduler.live_fetchers(0), 0u);
  scheduler.fetcher_up(2, 0);
  // They come back apart.
  tickets back;
  for (auto time = 0ms; time <= 20ms; time += 1ms)
    for (const auto& [work, id] : assign_all(scheduler, start + time))
      back.push_back(work);
  std::sort(back.begin(), back.end());
  CAF_CHECK_EQUAL(back, (tickets{first, second, third}));
  CAF_CHECK(scheduler.complete(first, 2, start));
  CAF_CHECK_EQUAL(scheduler.fetcher_crashed(2, start), (tickets{second, third}));
  CAF_CHECK_EQUAL(scheduler.queued(), 0u);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
}

CAF_TEST(an upstream that is gone costs no attempts) {
  auto scheduler = one_upstream(8, 1, 2);
  const auto work = scheduler.add();
  for (auto i = 0; i < 100; ++i) {
    assign_all(scheduler, start + 1s);
    CAF_CHECK(scheduler.fail(work, 1, fault::upstream_gone, start) == verdict::retry);
  }
  for (fetcher_id next = 2; next < 100; ++next) {
    scheduler.fetcher_down(next - 1);
    scheduler.fetcher_up(next, 0);
    assign_all(scheduler, start + 1s);
  }
  CAF_CHECK(scheduler.fail(work, 99, fault::upstream, start) == verdict::retry);
}

CAF_TEST(only the fetcher that has the work can end it) {
  auto scheduler = one_upstream(8, 2);
  const auto work = scheduler.add();
  CAF_CHECK(!scheduler.complete(work, 1, start));
  const auto fetcher = scheduler.assign(start)->fetcher;
  CAF_CHECK(!scheduler.complete(work, 3 - fetcher, start));
  CAF_CHECK(scheduler.fail(work, 3 - fetcher, fault::request, start) == std::nullopt);
  CAF_CHECK(!scheduler.complete(work + 1, fetcher, start));
  CAF_CHECK(!scheduler.complete(work, 99, start));
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 1u);
  CAF_CHECK(scheduler.complete(work, fetcher, start));
}

// -- withdrawal and time
// --------------------------------------------------------------------------------------------------

CAF_TEST(work is withdrawn once and only while it waits) {
  auto scheduler = one_upstream(1, 1);
  const auto running = scheduler.add();
  const auto waiting = scheduler.add();
  const auto other = scheduler.add();
  assign_all(scheduler);
  CAF_CHECK(!scheduler.withdraw(running));
  CAF_CHECK(scheduler.withdraw(waiting));
  CAF_CHECK(!scheduler.withdraw(waiting));
  CAF_CHECK_EQUAL(scheduler.queued(), 1u);
  CAF_CHECK(scheduler.complete(running, 1, start));
  CAF_CHECK_EQUAL(order_of_work(scheduler), tickets{other});
}

CAF_TEST(work leaves at its deadline whether it waits or runs) {
  auto scheduler = one_upstream(1, 1);
  const auto running = scheduler.add(start + 10s);
  const auto waiting = scheduler.add(start + 11s);
  const auto other = scheduler.add(start + 12s);
  assign_all(scheduler);
  CAF_CHECK_EQUAL(scheduler.expire(start + 9999ms), tickets{});
  CAF_CHECK_EQUAL(scheduler.expire(start + 11s), (tickets{running, waiting}));
  CAF_CHECK_EQUAL(scheduler.expire(start + 11s), tickets{});
  CAF_CHECK_EQUAL(scheduler.expire(start + 12s), tickets{other});
  CAF_CHECK_EQUAL(scheduler.queued(), 0u);
}

CAF_TEST(another try does not move the deadline) {
  auto scheduler = one_upstream(1, 1);
  const auto work = scheduler.add(start + 10s);
  assign_all(scheduler, start + 1s);
  scheduler.fail(work, 1, fault::upstream_gone, start);
  assign_all(scheduler, start + 9s);
  CAF_CHECK_EQUAL(scheduler.expire(start + 10s), tickets{work});
}

CAF_TEST(work without a deadline stays) {
  auto scheduler = one_upstream(1, 1);
  const auto work = scheduler.add();
  assign_all(scheduler);
  scheduler.add();
  CAF_CHECK_EQUAL(scheduler.expire(start + 100'000h), tickets{});
  CAF_CHECK_EQUAL(scheduler.queued(), 1u);
  CAF_CHECK(scheduler.complete(work, 1, start));
}

CAF_TEST(a fetcher is stuck when one call takes too long) {
  auto scheduler = one_upstream(10, 2);
  scheduler.add();
  CAF_CHECK_EQUAL(scheduler.assign(start)->fetcher, 1u);
  scheduler.add();
  CAF_CHECK_EQUAL(scheduler.assign(start + 3s)->fetcher, 2u);
  const auto third = scheduler.add();
  CAF_CHECK_EQUAL(scheduler.assign(start + 5s)->fetcher, 1u);
  CAF_CHECK_EQUAL(scheduler.stuck_since(start - 1ms, start - 1ms), fetchers{});
  CAF_CHECK_EQUAL(scheduler.stuck_since(start, start), fetchers{1});
  CAF_CHECK_EQUAL(scheduler.stuck_since(start + 3s, start + 3s), (fetchers{1, 2}));
  // One that ends leaves the older one.
  scheduler.complete(third, 1, start);
  CAF_CHECK_EQUAL(scheduler.stuck_since(start, start), fetchers{1});
}

CAF_TEST(a call for work that has expired can be stuck too) {
  auto scheduler = one_upstream(10, 1);
  scheduler.add(start + 1s);
  scheduler.add(start + 1s);
  assign_all(scheduler);
  scheduler.expire(start + 1s);
  CAF_CHECK_EQUAL(scheduler.stuck_since(start, start), fetchers{1});
  scheduler.fetcher_down(1);
  CAF_CHECK_EQUAL(scheduler.stuck_since(start, start), fetchers{});
}

// -- several upstreams ------------------------------------------------------------------------------------------------

namespace {

/// Two upstreams with a fetcher each, which take so long for a batch.
call_scheduler two_upstreams(std::size_t limit, call_scheduler::duration first, call_scheduler::duration second) {
  call_scheduler result{{{limit, limit}, 5}};
  for (fetcher_id id = 1; id <= 2; ++id) {
    result.fetcher_up(id, id - 1);
    result.add();
  }
  for (const auto& [work, id] : assign_all(result))
    result.complete(work, id, start + (id == 1 ? first : second));
  return result;
}

std::map<fetcher_id, std::size_t> calls_of(const std::map<ticket, fetcher_id>& assigned) {
  std::map<fetcher_id, std::size_t> result;
  for (const auto& [work, id] : assigned)
    ++result[id];
  return result;
}

} // namespace

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

// -- fingerprints
// ---------------------------------------------------------------------------------------------------------

CAF_TEST(work of another fingerprint goes elsewhere and costs no attempt) {
  call_scheduler scheduler{{{4, 4}, 1}};
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
  call_scheduler scheduler{{{4, 4}, 1}};
  scheduler.fetcher_up(1, 0);
  const auto work = scheduler.add();
  assign_all(scheduler);
  CAF_CHECK(scheduler.fail(work, 1, fault::other_fingerprint, start) == verdict::retry);
  CAF_CHECK(!scheduler.assign(start + 10s));
  // Another incarnation at the same upstream may have another fingerprint.
  scheduler.fetcher_down(1);
  scheduler.fetcher_up(2, 0);
  CAF_CHECK_EQUAL(scheduler.assign(start)->fetcher, 2u);
  CAF_CHECK(scheduler.fail(work, 2, fault::other_fingerprint, start) == verdict::retry);
  scheduler.fetcher_up(3, 1);
  CAF_CHECK_EQUAL(scheduler.assign(start)->fetcher, 3u);
  CAF_CHECK(scheduler.complete(work, 3, start));
}

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
  call_scheduler scheduler{{{4, 4}, 1}};
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
  call_scheduler scheduler{{{4, 4}, 5}};
  scheduler.fetcher_up(1, 0);
  scheduler.fetcher_up(2, 1);
  const auto work = scheduler.add();
  const auto first = scheduler.assign(start)->fetcher;
  scheduler.find_stragglers(start + 1s);
  const auto second = scheduler.assign(start + 1s)->fetcher;
  scheduler.fetcher_down(first);
  CAF_CHECK_EQUAL(scheduler.queued(), 0u);
  scheduler.fetcher_down(second);
  CAF_CHECK_EQUAL(scheduler.queued(), 1u);
  CAF_CHECK(scheduler.withdraw(work));
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

CAF_TEST(when work starts again is known) {
  auto scheduler = one_upstream(4, 1);
  const auto work = scheduler.add();
  CAF_CHECK(scheduler.starts_not_before(work) <= start);
  assign_all(scheduler);
  CAF_CHECK(!scheduler.starts_not_before(work));
  scheduler.fail(work, 1, fault::upstream, start);
  CAF_CHECK(scheduler.starts_not_before(work) == start);
  assign_all(scheduler);
  scheduler.fail(work, 1, fault::upstream, start);
  CAF_CHECK(scheduler.starts_not_before(work) == start + 20ms);
  CAF_CHECK(assign_all(scheduler, start + 19ms).empty());
  CAF_CHECK_EQUAL(assign_all(scheduler, start + 20ms).size(), 1u);
}

// -- refusals ---------------------------------------------------------------------------------------------------------

namespace {

/// Upstreams 0 and 1 with a fetcher each, 1 and 2, for work of one dataset.
struct upstream_pair {
  call_scheduler scheduler{{{4, 4}, 5}};

  upstream_pair() {
    scheduler.fetcher_up(1, 0);
    scheduler.fetcher_up(2, 1);
  }

  ticket add() { return scheduler.add(start + 60s, true, "d"); }

  /// New work that fetcher 1 has: it has the fewest calls, and the lowest number.
  ticket begin_at_first() {
    const auto work = add();
    const auto next = scheduler.assign(start);
    CAF_REQUIRE(next && next->work == work);
    CAF_REQUIRE_EQUAL(next->fetcher, 1u);
    return work;
  }

  /// Work that upstream 0 refuses, whose dataset it does not have.
  ticket refused_by_first() {
    const auto work = begin_at_first();
    CAF_CHECK(scheduler.fail(work, 1, fault::dataset, start) == verdict::retry);
    return work;
  }
};

} // namespace

CAF_TEST(what an upstream refuses is asked of the other one and answered when that refuses it too) {
  for (const auto reason : {fault::request, fault::dataset, fault::no_such_batch}) {
    upstream_pair two;
    const auto work = two.begin_at_first();
    CAF_CHECK(two.scheduler.fail(work, 1, reason, start) == verdict::retry);
    CAF_CHECK_EQUAL(assign_all(two.scheduler), (std::map<ticket, fetcher_id>{{work, 2}}));
    CAF_CHECK(two.scheduler.fail(work, 2, reason, start) == verdict::answer);
    CAF_CHECK_EQUAL(two.scheduler.queued(), 0u);
  }
}

CAF_TEST(the end of a dataset is believed of an upstream that has given a batch of it) {
  upstream_pair two;
  two.scheduler.complete(two.begin_at_first(), 1, start);
  const auto behind = two.begin_at_first();
  CAF_CHECK(two.scheduler.fail(behind, 1, fault::no_such_batch, start) == verdict::answer);
}

CAF_TEST(an upstream that refuses a dataset gets none of its work but that of others) {
  upstream_pair two;
  const auto refused = two.refused_by_first();
  for (auto i = 0; i < 3; ++i)
    two.add();
  const auto other = two.scheduler.add(start + 60s, true, "other");
  auto assigned = assign_all(two.scheduler);
  CAF_CHECK_EQUAL(assigned.size(), 5u);
  CAF_CHECK_EQUAL(assigned[refused], 2u);
  CAF_CHECK_EQUAL(assigned[other], 1u);
  CAF_CHECK(two.scheduler.is_passed_over(0, "d", start));
  CAF_CHECK(two.scheduler.best_upstream(start, "d") == upstream_id{1});
}

CAF_TEST(an upstream that refuses a dataset makes no other one slow) {
  upstream_pair two;
  // Upstream 1 is a hundred times slower.
  two.add();
  two.add();
  const auto assigned = assign_all(two.scheduler);
  for (const auto& [work, fetcher] : assigned)
    two.scheduler.complete(work, fetcher, start + (fetcher == 1 ? 1ms : 100ms));
  const auto work = two.add();
  CAF_REQUIRE_EQUAL(two.scheduler.assign(start + 100ms)->fetcher, 1u);
  CAF_CHECK(two.scheduler.fail(work, 1, fault::dataset, start + 100ms) == verdict::retry);
  two.add();
  CAF_CHECK_EQUAL(assign_all(two.scheduler, start + 100ms).size(), 2u);
}

CAF_TEST(an upstream that may have the dataset again is given its work again) {
  upstream_pair two;
  two.scheduler.fetcher_down(2);
  const auto work = two.refused_by_first();
  CAF_CHECK(!two.scheduler.assign(start + 1s));
  two.scheduler.note_may_have(0, "d");
  CAF_CHECK_EQUAL(assign_all(two.scheduler, start + 1s), (std::map<ticket, fetcher_id>{{work, 1}}));
}

CAF_TEST(an upstream with a new connection is given what it has refused) {
  upstream_pair two;
  two.scheduler.fetcher_down(2);
  const auto work = two.refused_by_first();
  two.scheduler.fetcher_down(1);
  two.scheduler.fetcher_up(3, 0);
  CAF_CHECK_EQUAL(assign_all(two.scheduler, start + 1s), (std::map<ticket, fetcher_id>{{work, 3}}));
}

CAF_TEST(a refused dataset waits ten seconds for an upstream that is away and was never seen with it) {
  upstream_pair two;
  two.scheduler.fetcher_down(2);
  const auto work = two.refused_by_first();
  CAF_CHECK_EQUAL(two.scheduler.give_up_refused(start + 9999ms), tickets{});
  CAF_CHECK_EQUAL(two.scheduler.give_up_refused(start + 10s), tickets{work});
  // What comes later does not wait again.
  const auto later = two.add();
  CAF_CHECK_EQUAL(two.scheduler.assign(start + 20s)->work, later);
  CAF_CHECK(two.scheduler.fail(later, 1, fault::dataset, start + 20s) == verdict::answer);
}

CAF_TEST(a refused dataset waits for an upstream that is away and had it until its deadline) {
  for (const auto by_description : {false, true}) {
    upstream_pair two;
    two.scheduler.fetcher_down(1);
    const auto given = two.add();
    CAF_REQUIRE_EQUAL(two.scheduler.assign(start)->fetcher, 2u);
    by_description ? two.scheduler.note_described(1, "d") : static_cast<void>(two.scheduler.complete(given, 2, start));
    two.scheduler.fetcher_down(2);
    two.scheduler.fetcher_up(1, 0);
    two.scheduler.abandon(given);
    const auto work = two.refused_by_first();
    CAF_CHECK_EQUAL(two.scheduler.give_up_refused(start + 59s), tickets{});
    CAF_CHECK_EQUAL(two.scheduler.expire(start + 60s), tickets{work});
  }
}

CAF_TEST(nothing waits for an upstream that is gone for good) {
  upstream_pair two;
  two.scheduler.note_described(1, "d");
  two.scheduler.fetcher_down(2);
  const auto work = two.refused_by_first();
  CAF_CHECK_EQUAL(two.scheduler.give_up_refused(start + 20s), tickets{});
  two.scheduler.retire_upstream(1);
  CAF_CHECK_EQUAL(two.scheduler.give_up_refused(start + 20s), tickets{work});
}

CAF_TEST(an upstream in the place of one that is gone has refused nothing) {
  upstream_pair two;
  const auto work = two.refused_by_first();
  two.scheduler.fetcher_down(2);
  two.scheduler.fetcher_leaves(1);
  two.scheduler.retire_upstream(0);
  two.scheduler.replace_upstream(0, 4);
  two.scheduler.fetcher_up(3, 0);
  CAF_CHECK_EQUAL(assign_all(two.scheduler, start + 1s), (std::map<ticket, fetcher_id>{{work, 3}}));
}

CAF_TEST(a refusal of a request does not wait for an upstream that is away) {
  upstream_pair two;
  two.scheduler.fetcher_down(2);
  const auto work = two.begin_at_first();
  CAF_CHECK(two.scheduler.fail(work, 1, fault::request, start) == verdict::answer);
}

CAF_TEST(where all refuse a dataset all are asked for each piece of work) {
  upstream_pair two;
  two.scheduler.fail(two.refused_by_first(), 2, fault::dataset, start);
  two.scheduler.note_refused(1, "d", start);
  CAF_CHECK(!two.scheduler.is_passed_over(0, "d", start));
  const auto next = two.add();
  CAF_CHECK_EQUAL(assign_all(two.scheduler, start + 1s).size(), 2u);
  CAF_CHECK(two.scheduler.find_questions(start + 1min).empty());
  CAF_CHECK(!two.scheduler.withdraw(next));
}

CAF_TEST(an upstream is asked whether it has a dataset again while that is wanted) {
  upstream_pair two;
  const auto work = two.refused_by_first();
  CAF_CHECK(two.scheduler.find_questions(start).empty());
  const auto questions = two.scheduler.find_questions(start + 1s);
  CAF_REQUIRE_EQUAL(questions.size(), 1u);
  CAF_CHECK_EQUAL(questions[0].upstream, 0u);
  CAF_CHECK_EQUAL(questions[0].dataset, "d");
  CAF_CHECK(two.scheduler.find_questions(start + 1s).empty());
  assign_all(two.scheduler);
  two.scheduler.complete(work, 2, start + 2s);
  CAF_CHECK(two.scheduler.find_questions(start + 1min).empty());
}

CAF_TEST(a refusal is no answer while another call for the work goes on) {
  upstream_pair two;
  const auto work = two.begin_at_first();
  CAF_REQUIRE_EQUAL(two.scheduler.find_stragglers(start + 1s), 1u);
  CAF_REQUIRE_EQUAL(two.scheduler.assign(start + 1s)->fetcher, 2u);
  CAF_CHECK(two.scheduler.fail(work, 1, fault::dataset, start + 1s) == verdict::retry);
  CAF_CHECK(two.scheduler.complete(work, 2, start + 2s));
}

// -- a random walk ----------------------------------------------------------------------------------------------------

namespace {

/// Does everything that can be done to a scheduler in random order, keeps an account of its own, and compares.
class random_walk {
public:
  random_walk(std::uint64_t seed, int round)
    : where_("seed " + std::to_string(seed) + ", round " + std::to_string(round)),
      random_(seed + static_cast<std::uint64_t>(round)),
      options_{random_limits(), 1 + static_cast<int>(pick(4))},
      scheduler_(options_) {}

  void run(int steps) {
    for (; steps > 0; --steps) {
      now_ += std::chrono::milliseconds{pick(1000)};
      step();
      compare();
    }
    finish();
  }

private:
  struct job {
    call_scheduler::time_point deadline;
    int attempts = 0;
    int failures = 0;
    call_scheduler::time_point not_before = start;
    std::set<fetcher_id> failed_on;
    std::set<upstream_id> failed_at;
    std::set<fetcher_id> not_on;
    std::set<upstream_id> refused_at;
    bool waits = true;
  };

  struct fetcher {
    upstream_id upstream;
    std::map<ticket, call_scheduler::time_point> calls;
  };

  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

  std::vector<std::size_t> random_limits() {
    std::vector<std::size_t> limits(1 + pick(3));
    for (auto& limit : limits)
      limit = 1 + pick(4);
    return limits;
  }

  void step() {
    const auto dice = pick(100);
    if (dice < 25)
      add();
    else if (dice < 55)
      assign();
    else if (dice < 75)
      end_call(pick(3) == 0);
    else if (dice < 80)
      fetcher_up();
    else if (dice < 83)
      fetcher_down();
    else if (dice < 84)
      fetcher_crashed();
    else if (dice < 88)
      take_out();
    else if (dice < 91)
      expire();
    else if (dice < 93)
      give_up_refused();
    else if (dice < 97)
      nonsense();
    else
      stuck();
  }

  void add() {
    // What takes how long is not part of this account.
    const auto deadline = pick(4) == 0 ? call_scheduler::time_point::max() : now_ + std::chrono::seconds{5 + pick(40)};
    const auto work = scheduler_.add(deadline, false);
    if (!jobs_.emplace(work, job{deadline, 0, 0, start, {}, {}, {}, {}, true}).second || left_.count(work) > 0)
      fail("ticket " + std::to_string(work) + " was given out twice");
    ++added_;
  }

  bool may_work(const job& wanted, fetcher_id id) const {
    const auto& candidate = fetchers_.at(id);
    if (in_flight(candidate.upstream) >= options_.limits[candidate.upstream] || is_excluded(wanted, id))
      return false;
    const auto own = tries_of(wanted, id, candidate);
    return std::all_of(fetchers_.begin(), fetchers_.end(), [&](const auto& kv) {
      return is_excluded(wanted, kv.first) || own <= tries_of(wanted, kv.first, kv.second);
    });
  }

  bool is_excluded(const job& wanted, fetcher_id id) const {
    return wanted.not_on.count(id) > 0 || wanted.refused_at.count(fetchers_.at(id).upstream) > 0;
  }

  /// 2: it has failed it itself; 1: its upstream has, for its own reason; 0: neither.
  static int tries_of(const job& wanted, fetcher_id id, const fetcher& candidate) {
    return wanted.failed_on.count(id) > 0 ? 2 : wanted.failed_at.count(candidate.upstream) > 0 ? 1 : 0;
  }

  /// The oldest work that can start, and all that could do it with the fewest calls in flight.
  std::optional<std::pair<ticket, std::set<fetcher_id>>> expected_assignment() const {
    for (const auto& [work, wanted] : jobs_) {
      auto fewest = std::numeric_limits<std::size_t>::max();
      std::set<fetcher_id> best;
      for (const auto& [id, candidate] : fetchers_) {
        const auto load = candidate.calls.size();
        if (!wanted.waits || wanted.not_before > now_ || !may_work(wanted, id) || load > fewest)
          continue;
        if (load < fewest)
          best.clear();
        fewest = load;
        best.insert(id);
      }
      if (!best.empty())
        return std::pair{work, best};
    }
    return std::nullopt;
  }

  void assign() {
    const auto expected = expected_assignment();
    const auto got = scheduler_.assign(now_);
    if (got.has_value() != expected.has_value())
      fail(got ? "work was assigned that cannot start" : "work was not assigned that can start");
    if (!got)
      return;
    if (got->work != expected->first)
      fail("ticket " + std::to_string(got->work) + " was assigned instead of " + std::to_string(expected->first));
    if (expected->second.count(got->fetcher) == 0)
      fail("ticket " + std::to_string(got->work) + " went to the wrong fetcher");
    jobs_.at(got->work).waits = false;
    fetchers_.at(got->fetcher).calls.emplace(got->work, now_);
  }

  /// A random call under way ends.
  void end_call(bool fails) {
    std::vector<std::pair<ticket, fetcher_id>> calls;
    for (const auto& [id, busy] : fetchers_)
      for (const auto& [work, since] : busy.calls)
        calls.emplace_back(work, id);
    if (calls.empty())
      return;
    const auto [work, id] = calls[pick(calls.size())];
    fetchers_.at(id).calls.erase(work);
    if (fails)
      fail_call(work, id);
    else if (scheduler_.complete(work, id, now_) != (jobs_.count(work) > 0))
      fail("a completion was taken for another than it was");
    else if (jobs_.count(work) > 0)
      leave(work);
  }

  void fail_call(ticket work, fetcher_id id) {
    const auto reason = random_fault();
    const auto got = scheduler_.fail(work, id, reason, now_);
    const auto found = jobs_.find(work);
    if (found == jobs_.end()) {
      if (got)
        fail("forgotten work was decided upon");
      return;
    }
    auto& wanted = found->second;
    if (reason == fault::upstream) {
      ++wanted.attempts;
      wanted.failed_at.insert(fetchers_.at(id).upstream);
    }
    if (reason == fault::upstream || reason == fault::upstream_gone || reason == fault::overload)
      wanted.failed_on.insert(id);
    if (reason == fault::request)
      wanted.refused_at.insert(fetchers_.at(id).upstream);
    if (reason == fault::other_fingerprint)
      wanted.not_on.insert(id);
    else if (reason == fault::overload)
      wanted.not_before = now_ + pause_apart(++wanted.failures, work);
    else
      wanted.not_before = now_ + pause_before_retry(++wanted.failures);
    const auto ends = (reason == fault::upstream && wanted.attempts >= options_.max_attempts)
                      || ((reason == fault::request || reason == fault::other_fingerprint) && is_nowhere(wanted));
    if (got != (ends ? verdict::answer : verdict::retry))
      fail("a failure was decided wrongly");
    if (ends)
      leave(work);
    else
      wanted.waits = true;
  }

  fault random_fault() {
    constexpr std::array all{fault::request, fault::upstream, fault::upstream_gone, fault::other_fingerprint,
                             fault::overload};
    return all[pick(all.size())];
  }

  /// Whether no upstream is left that may give it. One that is away may come back with another fingerprint, but is not
  /// waited for where the others have refused.
  bool is_nowhere(const job& wanted) const {
    std::set<upstream_id> done = wanted.refused_at;
    for (const auto& [id, candidate] : fetchers_) {
      if (!is_excluded(wanted, id))
        return false;
      done.insert(candidate.upstream);
    }
    return wanted.not_on.empty() || done.size() == options_.limits.size();
  }

  void give_up_refused() {
    leave_all(scheduler_.give_up_refused(now_),
              [&](const job& wanted) { return wanted.waits && !wanted.refused_at.empty() && is_nowhere(wanted); });
  }

  void fetcher_crashed() {
    if (fetchers_.empty())
      return;
    const auto gone = std::next(fetchers_.begin(), static_cast<std::ptrdiff_t>(pick(fetchers_.size())));
    const auto [upstream, calls] = gone->second;
    const auto id = gone->first;
    const auto got = scheduler_.fetcher_crashed(id, now_);
    fetchers_.erase(gone);
    tickets expected;
    for (const auto& [work, since] : calls) {
      const auto found = jobs_.find(work);
      if (found == jobs_.end())
        continue;
      auto& wanted = found->second;
      wanted.waits = true;
      wanted.failed_at.insert(upstream);
      wanted.failed_on.insert(id);
      wanted.not_before = now_ + pause_apart(++wanted.failures, work);
      if (++wanted.attempts >= options_.max_attempts)
        expected.push_back(work);
    }
    if (got != expected)
      fail("a crash was taken for another than it was");
    for (const auto work : expected)
      leave(work);
  }

  void fetcher_up() {
    if (fetchers_.size() >= 8)
      return;
    const auto upstream = pick(options_.limits.size());
    bring_up(upstream);
  }

  void bring_up(upstream_id upstream) {
    scheduler_.fetcher_up(next_fetcher_, upstream);
    fetchers_.emplace(next_fetcher_++, fetcher{upstream, {}});
    for (auto& [work, wanted] : jobs_)
      wanted.refused_at.erase(upstream);
  }

  void fetcher_down() {
    if (fetchers_.empty())
      return;
    const auto gone = std::next(fetchers_.begin(), static_cast<std::ptrdiff_t>(pick(fetchers_.size())));
    scheduler_.fetcher_down(gone->first);
    for (const auto& [work, since] : gone->second.calls)
      if (const auto wanted = jobs_.find(work); wanted != jobs_.end())
        wanted->second.waits = true;
    fetchers_.erase(gone);
  }

  /// Withdraws or abandons some work.
  void take_out() {
    for (auto count = pick(4); count > 0 && !jobs_.empty(); --count) {
      const auto [work, wanted] = *std::next(jobs_.begin(), static_cast<std::ptrdiff_t>(pick(jobs_.size())));
      const auto is_withdrawal = pick(2) == 0;
      if (!is_withdrawal)
        scheduler_.abandon(work);
      else if (scheduler_.withdraw(work) != wanted.waits)
        fail("a withdrawal was taken for another than it was");
      if (!is_withdrawal || wanted.waits)
        leave(work);
    }
  }

  void expire() {
    leave_all(scheduler_.expire(now_), [&](const job& wanted) { return wanted.deadline <= now_; });
  }

  template <class Predicate>
  void leave_all(const tickets& got, Predicate should_leave) {
    tickets expected;
    for (const auto& [work, wanted] : jobs_)
      if (should_leave(wanted))
        expected.push_back(work);
    if (got != expected)
      fail(std::to_string(got.size()) + " left at once instead of " + std::to_string(expected.size()));
    for (const auto work : got)
      leave(work);
  }

  /// Answers that are not waited for change nothing.
  void nonsense() {
    const ticket work = 1 + pick(added_ + 2);
    const fetcher_id id = 1 + pick(next_fetcher_);
    const auto busy = fetchers_.find(id);
    if (busy != fetchers_.end() && busy->second.calls.count(work) > 0)
      return;
    if (scheduler_.complete(work, id, now_) || scheduler_.fail(work, id, random_fault(), now_))
      fail("an answer that is not waited for was taken");
  }

  void stuck() {
    const auto limit = now_ - std::chrono::seconds{pick(20)};
    fetchers expected;
    for (const auto& [id, busy] : fetchers_)
      if (std::any_of(busy.calls.begin(), busy.calls.end(), [&](const auto& call) { return call.second <= limit; }))
        expected.push_back(id);
    if (scheduler_.stuck_since(limit, limit) != expected)
      fail("wrong fetchers are stuck");
  }

  void leave(ticket work) {
    jobs_.erase(work);
    if (!left_.insert(work).second)
      fail("ticket " + std::to_string(work) + " left twice");
  }

  std::size_t in_flight(upstream_id upstream) const {
    std::size_t calls = 0;
    for (const auto& [id, busy] : fetchers_)
      calls += busy.upstream == upstream ? busy.calls.size() : 0;
    return calls;
  }

  void compare() {
    for (upstream_id id = 0; id < options_.limits.size(); ++id) {
      const auto live =
        std::count_if(fetchers_.begin(), fetchers_.end(), [&](const auto& kv) { return kv.second.upstream == id; });
      if (scheduler_.live_fetchers(id) != static_cast<std::size_t>(live))
        fail("wrong count of live fetchers");
      if (scheduler_.in_flight(id) != in_flight(id))
        fail(std::to_string(scheduler_.in_flight(id)) + " in flight instead of " + std::to_string(in_flight(id)));
      if (scheduler_.in_flight(id) > options_.limits[id])
        fail("an upstream is over its limit");
    }
    const auto waiting = std::count_if(jobs_.begin(), jobs_.end(), [](const auto& kv) { return kv.second.waits; });
    if (scheduler_.queued() != static_cast<std::size_t>(waiting))
      fail(std::to_string(scheduler_.queued()) + " queued instead of " + std::to_string(waiting));
  }

  /// Every work that is left can still be done, after which the scheduler is empty.
  void finish() {
    for (upstream_id id = 0; id < options_.limits.size(); ++id)
      bring_up(id);
    for (auto rounds = 10 * added_ + 100; rounds > 0; --rounds) {
      now_ += 50ms;
      assign();
      end_call(false);
    }
    compare();
    if (!jobs_.empty() || left_.size() != added_)
      fail(std::to_string(jobs_.size()) + " of " + std::to_string(added_) + " never left");
    for (upstream_id id = 0; id < options_.limits.size(); ++id)
      if (scheduler_.in_flight(id) != 0)
        fail("a slot was lost");
  }

  [[noreturn]] void fail(const std::string& what) { CAF_FAIL(where_ << ": " << what); }

  std::string where_;
  std::mt19937_64 random_;
  call_scheduler::options options_;
  call_scheduler scheduler_;
  call_scheduler::time_point now_ = start;
  std::map<ticket, job> jobs_;
  std::map<fetcher_id, fetcher> fetchers_;
  std::set<ticket> left_;
  std::size_t added_ = 0;
  fetcher_id next_fetcher_ = 1;
};

} // namespace

CAF_TEST(whatever happens no slot and no work is lost) {
  for (auto round = 0; round < 600; ++round)
    random_walk{9000, round}.run(300);
}

CAF_TEST(a fetcher that leaves gets no more work and keeps what it has) {
  auto scheduler = one_upstream(2, 2);
  const auto first = scheduler.add();
  const auto second = scheduler.add();
  const auto had = assign_all(scheduler);
  CAF_REQUIRE_EQUAL(had.size(), 2u);
  scheduler.fetcher_leaves(had.at(first));
  CAF_CHECK_EQUAL(scheduler.live_fetchers(0), 1u);
  CAF_CHECK_EQUAL(scheduler.in_flight_of(had.at(first)), 1u);
  CAF_CHECK(scheduler.complete(first, had.at(first), start));
  const auto third = scheduler.add();
  CAF_CHECK_EQUAL(assign_all(scheduler).at(third), had.at(second));
  scheduler.fetcher_leaves(had.at(second));
  scheduler.add();
  CAF_CHECK(scheduler.complete(second, had.at(second), start));
  CAF_CHECK(assign_all(scheduler).empty());
  CAF_CHECK_EQUAL(scheduler.live_fetchers(0), 0u);
}

CAF_TEST(what a fetcher has that leaves and goes waits again) {
  auto scheduler = one_upstream(1, 1);
  const auto work = scheduler.add();
  CAF_REQUIRE_EQUAL(assign_all(scheduler).size(), 1u);
  scheduler.fetcher_leaves(1);
  scheduler.fetcher_up(2, 0);
  CAF_CHECK(assign_all(scheduler).empty());
  scheduler.fetcher_down(1);
  CAF_CHECK_EQUAL(scheduler.live_fetchers(0), 1u);
  CAF_CHECK_EQUAL(assign_all(scheduler).at(work), 2u);
}

CAF_TEST(work whose connection has ended waits at once and without an attempt) {
  auto scheduler = one_upstream(1, 1, 1);
  const auto work = scheduler.add();
  for (fetcher_id incarnation = 1; incarnation < 10; ++incarnation) {
    CAF_REQUIRE_EQUAL(assign_all(scheduler).at(work), incarnation);
    scheduler.fetcher_leaves(incarnation);
    CAF_CHECK(scheduler.fail(work, incarnation, fault::interrupted, start) == verdict::retry);
    scheduler.fetcher_down(incarnation);
    scheduler.fetcher_up(incarnation + 1, 0);
  }
  CAF_CHECK_EQUAL(assign_all(scheduler).size(), 1u);
}
