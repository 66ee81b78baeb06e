#define CAF_SUITE call_scheduler

#include "actors/policy/call_scheduler.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "tests/actors/policy/scheduling.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;
using dispatch::policy::call_scheduler;
using dispatch::policy::fault;
using dispatch::policy::fetcher_id;
using dispatch::policy::ticket;
using dispatch::policy::verdict;

namespace {

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
  scheduler.fetcher_down(1, start);
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
  scheduler.fetcher_down(1, start);
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
  scheduler.fetcher_down(1, start);
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
  call_scheduler scheduler{{fixed_limits({10, 10}), 5}};
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
  call_scheduler scheduler{{fixed_limits({1, 3}), 5}};
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
  call_scheduler scheduler{{fixed_limits({5}), 5}};
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
  scheduler.fetcher_down(1, start);
  scheduler.fetcher_down(1, start);
  scheduler.fetcher_down(99, start);
  CAF_CHECK_EQUAL(scheduler.live_fetchers(0), 0u);
  CAF_CHECK_EQUAL(scheduler.in_flight(0), 0u);
}

// -- withdrawal and time ----------------------------------------------------------------------------------------------

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
  scheduler.fetcher_down(1, start);
  CAF_CHECK_EQUAL(scheduler.stuck_since(start, start), fetchers{});
}

// -- fetchers that leave ----------------------------------------------------------------------------------------------

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
  scheduler.fetcher_down(1, start);
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
    scheduler.fetcher_down(incarnation, start);
    scheduler.fetcher_up(incarnation + 1, 0);
  }
  CAF_CHECK_EQUAL(assign_all(scheduler).size(), 1u);
}
