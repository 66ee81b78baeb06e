#define CAF_SUITE pool_book

#include "actors/policy/pool_book.hpp"

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
using dispatch::policy::fault;
using dispatch::policy::pause_after_overload;
using dispatch::policy::pause_before_retry;
using dispatch::policy::pool_book;
using dispatch::policy::ticket;
using dispatch::policy::upstream_id;
using dispatch::policy::verdict;
using dispatch::policy::worker_id;

namespace {

using tickets = std::vector<ticket>;
using workers = std::vector<worker_id>;

const pool_book::time_point start{};

/// One upstream with so many calls at a time, and workers 1, 2, ... on it.
pool_book one_upstream(std::size_t limit, worker_id count, pool_book::duration patience = 60s, int max_attempts = 5) {
  pool_book result{{{limit}, max_attempts, patience}};
  for (worker_id id = 1; id <= count; ++id)
    result.worker_up(id, 0);
  return result;
}

/// Assigns all that can start now. Returns who works on what.
std::map<ticket, worker_id> assign_all(pool_book& book, pool_book::time_point now = start) {
  std::map<ticket, worker_id> result;
  while (const auto next = book.assign(now))
    result.emplace(next->work, next->worker);
  return result;
}

/// Assigns all that can start now. Returns what, in the order in which it was assigned.
tickets order_of_work(pool_book& book) {
  tickets result;
  while (const auto next = book.assign(start))
    result.push_back(next->work);
  return result;
}

/// Whether the book's single slot can be had again.
bool slot_is_free(pool_book& book) {
  if (book.in_flight(0) != 0)
    return false;
  const auto work = book.add(start);
  const auto next = book.assign(start);
  return next && next->work == work;
}

} // namespace

// -- the six ways to lose a slot --------------------------------------------------------------------------------------

CAF_TEST(a success frees the slot) {
  auto book = one_upstream(1, 1);
  const auto work = book.add(start);
  CAF_CHECK_EQUAL(assign_all(book), (std::map<ticket, worker_id>{{work, 1}}));
  CAF_CHECK_EQUAL(book.in_flight(0), 1u);
  CAF_CHECK(book.complete(work, 1, start));
  CAF_CHECK(slot_is_free(book));
}

CAF_TEST(an empty reply is a completion like any other and a second reply for it is none) {
  // The book never sees what came back: a batch without samples ends the call, and nothing can free its slot twice.
  auto book = one_upstream(2, 1);
  const auto empty = book.add(start);
  const auto other = book.add(start);
  assign_all(book);
  CAF_CHECK(book.complete(empty, 1, start));
  CAF_CHECK(!book.complete(empty, 1, start));
  CAF_CHECK(book.fail(empty, 1, fault::upstream, start) == std::nullopt);
  CAF_CHECK_EQUAL(book.in_flight(0), 1u);
  CAF_CHECK(book.complete(other, 1, start));
  CAF_CHECK_EQUAL(book.in_flight(0), 0u);
}

CAF_TEST(an error frees the slot) {
  for (const auto reason : {fault::request, fault::upstream, fault::upstream_gone}) {
    auto book = one_upstream(1, 1);
    const auto work = book.add(start);
    assign_all(book);
    CAF_CHECK(book.fail(work, 1, reason, start) == (reason == fault::request ? verdict::answer : verdict::retry));
    CAF_CHECK_EQUAL(book.in_flight(0), 0u);
    if (reason == fault::request) {
      CAF_CHECK_EQUAL(book.queued(), 0u);
      CAF_CHECK(slot_is_free(book));
    } else {
      CAF_CHECK_EQUAL(book.queued(), 1u);
      CAF_CHECK_EQUAL(order_of_work(book), tickets{work});
    }
  }
}

CAF_TEST(an expired call keeps its slot until it ends) {
  for (const auto fails : {false, true}) {
    auto book = one_upstream(1, 1, 10s);
    const auto work = book.add(start);
    assign_all(book);
    CAF_CHECK_EQUAL(book.expire(start + 10s), tickets{work});
    // The call is still under way: its upstream must not get one more.
    CAF_CHECK_EQUAL(book.in_flight(0), 1u);
    const auto next = book.add(start + 10s);
    CAF_CHECK_EQUAL(order_of_work(book), tickets{});
    if (fails)
      CAF_CHECK(book.fail(work, 1, fault::upstream, start) == std::nullopt);
    else
      CAF_CHECK(!book.complete(work, 1, start));
    CAF_CHECK_EQUAL(book.in_flight(0), 0u);
    CAF_CHECK_EQUAL(book.queued(), 1u);
    CAF_CHECK_EQUAL(order_of_work(book), tickets{next});
  }
}

CAF_TEST(a call for abandoned work keeps its slot until it ends) {
  for (const auto fails : {false, true}) {
    auto book = one_upstream(1, 1);
    const auto work = book.add(start);
    assign_all(book);
    book.abandon(work);
    CAF_CHECK_EQUAL(book.in_flight(0), 1u);
    const auto next = book.add(start);
    CAF_CHECK_EQUAL(order_of_work(book), tickets{});
    if (fails)
      CAF_CHECK(book.fail(work, 1, fault::upstream_gone, start) == std::nullopt);
    else
      CAF_CHECK(!book.complete(work, 1, start));
    CAF_CHECK_EQUAL(book.in_flight(0), 0u);
    CAF_CHECK_EQUAL(order_of_work(book), tickets{next});
  }
}

CAF_TEST(a fetcher that is gone frees its slots and its work waits again) {
  auto book = one_upstream(3, 2);
  const auto first = book.add(start);
  const auto second = book.add(start);
  const auto third = book.add(start);
  const auto where = assign_all(book);
  const auto held_by_1 = std::count_if(where.begin(), where.end(), [](const auto& kv) { return kv.second == 1; });
  CAF_CHECK_EQUAL(held_by_1, 2);
  book.worker_down(1);
  CAF_CHECK_EQUAL(book.in_flight(0), 1u);
  CAF_CHECK_EQUAL(book.queued(), 2u);
  CAF_CHECK_EQUAL(book.live_workers(0), 1u);
  // All three end on the other one, and the late answers of the first free nothing more.
  CAF_CHECK(!book.complete(first, 1, start));
  CAF_CHECK(book.fail(third, 1, fault::upstream, start) == std::nullopt);
  CAF_CHECK_EQUAL(book.in_flight(0), 1u);
  assign_all(book);
  for (const auto work : {first, second, third})
    CAF_CHECK(book.complete(work, 2, start));
  CAF_CHECK_EQUAL(book.in_flight(0), 0u);
}

CAF_TEST(forgotten calls of a fetcher that is gone are gone too) {
  auto book = one_upstream(1, 1);
  const auto work = book.add(start);
  assign_all(book);
  book.abandon(work);
  book.worker_down(1);
  CAF_CHECK_EQUAL(book.in_flight(0), 0u);
  CAF_CHECK_EQUAL(book.queued(), 0u);
  book.worker_up(2, 0);
  CAF_CHECK(slot_is_free(book));
}

