#define CAF_SUITE call_scheduler_failures

#include "actors/policy/call_scheduler.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "tests/actors/policy/scheduling.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;
using dispatch::policy::call_scheduler;
using dispatch::policy::fault;
using dispatch::policy::fetcher_id;
using dispatch::policy::ticket;
using dispatch::policy::verdict;

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
  call_scheduler scheduler{{fixed_limits({1, 1}), 5}};
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
    scheduler.fetcher_down(next - 1, start);
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
