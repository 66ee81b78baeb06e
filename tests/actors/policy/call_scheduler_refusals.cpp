#define CAF_SUITE call_scheduler_refusals

#include "actors/policy/call_scheduler.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <map>

#include "tests/actors/policy/scheduling.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;
using dispatch::policy::call_scheduler;
using dispatch::policy::fault;
using dispatch::policy::fetcher_id;
using dispatch::policy::ticket;
using dispatch::policy::upstream_id;
using dispatch::policy::verdict;

namespace {

/// Upstreams 0 and 1 with a fetcher each, 1 and 2, for work of one dataset.
struct upstream_pair {
  call_scheduler scheduler{{fixed_limits({4, 4}), 5}};

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
  two.scheduler.fetcher_down(2, start);
  const auto work = two.refused_by_first();
  CAF_CHECK(!two.scheduler.assign(start + 1s));
  two.scheduler.note_may_have(0, "d");
  CAF_CHECK_EQUAL(assign_all(two.scheduler, start + 1s), (std::map<ticket, fetcher_id>{{work, 1}}));
}

CAF_TEST(an upstream with a new connection is given what it has refused) {
  upstream_pair two;
  two.scheduler.fetcher_down(2, start);
  const auto work = two.refused_by_first();
  two.scheduler.fetcher_down(1, start);
  two.scheduler.fetcher_up(3, 0);
  CAF_CHECK_EQUAL(assign_all(two.scheduler, start + 1s), (std::map<ticket, fetcher_id>{{work, 3}}));
}

CAF_TEST(a refused dataset waits ten seconds for an upstream that is away and was never seen with it) {
  upstream_pair two;
  two.scheduler.fetcher_down(2, start);
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
    two.scheduler.fetcher_down(1, start);
    const auto given = two.add();
    CAF_REQUIRE_EQUAL(two.scheduler.assign(start)->fetcher, 2u);
    by_description ? two.scheduler.note_described(1, "d") : static_cast<void>(two.scheduler.complete(given, 2, start));
    two.scheduler.fetcher_down(2, start);
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
  two.scheduler.fetcher_down(2, start);
  const auto work = two.refused_by_first();
  CAF_CHECK_EQUAL(two.scheduler.give_up_refused(start + 20s), tickets{});
  two.scheduler.retire_upstream(1);
  CAF_CHECK_EQUAL(two.scheduler.give_up_refused(start + 20s), tickets{work});
}

CAF_TEST(an upstream in the place of one that is gone has refused nothing) {
  upstream_pair two;
  const auto work = two.refused_by_first();
  two.scheduler.fetcher_down(2, start);
  two.scheduler.fetcher_leaves(1);
  two.scheduler.retire_upstream(0);
  two.scheduler.replace_upstream(0, {4, 4, 4});
  two.scheduler.fetcher_up(3, 0);
  CAF_CHECK_EQUAL(assign_all(two.scheduler, start + 1s), (std::map<ticket, fetcher_id>{{work, 3}}));
}

CAF_TEST(a refusal of a request does not wait for an upstream that is away) {
  upstream_pair two;
  two.scheduler.fetcher_down(2, start);
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