// -- whose turn it is -------------------------------------------------------------------------------------------------

CAF_TEST(work starts in the order in which it came) {
  auto book = one_upstream(10, 1);
  const tickets added{book.add(start), book.add(start), book.add(start)};
  CAF_CHECK_EQUAL(order_of_work(book), added);
}

CAF_TEST(what comes back goes before what never started and in its old order) {
  auto book = one_upstream(3, 1);
  tickets added;
  for (auto i = 0; i < 5; ++i)
    added.push_back(book.add(start));
  CAF_CHECK_EQUAL(order_of_work(book), (tickets{added[0], added[1], added[2]}));
  book.worker_down(1);
  book.worker_up(2, 0);
  CAF_CHECK_EQUAL(order_of_work(book), (tickets{added[0], added[1], added[2]}));
  book.fail(added[1], 2, fault::upstream_gone, start);
  CAF_CHECK_EQUAL(order_of_work(book), tickets{added[1]});
}

CAF_TEST(the worker with the fewest calls in flight is next) {
  auto book = one_upstream(100, 3);
  std::map<worker_id, int> load;
  for (auto i = 0; i < 9; ++i) {
    book.add(start);
    ++load[book.assign(start)->worker];
  }
  CAF_CHECK_EQUAL(load, (std::map<worker_id, int>{{1, 3}, {2, 3}, {3, 3}}));
}

CAF_TEST(load is compared across upstreams) {
  pool_book book{{{10, 10}, 5, 60s}};
  book.worker_up(1, 0);
  book.add(start);
  book.add(start);
  assign_all(book);
  book.worker_up(2, 1);
  for (auto i = 0; i < 2; ++i) {
    book.add(start);
    CAF_CHECK_EQUAL(book.assign(start)->worker, 2u);
  }
}

CAF_TEST(no upstream gets more calls than its limit) {
  pool_book book{{{1, 3}, 5, 60s}};
  for (worker_id id = 1; id <= 2; ++id) {
    book.worker_up(id, 0);
    book.worker_up(id + 10, 1);
  }
  for (auto i = 0; i < 10; ++i)
    book.add(start);
  CAF_CHECK_EQUAL(assign_all(book).size(), 4u);
  CAF_CHECK_EQUAL(book.in_flight(0), 1u);
  CAF_CHECK_EQUAL(book.in_flight(1), 3u);
  CAF_CHECK_EQUAL(book.queued(), 6u);
}

CAF_TEST(nothing starts without a live worker) {
  pool_book book{{{5}, 5, 60s}};
  const auto work = book.add(start);
  CAF_CHECK_EQUAL(order_of_work(book), tickets{});
  book.worker_up(1, 0);
  CAF_CHECK_EQUAL(order_of_work(book), tickets{work});
}

CAF_TEST(a worker that comes up or goes down twice counts once) {
  auto book = one_upstream(5, 1);
  book.worker_up(1, 0);
  CAF_CHECK_EQUAL(book.live_workers(0), 1u);
  book.add(start);
  assign_all(book);
  book.worker_down(1);
  book.worker_down(1);
  book.worker_down(99);
  CAF_CHECK_EQUAL(book.live_workers(0), 0u);
  CAF_CHECK_EQUAL(book.in_flight(0), 0u);
}

// -- failures ---------------------------------------------------------------------------------------------------------

CAF_TEST(another worker tries what one has failed) {
  auto book = one_upstream(8, 3);
  const auto work = book.add(start);
  std::set<worker_id> tried;
  for (auto i = 0; i < 3; ++i) {
    const auto worker = book.assign(start + 1s)->worker;
    CAF_CHECK(tried.insert(worker).second);
    CAF_CHECK(book.fail(work, worker, fault::upstream, start) == verdict::retry);
  }
  // All that live have failed it: any of them may try again.
  CAF_CHECK(book.assign(start + 1s).has_value());
}

CAF_TEST(a worker that has failed it tries again when it is the only one) {
  auto book = one_upstream(8, 1);
  const auto work = book.add(start);
  assign_all(book);
  book.fail(work, 1, fault::upstream, start);
  CAF_CHECK_EQUAL(assign_all(book), (std::map<ticket, worker_id>{{work, 1}}));
}

CAF_TEST(work waits for another worker that is busy and lets newer work pass) {
  pool_book book{{{1, 1}, 5, 60s}};
  book.worker_up(1, 0);
  const auto poisoned = book.add(start);
  assign_all(book);
  book.worker_up(2, 1);
  const auto long_call = book.add(start);
  assign_all(book);
  book.fail(poisoned, 1, fault::upstream, start);
  const auto newer = book.add(start);
  CAF_CHECK_EQUAL(assign_all(book), (std::map<ticket, worker_id>{{newer, 1}}));
  book.complete(long_call, 2, start);
  CAF_CHECK_EQUAL(assign_all(book), (std::map<ticket, worker_id>{{poisoned, 2}}));
}

CAF_TEST(a poisoned batch is answered after its last attempt) {
  auto book = one_upstream(8, 2, 60s, 3);
  const auto work = book.add(start);
  for (auto attempt = 1; attempt <= 3; ++attempt) {
    const auto worker = book.assign(start + 1s)->worker;
    CAF_CHECK(book.fail(work, worker, fault::upstream, start) == (attempt < 3 ? verdict::retry : verdict::answer));
  }
  CAF_CHECK_EQUAL(book.queued(), 0u);
  CAF_CHECK_EQUAL(book.in_flight(0), 0u);
  CAF_CHECK_EQUAL(book.expire(start + 60s), tickets{});
}

// -- work that makes its worker fail ----------------------------------------------------------------------------------

namespace {

/// Lets workers 1, 2, ... of one upstream work, of which each that has `poison` crashes and is followed by another, and
/// all others do what they have. Returns how often each piece of work was answered for a crash.
std::map<ticket, int> work_with_poison(pool_book& book, ticket poison, worker_id workers_so_far) {
  std::map<ticket, int> answered;
  std::map<worker_id, tickets> busy;
  const auto begin = [&] {
    while (const auto next = book.assign(start))
      busy[next->worker].push_back(next->work);
  };
  for (begin(); !busy.empty(); begin()) {
    const auto [who, had] = *busy.begin();
    busy.erase(who);
    if (std::find(had.begin(), had.end(), poison) != had.end()) {
      if (const auto culprit = book.worker_crashed(who))
        ++answered[*culprit];
      book.worker_up(++workers_so_far, 0);
      continue;
    }
    for (const auto work : had)
      CAF_CHECK(book.complete(work, who, start));
  }
  return answered;
}

} // namespace

CAF_TEST(work that makes each of its workers fail is answered and what stood beside it is not ) {
  for (const auto max_attempts : {1, 2, 5}) {
    auto book = one_upstream(12, 3, 60s, max_attempts);
    tickets all;
    for (auto i = 0; i < 40; ++i)
      all.push_back(book.add(start));
    CAF_CHECK_EQUAL(work_with_poison(book, all[7], 3), (std::map<ticket, int>{{all[7], 1}}));
    CAF_CHECK_EQUAL(book.queued(), 0u);
    CAF_CHECK_EQUAL(book.in_flight(0), 0u);
    // Nothing is suspect any more: a worker has several calls again.
    for (auto i = 0; i < 12; ++i)
      book.add(start);
    CAF_CHECK_EQUAL(assign_all(book).size(), 12u);
  }
}

CAF_TEST(what a worker had that failed is tried alone) {
  auto book = one_upstream(4, 1);
  const auto first = book.add(start);
  const auto second = book.add(start);
  const auto third = book.add(start);
  assign_all(book);
  CAF_CHECK(book.worker_crashed(1) == std::nullopt);
  book.worker_up(2, 0);
  CAF_CHECK_EQUAL(order_of_work(book), tickets{first});
  CAF_CHECK(book.complete(first, 2, start));
  CAF_CHECK_EQUAL(order_of_work(book), tickets{second});
  // Abandoned work takes the suspicion along.
  for (const auto work : {second, third})
    book.abandon(work);
  CAF_CHECK(!book.complete(second, 2, start));
  for (auto i = 0; i < 4; ++i)
    book.add(start);
  CAF_CHECK_EQUAL(assign_all(book).size(), 4u);
}

CAF_TEST(abandoned work may have been what a worker failed of) {
  auto book = one_upstream(2, 1, 60s, 1);
  const auto abandoned = book.add(start);
  const auto innocent = book.add(start);
  assign_all(book);
  book.abandon(abandoned);
  CAF_CHECK(book.worker_crashed(1) == std::nullopt);
  book.worker_up(2, 0);
  CAF_CHECK_EQUAL(order_of_work(book), tickets{innocent});
}

CAF_TEST(an upstream that is gone costs no attempts) {
  auto book = one_upstream(8, 1, 60s, 2);
  const auto work = book.add(start);
  for (auto i = 0; i < 100; ++i) {
    assign_all(book, start + 1s);
    CAF_CHECK(book.fail(work, 1, fault::upstream_gone, start) == verdict::retry);
  }
  for (worker_id next = 2; next < 100; ++next) {
    book.worker_down(next - 1);
    book.worker_up(next, 0);
    assign_all(book, start + 1s);
  }
  CAF_CHECK(book.fail(work, 99, fault::upstream, start) == verdict::retry);
}

CAF_TEST(only who has the work can end it) {
  auto book = one_upstream(8, 2);
  const auto work = book.add(start);
  CAF_CHECK(!book.complete(work, 1, start));
  const auto worker = book.assign(start)->worker;
  CAF_CHECK(!book.complete(work, 3 - worker, start));
  CAF_CHECK(book.fail(work, 3 - worker, fault::request, start) == std::nullopt);
  CAF_CHECK(!book.complete(work + 1, worker, start));
  CAF_CHECK(!book.complete(work, 99, start));
  CAF_CHECK_EQUAL(book.in_flight(0), 1u);
  CAF_CHECK(book.complete(work, worker, start));
}

// -- withdrawal and time
// --------------------------------------------------------------------------------------------------

CAF_TEST(work is withdrawn once and only while it waits) {
  auto book = one_upstream(1, 1);
  const auto running = book.add(start);
  const auto waiting = book.add(start);
  const auto other = book.add(start);
  assign_all(book);
  CAF_CHECK(!book.withdraw(running));
  CAF_CHECK(book.withdraw(waiting));
  CAF_CHECK(!book.withdraw(waiting));
  CAF_CHECK_EQUAL(book.queued(), 1u);
  CAF_CHECK(book.complete(running, 1, start));
  CAF_CHECK_EQUAL(order_of_work(book), tickets{other});
}

CAF_TEST(what is wanted for too long expires whether it waits or runs) {
  auto book = one_upstream(1, 1, 10s);
  const auto running = book.add(start);
  const auto waiting = book.add(start + 1s);
  const auto young = book.add(start + 2s);
  assign_all(book);
  CAF_CHECK_EQUAL(book.expire(start + 9999ms), tickets{});
  CAF_CHECK_EQUAL(book.expire(start + 11s), (tickets{running, waiting}));
  CAF_CHECK_EQUAL(book.expire(start + 11s), tickets{});
  CAF_CHECK_EQUAL(book.expire(start + 12s), tickets{young});
  CAF_CHECK_EQUAL(book.queued(), 0u);
}

CAF_TEST(another try does not lengthen the patience) {
  auto book = one_upstream(1, 1, 10s);
  const auto work = book.add(start);
  assign_all(book, start + 1s);
  book.fail(work, 1, fault::upstream_gone, start);
  assign_all(book, start + 9s);
  CAF_CHECK_EQUAL(book.expire(start + 10s), tickets{work});
}

CAF_TEST(patience of zero is for ever) {
  auto book = one_upstream(1, 1, 0s);
  const auto work = book.add(start);
  assign_all(book);
  book.add(start);
  CAF_CHECK_EQUAL(book.expire(start + 100'000h), tickets{});
  CAF_CHECK_EQUAL(book.queued(), 1u);
  CAF_CHECK(book.complete(work, 1, start));
}

CAF_TEST(a worker is stuck when one call takes too long) {
  auto book = one_upstream(10, 2);
  book.add(start);
  CAF_CHECK_EQUAL(book.assign(start)->worker, 1u);
  book.add(start);
  CAF_CHECK_EQUAL(book.assign(start + 3s)->worker, 2u);
  const auto third = book.add(start);
  CAF_CHECK_EQUAL(book.assign(start + 5s)->worker, 1u);
  CAF_CHECK_EQUAL(book.stuck_since(start - 1ms, start - 1ms), workers{});
  CAF_CHECK_EQUAL(book.stuck_since(start, start), workers{1});
  CAF_CHECK_EQUAL(book.stuck_since(start + 3s, start + 3s), (workers{1, 2}));
  // One that ends leaves the older one.
  book.complete(third, 1, start);
  CAF_CHECK_EQUAL(book.stuck_since(start, start), workers{1});
}

CAF_TEST(a call that nobody waits for can be stuck too) {
  auto book = one_upstream(10, 1, 1s);
  book.add(start);
  book.add(start);
  assign_all(book);
  book.expire(start + 1s);
  CAF_CHECK_EQUAL(book.stuck_since(start, start), workers{1});
  book.worker_down(1);
  CAF_CHECK_EQUAL(book.stuck_since(start, start), workers{});
}

// -- several upstreams ------------------------------------------------------------------------------------------------

namespace {

/// Two upstreams with a worker each, which take so long for a batch.
pool_book two_upstreams(std::size_t limit, pool_book::duration first, pool_book::duration second) {
  pool_book result{{{limit, limit}, 5, 60s}};
  for (worker_id id = 1; id <= 2; ++id) {
    result.worker_up(id, id - 1);
    result.add(start);
  }
  for (const auto& [work, id] : assign_all(result))
    result.complete(work, id, start + (id == 1 ? first : second));
  return result;
}

std::map<worker_id, std::size_t> calls_of(const std::map<ticket, worker_id>& assigned) {
  std::map<worker_id, std::size_t> result;
  for (const auto& [work, id] : assigned)
    ++result[id];
  return result;
}

} // namespace

CAF_TEST(upstreams that are about as fast share the work) {
  auto book = two_upstreams(8, 10ms, 15ms);
  for (auto i = 0; i < 8; ++i)
    book.add(start);
  CAF_CHECK_EQUAL(calls_of(assign_all(book, start + 20ms)), (std::map<worker_id, std::size_t>{{1, 4}, {2, 4}}));
}

CAF_TEST(an upstream that is ten times slower gets only what the other would not come to for long) {
  auto book = two_upstreams(4, 10ms, 100ms);
  tickets added;
  for (auto i = 0; i < 40; ++i)
    added.push_back(book.add(start));
  const auto assigned = assign_all(book, start + 200ms);
  CAF_CHECK_EQUAL(calls_of(assigned), (std::map<worker_id, std::size_t>{{1, 4}, {2, 4}}));
  for (auto i = 0; i < 4; ++i)
    CAF_CHECK_EQUAL(assigned.at(added[static_cast<std::size_t>(i)]), 1u);
  // Four calls at a time of 10 ms each: half of 100 ms is over when the other has done those before the twentieth.
  for (const auto& [work, id] : assigned)
    CAF_CHECK(id == 1 || work >= added[16]);
}

CAF_TEST(an upstream that is slow gets one call after a while and all its share when it is fast again) {
  auto book = two_upstreams(4, 10ms, 100ms);
  tickets of_first;
  tickets of_second;
  // There are always a few batches wanted more than the first upstream gets at a time, and it takes 10 ms for each.
  for (auto time = 110ms; time < 1300ms; time += 10ms) {
    for (const auto work : std::exchange(of_first, {}))
      book.complete(work, 1, start + time);
    while (book.queued() < 6)
      book.add(start + time);
    for (const auto& [work, id] : assign_all(book, start + time))
      (id == 1 ? of_first : of_second).push_back(work);
    CAF_CHECK_EQUAL(of_second.size(), time < 1100ms ? 0u : 1u);
  }
  // It takes as long as ever.
  book.complete(of_second.front(), 2, start + 1310ms);
  CAF_CHECK(calls_of(assign_all(book, start + 1310ms)).count(2) == 0);
}

CAF_TEST(an upstream that was slow gets its share when a call shows that it is fast again) {
  auto book = two_upstreams(4, 10ms, 100ms);
  for (auto i = 0; i < 2; ++i)
    book.add(start);
  // Nobody has had a call for more than a second.
  const auto assigned = assign_all(book, start + 2s);
  CAF_REQUIRE_EQUAL(calls_of(assigned), (std::map<worker_id, std::size_t>{{1, 1}, {2, 1}}));
  for (const auto& [work, id] : assigned)
    book.complete(work, id, start + 2s + 10ms);
  for (auto i = 0; i < 8; ++i)
    book.add(start);
  CAF_CHECK_EQUAL(calls_of(assign_all(book, start + 2s + 10ms)), (std::map<worker_id, std::size_t>{{1, 4}, {2, 4}}));
}

CAF_TEST(an upstream that is silent gets nothing more) {
  auto book = two_upstreams(4, 10ms, 10ms);
  for (auto i = 0; i < 2; ++i)
    book.add(start);
  const auto first = assign_all(book, start + 20ms);
  CAF_REQUIRE_EQUAL(calls_of(first), (std::map<worker_id, std::size_t>{{1, 1}, {2, 1}}));
  for (const auto& [work, id] : first)
    if (id == 1)
      book.complete(work, 1, start + 30ms);
  for (auto i = 0; i < 3; ++i)
    book.add(start);
  CAF_CHECK_EQUAL(calls_of(assign_all(book, start + 150ms)), (std::map<worker_id, std::size_t>{{1, 3}}));
  CAF_CHECK(book.best_upstream(start + 150ms) == upstream_id{0});
}

CAF_TEST(work that one upstream has failed goes to another one although that is slow) {
  auto book = two_upstreams(4, 10ms, 100ms);
  const auto work = book.add(start);
  CAF_REQUIRE_EQUAL(book.assign(start + 200ms)->worker, 1u);
  book.fail(work, 1, fault::upstream, start + 210ms);
  CAF_CHECK_EQUAL(book.assign(start + 210ms)->worker, 2u);
}

CAF_TEST(a retry does not go to an upstream that is silent) {
  auto book = two_upstreams(4, 10ms, 10ms);
  for (auto i = 0; i < 8; ++i)
    book.add(start);
  std::optional<ticket> failing;
  for (const auto& [work, id] : assign_all(book, start + 20ms)) {
    if (id == 2)
      continue;
    if (failing)
      book.complete(work, 1, start + 30ms);
    else
      failing = work;
  }
  // The second upstream answers nothing of what it has.
  CAF_REQUIRE(failing);
  CAF_REQUIRE_EQUAL(book.find_late(start + 300ms), 5u);
  book.fail(*failing, 1, fault::upstream, start + 300ms);
  CAF_CHECK_EQUAL(assign_all(book, start + 300ms)[*failing], 1u);
}

// -- editions ---------------------------------------------------------------------------------------------------------

CAF_TEST(work of another edition goes elsewhere and costs no attempt) {
  pool_book book{{{4, 4}, 1, 60s}};
  for (worker_id id = 1; id <= 4; ++id)
    book.worker_up(id, id % 2);
  const auto work = book.add(start);
  workers tried;
  for (auto i = 0; i < 3; ++i) {
    tried.push_back(book.assign(start)->worker);
    CAF_CHECK(book.fail(work, tried.back(), fault::other_edition, start) == verdict::retry);
  }
  const auto last = book.assign(start);
  CAF_REQUIRE(last);
  CAF_CHECK(std::find(tried.begin(), tried.end(), last->worker) == tried.end());
  CAF_CHECK(book.fail(work, last->worker, fault::other_edition, start) == verdict::answer);
  CAF_CHECK_EQUAL(book.queued(), 0u);
}

CAF_TEST(work of another edition waits for an upstream that is away) {
  pool_book book{{{4, 4}, 1, 60s}};
  book.worker_up(1, 0);
  const auto work = book.add(start);
  assign_all(book);
  CAF_CHECK(book.fail(work, 1, fault::other_edition, start) == verdict::retry);
  CAF_CHECK(!book.assign(start + 10s));
  // Another life of the same upstream may have another edition.
  book.worker_down(1);
  book.worker_up(2, 0);
  CAF_CHECK_EQUAL(book.assign(start)->worker, 2u);
  CAF_CHECK(book.fail(work, 2, fault::other_edition, start) == verdict::retry);
  book.worker_up(3, 1);
  CAF_CHECK_EQUAL(book.assign(start)->worker, 3u);
  CAF_CHECK(book.complete(work, 3, start));
}

CAF_TEST(a late call is begun once more elsewhere and the first answer counts) {
  auto book = two_upstreams(4, 10ms, 10ms);
  const auto work = book.add(start);
  CAF_REQUIRE_EQUAL(book.assign(start + 20ms)->worker, 1u);
  CAF_CHECK_EQUAL(book.find_late(start + 200ms), 0u);
  CAF_CHECK_EQUAL(book.find_late(start + 220ms), 1u);
  CAF_CHECK_EQUAL(book.find_late(start + 230ms), 0u);
  CAF_CHECK(!book.withdraw(work));
  const auto again = book.assign(start + 220ms);
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(again->work, work);
  CAF_CHECK_EQUAL(again->worker, 2u);
  CAF_CHECK(book.complete(work, 2, start + 230ms));
  CAF_CHECK(!book.complete(work, 1, start + 5s));
  CAF_CHECK_EQUAL(book.in_flight(0) + book.in_flight(1), 0u);
  CAF_CHECK_EQUAL(book.queued(), 0u);
}

CAF_TEST(calls that began together are late together whoever has them) {
  auto book = two_upstreams(4, 10ms, 10ms);
  book.worker_up(3, 1);
  for (auto i = 0; i < 8; ++i)
    book.add(start);
  CAF_REQUIRE_EQUAL(calls_of(assign_all(book, start + 20ms)),
                    (std::map<worker_id, std::size_t>{{1, 4}, {2, 2}, {3, 2}}));
  CAF_CHECK_EQUAL(book.find_late(start + 300ms), 8u);
}

CAF_TEST(a failure is no answer while another call for the work goes on) {
  pool_book book{{{4, 4}, 1, 60s}};
  book.worker_up(1, 0);
  book.worker_up(2, 1);
  const auto work = book.add(start);
  const auto first = book.assign(start)->worker;
  CAF_CHECK_EQUAL(book.find_late(start + 1s), 1u);
  const auto second = book.assign(start + 1s)->worker;
  CAF_CHECK_EQUAL(first + second, 3u);
  CAF_CHECK(book.fail(work, second, fault::upstream, start + 2s) == verdict::retry);
  CAF_CHECK(!book.assign(start + 3s));
  CAF_CHECK(book.complete(work, first, start + 4s));
}

CAF_TEST(a worker that goes takes a late call along and the other call stays) {
  pool_book book{{{4, 4}, 5, 60s}};
  book.worker_up(1, 0);
  book.worker_up(2, 1);
  const auto work = book.add(start);
  const auto first = book.assign(start)->worker;
  book.find_late(start + 1s);
  const auto second = book.assign(start + 1s)->worker;
  book.worker_down(first);
  CAF_CHECK_EQUAL(book.queued(), 0u);
  book.worker_down(second);
  CAF_CHECK_EQUAL(book.queued(), 1u);
  CAF_CHECK(book.withdraw(work));
}

CAF_TEST(a late call leaves room for others but not for ever more) {
  auto book = one_upstream(1, 1);
  for (auto i = 0; i < 5; ++i)
    book.add(start);
  CAF_CHECK_EQUAL(assign_all(book).size(), 1u);
  // An upstream that answers nothing is given more and more time.
  std::size_t late = 0;
  for (const auto after : {1s, 20s, 300s, 4000s}) {
    CAF_CHECK_EQUAL(book.find_late(start + after), late < 3 ? 1u : 0u);
    ++late;
    CAF_CHECK_EQUAL(assign_all(book, start + after).size(), late < 3 ? 1u : 0u);
  }
  CAF_CHECK_EQUAL(book.in_flight(0), 3u);
}

CAF_TEST(when work starts again is known) {
  auto book = one_upstream(4, 1);
  const auto work = book.add(start);
  CAF_CHECK(book.starts_not_before(work) <= start);
  assign_all(book);
  CAF_CHECK(!book.starts_not_before(work));
  book.fail(work, 1, fault::upstream, start);
  CAF_CHECK(book.starts_not_before(work) == start);
  assign_all(book);
  book.fail(work, 1, fault::upstream, start);
  CAF_CHECK(book.starts_not_before(work) == start + 20ms);
  CAF_CHECK(assign_all(book, start + 19ms).empty());
  CAF_CHECK_EQUAL(assign_all(book, start + 20ms).size(), 1u);
}

// -- refusals ---------------------------------------------------------------------------------------------------------

namespace {

/// Upstreams 0 and 1 with a worker each, 1 and 2, for work of one dataset.
struct upstream_pair {
  pool_book book{{{4, 4}, 5, 60s}};

  upstream_pair() {
    book.worker_up(1, 0);
    book.worker_up(2, 1);
  }

  ticket add() { return book.add(start, true, "d"); }

  /// New work that worker 1 has: it has the fewest calls, and the lowest number.
  ticket begin_at_first() {
    const auto work = add();
    const auto next = book.assign(start);
    CAF_REQUIRE(next && next->work == work);
    CAF_REQUIRE_EQUAL(next->worker, 1u);
    return work;
  }

  /// Work that upstream 0 refuses, whose dataset it does not have.
  ticket refused_by_first() {
    const auto work = begin_at_first();
    CAF_CHECK(book.fail(work, 1, fault::dataset, start) == verdict::retry);
    return work;
  }
};

} // namespace

CAF_TEST(what an upstream refuses is asked of the other one and answered when that refuses it too) {
  for (const auto reason : {fault::request, fault::dataset, fault::no_such_batch}) {
    upstream_pair two;
    const auto work = two.begin_at_first();
    CAF_CHECK(two.book.fail(work, 1, reason, start) == verdict::retry);
    CAF_CHECK_EQUAL(assign_all(two.book), (std::map<ticket, worker_id>{{work, 2}}));
    CAF_CHECK(two.book.fail(work, 2, reason, start) == verdict::answer);
    CAF_CHECK_EQUAL(two.book.queued(), 0u);
  }
}

CAF_TEST(the end of a dataset is believed of an upstream that has given a batch of it) {
  upstream_pair two;
  two.book.complete(two.begin_at_first(), 1, start);
  const auto behind = two.begin_at_first();
  CAF_CHECK(two.book.fail(behind, 1, fault::no_such_batch, start) == verdict::answer);
}

CAF_TEST(an upstream that refuses a dataset gets none of its work but that of others) {
  upstream_pair two;
  const auto refused = two.refused_by_first();
  for (auto i = 0; i < 3; ++i)
    two.add();
  const auto other = two.book.add(start, true, "other");
  auto assigned = assign_all(two.book);
  CAF_CHECK_EQUAL(assigned.size(), 5u);
  CAF_CHECK_EQUAL(assigned[refused], 2u);
  CAF_CHECK_EQUAL(assigned[other], 1u);
  CAF_CHECK(two.book.is_passed_over(0, "d", start));
  CAF_CHECK(two.book.best_upstream(start, "d") == upstream_id{1});
}

CAF_TEST(an upstream that refuses a dataset makes no other one slow) {
  upstream_pair two;
  // Upstream 1 is a hundred times slower.
  two.add();
  two.add();
  const auto assigned = assign_all(two.book);
  for (const auto& [work, worker] : assigned)
    two.book.complete(work, worker, start + (worker == 1 ? 1ms : 100ms));
  const auto work = two.add();
  CAF_REQUIRE_EQUAL(two.book.assign(start + 100ms)->worker, 1u);
  CAF_CHECK(two.book.fail(work, 1, fault::dataset, start + 100ms) == verdict::retry);
  two.add();
  CAF_CHECK_EQUAL(assign_all(two.book, start + 100ms).size(), 2u);
}

CAF_TEST(an upstream that may have the dataset again is given its work again) {
  upstream_pair two;
  two.book.worker_down(2);
  const auto work = two.refused_by_first();
  CAF_CHECK(!two.book.assign(start + 1s));
  two.book.note_may_have(0, "d");
  CAF_CHECK_EQUAL(assign_all(two.book, start + 1s), (std::map<ticket, worker_id>{{work, 1}}));
}

CAF_TEST(an upstream with a new connection is given what it has refused) {
  upstream_pair two;
  two.book.worker_down(2);
  const auto work = two.refused_by_first();
  two.book.worker_down(1);
  two.book.worker_up(3, 0);
  CAF_CHECK_EQUAL(assign_all(two.book, start + 1s), (std::map<ticket, worker_id>{{work, 3}}));
}

CAF_TEST(a refused dataset waits ten seconds for an upstream that is away and was never seen with it) {
  upstream_pair two;
  two.book.worker_down(2);
  const auto work = two.refused_by_first();
  CAF_CHECK_EQUAL(two.book.give_up_refused(start + 9999ms), tickets{});
  CAF_CHECK_EQUAL(two.book.give_up_refused(start + 10s), tickets{work});
  // Whoever comes later does not wait again.
  const auto later = two.add();
  CAF_CHECK_EQUAL(two.book.assign(start + 20s)->work, later);
  CAF_CHECK(two.book.fail(later, 1, fault::dataset, start + 20s) == verdict::answer);
}

CAF_TEST(a refused dataset waits for an upstream that is away and had it for as long as patience lasts) {
  for (const auto by_description : {false, true}) {
    upstream_pair two;
    two.book.worker_down(1);
    const auto given = two.add();
    CAF_REQUIRE_EQUAL(two.book.assign(start)->worker, 2u);
    by_description ? two.book.note_described(1, "d") : static_cast<void>(two.book.complete(given, 2, start));
    two.book.worker_down(2);
    two.book.worker_up(1, 0);
    two.book.abandon(given);
    const auto work = two.refused_by_first();
    CAF_CHECK_EQUAL(two.book.give_up_refused(start + 59s), tickets{});
    CAF_CHECK_EQUAL(two.book.expire(start + 60s), tickets{work});
  }
}

CAF_TEST(nothing waits for an upstream that is gone for good) {
  upstream_pair two;
  two.book.note_described(1, "d");
  two.book.worker_down(2);
  const auto work = two.refused_by_first();
  CAF_CHECK_EQUAL(two.book.give_up_refused(start + 20s), tickets{});
  two.book.retire_upstream(1);
  CAF_CHECK_EQUAL(two.book.give_up_refused(start + 20s), tickets{work});
}

CAF_TEST(an upstream in the place of one that is gone has refused nothing) {
  upstream_pair two;
  const auto work = two.refused_by_first();
  two.book.worker_down(2);
  two.book.worker_leaves(1);
  two.book.retire_upstream(0);
  two.book.replace_upstream(0, 4);
  two.book.worker_up(3, 0);
  CAF_CHECK_EQUAL(assign_all(two.book, start + 1s), (std::map<ticket, worker_id>{{work, 3}}));
}

CAF_TEST(a refusal of a request does not wait for an upstream that is away) {
  upstream_pair two;
  two.book.worker_down(2);
  const auto work = two.begin_at_first();
  CAF_CHECK(two.book.fail(work, 1, fault::request, start) == verdict::answer);
}

CAF_TEST(where all refuse a dataset all are asked for each piece of work) {
  upstream_pair two;
  two.book.fail(two.refused_by_first(), 2, fault::dataset, start);
  two.book.note_refused(1, "d", start);
  CAF_CHECK(!two.book.is_passed_over(0, "d", start));
  const auto next = two.add();
  CAF_CHECK_EQUAL(assign_all(two.book, start + 1s).size(), 2u);
  CAF_CHECK(two.book.find_questions(start + 1min).empty());
  CAF_CHECK(!two.book.withdraw(next));
}

CAF_TEST(an upstream is asked whether it has a dataset again while that is wanted) {
  upstream_pair two;
  const auto work = two.refused_by_first();
  CAF_CHECK(two.book.find_questions(start).empty());
  const auto questions = two.book.find_questions(start + 1s);
  CAF_REQUIRE_EQUAL(questions.size(), 1u);
  CAF_CHECK_EQUAL(questions[0].upstream, 0u);
  CAF_CHECK_EQUAL(questions[0].dataset, "d");
  CAF_CHECK(two.book.find_questions(start + 1s).empty());
  assign_all(two.book);
  two.book.complete(work, 2, start + 2s);
  CAF_CHECK(two.book.find_questions(start + 1min).empty());
}

CAF_TEST(a refusal is no answer while another call for the work goes on) {
  upstream_pair two;
  const auto work = two.begin_at_first();
  CAF_REQUIRE_EQUAL(two.book.find_late(start + 1s), 1u);
  CAF_REQUIRE_EQUAL(two.book.assign(start + 1s)->worker, 2u);
  CAF_CHECK(two.book.fail(work, 1, fault::dataset, start + 1s) == verdict::retry);
  CAF_CHECK(two.book.complete(work, 2, start + 2s));
}

// -- a random walk ----------------------------------------------------------------------------------------------------

namespace {

/// Does everything that can be done to a book in random order, keeps an account of its own, and compares.
class random_walk {
public:
  random_walk(std::uint64_t seed, int round)
    : where_("seed " + std::to_string(seed) + ", round " + std::to_string(round)),
      random_(seed + static_cast<std::uint64_t>(round)),
      options_{random_limits(), 1 + static_cast<int>(pick(4)), std::chrono::seconds{pick(4) == 0 ? 0 : 5 + pick(40)}},
      book_(options_) {}

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
    pool_book::time_point added;
    int attempts = 0;
    int failures = 0;
    pool_book::time_point not_before = start;
    std::set<worker_id> failed_on;
    std::set<upstream_id> failed_at;
    std::set<worker_id> not_on;
    std::set<upstream_id> refused_at;
    bool is_suspect = false;
    bool waits = true;
  };

  struct worker {
    upstream_id upstream;
    std::map<ticket, pool_book::time_point> calls;
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
      worker_up();
    else if (dice < 83)
      worker_down();
    else if (dice < 84)
      worker_crashed();
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
    const auto work = book_.add(now_, false);
    if (!jobs_.emplace(work, job{now_, 0, 0, start, {}, {}, {}, {}, false, true}).second || left_.count(work) > 0)
      fail("ticket " + std::to_string(work) + " was given out twice");
    ++added_;
  }

  bool may_work(const job& wanted, worker_id id) const {
    const auto& candidate = workers_.at(id);
    if (in_flight(candidate.upstream) >= options_.limits[candidate.upstream] || is_excluded(wanted, id))
      return false;
    if (!candidate.calls.empty() && any_suspect())
      return false;
    const auto own = tries_of(wanted, id, candidate);
    return std::all_of(workers_.begin(), workers_.end(), [&](const auto& kv) {
      return is_excluded(wanted, kv.first) || own <= tries_of(wanted, kv.first, kv.second);
    });
  }

  bool is_excluded(const job& wanted, worker_id id) const {
    return wanted.not_on.count(id) > 0 || wanted.refused_at.count(workers_.at(id).upstream) > 0;
  }

  bool any_suspect() const {
    return std::any_of(jobs_.begin(), jobs_.end(), [](const auto& kv) { return kv.second.is_suspect; });
  }

  /// 2: it has failed it itself; 1: its upstream has, for its own reason; 0: neither.
  static int tries_of(const job& wanted, worker_id id, const worker& candidate) {
    return wanted.failed_on.count(id) > 0 ? 2 : wanted.failed_at.count(candidate.upstream) > 0 ? 1 : 0;
  }

  /// The oldest work that can start, and all that could do it with the fewest calls in flight.
  std::optional<std::pair<ticket, std::set<worker_id>>> expected_assignment() const {
    for (const auto& [work, wanted] : jobs_) {
      auto fewest = std::numeric_limits<std::size_t>::max();
      std::set<worker_id> best;
      for (const auto& [id, candidate] : workers_) {
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
    const auto got = book_.assign(now_);
    if (got.has_value() != expected.has_value())
      fail(got ? "work was assigned that cannot start" : "work was not assigned that can start");
    if (!got)
      return;
    if (got->work != expected->first)
      fail("ticket " + std::to_string(got->work) + " was assigned instead of " + std::to_string(expected->first));
    if (expected->second.count(got->worker) == 0)
      fail("ticket " + std::to_string(got->work) + " went to the wrong worker");
    jobs_.at(got->work).waits = false;
    workers_.at(got->worker).calls.emplace(got->work, now_);
  }

  /// A random call under way ends.
  void end_call(bool fails) {
    std::vector<std::pair<ticket, worker_id>> calls;
    for (const auto& [id, busy] : workers_)
      for (const auto& [work, since] : busy.calls)
        calls.emplace_back(work, id);
    if (calls.empty())
      return;
    const auto [work, id] = calls[pick(calls.size())];
    workers_.at(id).calls.erase(work);
    if (fails)
      fail_call(work, id);
    else if (book_.complete(work, id, now_) != (jobs_.count(work) > 0))
      fail("a completion was taken for another than it was");
    else if (jobs_.count(work) > 0)
      leave(work);
  }

  void fail_call(ticket work, worker_id id) {
    const auto reason = random_fault();
    const auto got = book_.fail(work, id, reason, now_);
    const auto found = jobs_.find(work);
    if (found == jobs_.end()) {
      if (got)
        fail("forgotten work was decided upon");
      return;
    }
    auto& wanted = found->second;
    if (reason == fault::upstream) {
      ++wanted.attempts;
      wanted.failed_at.insert(workers_.at(id).upstream);
    }
    if (reason == fault::upstream || reason == fault::upstream_gone || reason == fault::overload)
      wanted.failed_on.insert(id);
    if (reason == fault::request)
      wanted.refused_at.insert(workers_.at(id).upstream);
    if (reason == fault::other_edition)
      wanted.not_on.insert(id);
    else if (reason == fault::overload)
      wanted.not_before = now_ + pause_after_overload(++wanted.failures, work);
    else
      wanted.not_before = now_ + pause_before_retry(++wanted.failures);
    const auto ends = (reason == fault::upstream && wanted.attempts >= options_.max_attempts)
                      || ((reason == fault::request || reason == fault::other_edition) && is_nowhere(wanted));
    if (got != (ends ? verdict::answer : verdict::retry))
      fail("a failure was decided wrongly");
    if (ends)
      leave(work);
    else
      wanted.waits = true;
  }

  fault random_fault() {
    constexpr std::array all{fault::request, fault::upstream, fault::upstream_gone, fault::other_edition,
                             fault::overload};
    return all[pick(all.size())];
  }

  /// Whether no upstream is left that may give it. One that is away may come back with another edition, but is not
  /// waited for where the others have refused.
  bool is_nowhere(const job& wanted) const {
    std::set<upstream_id> done = wanted.refused_at;
    for (const auto& [id, candidate] : workers_) {
      if (!is_excluded(wanted, id))
        return false;
      done.insert(candidate.upstream);
    }
    return wanted.not_on.empty() || done.size() == options_.limits.size();
  }

  void give_up_refused() {
    leave_all(book_.give_up_refused(now_),
              [&](const job& wanted) { return wanted.waits && !wanted.refused_at.empty() && is_nowhere(wanted); });
  }

  void worker_crashed() {
    if (workers_.empty())
      return;
    const auto gone = std::next(workers_.begin(), static_cast<std::ptrdiff_t>(pick(workers_.size())));
    const auto [upstream, calls] = gone->second;
    const auto got = book_.worker_crashed(gone->first);
    workers_.erase(gone);
    std::optional<ticket> expected;
    for (const auto& [work, since] : calls) {
      const auto wanted = jobs_.find(work);
      if (wanted == jobs_.end())
        continue;
      wanted->second.waits = true;
      wanted->second.is_suspect = true;
      if (calls.size() > 1)
        continue;
      wanted->second.failed_at.insert(upstream);
      if (++wanted->second.attempts >= options_.max_attempts)
        expected = work;
    }
    if (got != expected)
      fail("a crash was taken for another than it was");
    if (expected)
      leave(*expected);
  }

  void worker_up() {
    if (workers_.size() >= 8)
      return;
    const auto upstream = pick(options_.limits.size());
    bring_up(upstream);
  }

  void bring_up(upstream_id upstream) {
    book_.worker_up(next_worker_, upstream);
    workers_.emplace(next_worker_++, worker{upstream, {}});
    for (auto& [work, wanted] : jobs_)
      wanted.refused_at.erase(upstream);
  }

  void worker_down() {
    if (workers_.empty())
      return;
    const auto gone = std::next(workers_.begin(), static_cast<std::ptrdiff_t>(pick(workers_.size())));
    book_.worker_down(gone->first);
    for (const auto& [work, since] : gone->second.calls)
      if (const auto wanted = jobs_.find(work); wanted != jobs_.end())
        wanted->second.waits = true;
    workers_.erase(gone);
  }

  /// Withdraws or abandons some work.
  void take_out() {
    for (auto count = pick(4); count > 0 && !jobs_.empty(); --count) {
      const auto [work, wanted] = *std::next(jobs_.begin(), static_cast<std::ptrdiff_t>(pick(jobs_.size())));
      const auto is_withdrawal = pick(2) == 0;
      if (!is_withdrawal)
        book_.abandon(work);
      else if (book_.withdraw(work) != wanted.waits)
        fail("a withdrawal was taken for another than it was");
      if (!is_withdrawal || wanted.waits)
        leave(work);
    }
  }

  void expire() {
    leave_all(book_.expire(now_),
              [&](const job& wanted) { return options_.patience != 0s && now_ - wanted.added >= options_.patience; });
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

  /// Answers that nobody waits for change nothing.
  void nonsense() {
    const ticket work = 1 + pick(added_ + 2);
    const worker_id id = 1 + pick(next_worker_);
    const auto busy = workers_.find(id);
    if (busy != workers_.end() && busy->second.calls.count(work) > 0)
      return;
    if (book_.complete(work, id, now_) || book_.fail(work, id, random_fault(), now_))
      fail("an answer that nobody waits for was taken");
  }

  void stuck() {
    const auto limit = now_ - std::chrono::seconds{pick(20)};
    workers expected;
    for (const auto& [id, busy] : workers_)
      if (std::any_of(busy.calls.begin(), busy.calls.end(), [&](const auto& call) { return call.second <= limit; }))
        expected.push_back(id);
    if (book_.stuck_since(limit, limit) != expected)
      fail("wrong workers are stuck");
  }

  void leave(ticket work) {
    jobs_.erase(work);
    if (!left_.insert(work).second)
      fail("ticket " + std::to_string(work) + " left twice");
  }

  std::size_t in_flight(upstream_id upstream) const {
    std::size_t calls = 0;
    for (const auto& [id, busy] : workers_)
      calls += busy.upstream == upstream ? busy.calls.size() : 0;
    return calls;
  }

  void compare() {
    for (upstream_id id = 0; id < options_.limits.size(); ++id) {
      const auto live =
        std::count_if(workers_.begin(), workers_.end(), [&](const auto& kv) { return kv.second.upstream == id; });
      if (book_.live_workers(id) != static_cast<std::size_t>(live))
        fail("wrong count of live workers");
      if (book_.in_flight(id) != in_flight(id))
        fail(std::to_string(book_.in_flight(id)) + " in flight instead of " + std::to_string(in_flight(id)));
      if (book_.in_flight(id) > options_.limits[id])
        fail("an upstream is over its limit");
    }
    const auto waiting = std::count_if(jobs_.begin(), jobs_.end(), [](const auto& kv) { return kv.second.waits; });
    if (book_.queued() != static_cast<std::size_t>(waiting))
      fail(std::to_string(book_.queued()) + " queued instead of " + std::to_string(waiting));
  }

  /// Every work that is left can still be done, after which the book is empty.
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
      if (book_.in_flight(id) != 0)
        fail("a slot was lost");
  }

  [[noreturn]] void fail(const std::string& what) { CAF_FAIL(where_ << ": " << what); }

  std::string where_;
  std::mt19937_64 random_;
  pool_book::options options_;
  pool_book book_;
  pool_book::time_point now_ = start;
  std::map<ticket, job> jobs_;
  std::map<worker_id, worker> workers_;
  std::set<ticket> left_;
  std::size_t added_ = 0;
  worker_id next_worker_ = 1;
};

} // namespace

CAF_TEST(whatever happens no slot and no work is lost) {
  for (auto round = 0; round < 600; ++round)
    random_walk{9000, round}.run(300);
}

CAF_TEST(a worker that leaves gets no more work and keeps what it has) {
  auto book = one_upstream(2, 2);
  const auto first = book.add(start);
  const auto second = book.add(start);
  const auto had = assign_all(book);
  CAF_REQUIRE_EQUAL(had.size(), 2u);
  book.worker_leaves(had.at(first));
  CAF_CHECK_EQUAL(book.live_workers(0), 1u);
  CAF_CHECK_EQUAL(book.in_flight_of(had.at(first)), 1u);
  CAF_CHECK(book.complete(first, had.at(first), start));
  const auto third = book.add(start);
  CAF_CHECK_EQUAL(assign_all(book).at(third), had.at(second));
  book.worker_leaves(had.at(second));
  book.add(start);
  CAF_CHECK(book.complete(second, had.at(second), start));
  CAF_CHECK(assign_all(book).empty());
  CAF_CHECK_EQUAL(book.live_workers(0), 0u);
}

CAF_TEST(what a worker has that leaves and goes waits again) {
  auto book = one_upstream(1, 1);
  const auto work = book.add(start);
  CAF_REQUIRE_EQUAL(assign_all(book).size(), 1u);
  book.worker_leaves(1);
  book.worker_up(2, 0);
  CAF_CHECK(assign_all(book).empty());
  book.worker_down(1);
  CAF_CHECK_EQUAL(book.live_workers(0), 1u);
  CAF_CHECK_EQUAL(assign_all(book).at(work), 2u);
}

CAF_TEST(work whose connection has ended waits at once and without an attempt) {
  auto book = one_upstream(1, 1, 60s, 1);
  const auto work = book.add(start);
  for (worker_id life = 1; life < 10; ++life) {
    CAF_REQUIRE_EQUAL(assign_all(book).at(work), life);
    book.worker_leaves(life);
    CAF_CHECK(book.fail(work, life, fault::interrupted, start) == verdict::retry);
    book.worker_down(life);
    book.worker_up(life + 1, 0);
  }
  CAF_CHECK_EQUAL(assign_all(book).size(), 1u);
}
