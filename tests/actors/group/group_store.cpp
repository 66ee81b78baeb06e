#define CAF_SUITE group_store

#include "actors/group/group_store.hpp"

#include <memory>
#include <string>

#include "tests/actors/group/flaky_backend.hpp"
#include "tests/actors/policy/group/group_fixture.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/event_recorder.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

struct fixture : test::actor_fixture<> {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  std::shared_ptr<test::flaky_backend> backend = std::make_shared<test::flaky_backend>();
  group_store_actor store = sys.spawn<group_store_impl>(backend, log);

  group_sync want(std::int64_t batches) const {
    group_sync result;
    result.group = "g";
    result.dispatcher = "a";
    result.wanted = batches;
    return result;
  }

  template <class Request>
  failure problem_of(Request request) {
    auto response = send_request(store, std::move(request));
    return failure_of(response);
  }

  ~fixture() override {
    anon_send_exit(store, caf::exit_reason::kill);
    sched.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(group_store_tests, fixture)

CAF_TEST(the first member makes the group and others get what it is) {
  const auto made = answer_from(store, open_group{"g", spec_of(100)});
  CAF_CHECK_EQUAL(made.progress.generation, 1);
  const auto found = answer_from(store, open_group{"g", spec_of(200)});
  CAF_CHECK_EQUAL(found.spec.start.order.samples, 100);
  const auto listed = answer_from(store, list_groups{});
  CAF_REQUIRE_EQUAL(listed.groups.size(), 1u);
  CAF_CHECK_EQUAL(listed.groups[0].name, "g");
}

CAF_TEST(what waits is done in one transaction) {
  auto first = self->request(store, caf::infinite, open_group{"g", spec_of(100)});
  auto second = self->request(store, caf::infinite, want(64));
  auto third = self->request(store, caf::infinite, show_group{"g"});
  sched.run();
  CAF_CHECK_EQUAL(backend->transactions, 1);
  answer_to(first);
  CAF_CHECK_EQUAL(answer_to(second).granted.size(), 1u);
  CAF_CHECK_EQUAL(answer_to(third).out.size(), 1u);
}

CAF_TEST(a lease and what is awaited wait for the disk and acknowledgements do not) {
  answer_from(store, open_group{"g", spec_of(100)});
  const auto lease = answer_from(store, want(64)).granted.at(0);
  CAF_CHECK(backend->was_durable);
  auto acks = want(0);
  acks.leases = {{lease.token, lease.touched, {}, 0, {}}};
  acks.acked = {{{0, 0}, 0b1}};
  answer_from(store, acks);
  CAF_CHECK(!backend->was_durable);
  acks.is_awaited = true;
  answer_from(store, acks);
  CAF_CHECK(backend->was_durable);
}

CAF_TEST(a store that is away is said once and answered with its reason) {
  answer_from(store, open_group{"g", spec_of(100)});
  backend->problem = "no route";
  const auto reason = problem_of(want(64));
  CAF_CHECK(reason.code == status_code::unavailable);
  CAF_CHECK_EQUAL(reason.message, "memory: no route");
  problem_of(want(64));
  CAF_CHECK_EQUAL(log->named("store_away").size(), 1u);
  CAF_CHECK_EQUAL(answer_from(store, get_actor_report{}).state, "away");
}

CAF_TEST(a store that is away is noticed and found again while nobody asks) {
  backend->problem = "no route";
  sched.run();
  CAF_CHECK_EQUAL(answer_from(store, get_actor_report{}).state, "away");
  CAF_CHECK_EQUAL(log->named("store_away").size(), 1u);
  backend->problem.clear();
  // The first pause is at most 100 ms.
  pass(200ms);
  CAF_CHECK_EQUAL(log->named("store_back").size(), 1u);
  CAF_CHECK_EQUAL(answer_from(store, get_actor_report{}).state, "serving");
}

CAF_TEST(a request of which the answer was lost can be said again) {
  answer_from(store, open_group{"g", spec_of(100)});
  backend->commit_problem = "the connection is lost";
  CAF_CHECK(problem_of(want(64)).code == status_code::unavailable);
  backend->commit_problem.clear();
  const auto there = *backend->load_group("g");
  CAF_CHECK_EQUAL(there.leases.size(), 1u);
}

CAF_TEST(what is not there is said to be missing) {
  for (const auto& reason : {problem_of(want(1)), problem_of(show_group{"g"}), problem_of(seek_group{"g", 0, 0}),
                             problem_of(delete_group{"g"}), problem_of(park_batch{"g", 0, 0})}) {
    CAF_CHECK(reason.code == status_code::not_found);
    CAF_CHECK_EQUAL(reason.message, "there is no group 'g'");
  }
}

CAF_TEST(a failure of one request leaves the others alone) {
  auto good = self->request(store, caf::infinite, open_group{"g", spec_of(100)});
  auto bad = self->request(store, caf::infinite, show_group{"none"});
  sched.run();
  answer_to(good);
  CAF_CHECK(failure_of(bad).code == status_code::not_found);
}

CAF_TEST(a group can be set to another place) {
  answer_from(store, open_group{"g", spec_of(100, 3)});
  CAF_CHECK_EQUAL(answer_from(store, seek_group{"g", 2, 40}).generation, 2);
  CAF_CHECK_EQUAL(answer_from(store, want(1)).progress.generation, 2);
  CAF_CHECK(problem_of(seek_group{"g", 4, 0}).code == status_code::out_of_range);
  CAF_CHECK(
    test::contains(problem_of(seek_group{"g", 0, 101}).message, "sample: got 101; an epoch of group 'g' has 100"));
}

CAF_TEST(a batch can be parked by hand while it is out) {
  answer_from(store, open_group{"g", spec_of(100)});
  CAF_CHECK(problem_of(park_batch{"g", 0, 3}).code == status_code::failed_precondition);
  CAF_CHECK(problem_of(park_batch{"g", 0, 100}).code == status_code::out_of_range);
  CAF_CHECK(problem_of(park_batch{"g", 1, 0}).code == status_code::out_of_range);
  answer_from(store, want(1));
  CAF_CHECK_EQUAL(answer_from(store, park_batch{"g", 0, 3}).parked, 1u);
  const auto shown = answer_from(store, show_group{"g"});
  CAF_REQUIRE_EQUAL(shown.parked.size(), 1u);
  CAF_CHECK_EQUAL(shown.parked[0].member, "by hand");
}

CAF_TEST(the last session that took a name has it) {
  const auto first = answer_from(store, take_position{"n", "one"});
  CAF_CHECK_EQUAL(first.cursor, "");
  auto kept = send_request(store, keep_position{"n", first.token, "c1"});
  expect_done(kept);
  CAF_CHECK(!backend->was_durable);
  auto awaited = send_request(store, keep_position{"n", first.token, "c1", true});
  expect_done(awaited);
  CAF_CHECK(backend->was_durable);
  const auto second = answer_from(store, take_position{"n", "two"});
  CAF_CHECK_EQUAL(second.cursor, "c1");
  const auto reason = problem_of(keep_position{"n", first.token, "c2"});
  CAF_CHECK(reason.code == status_code::aborted);
  CAF_CHECK_EQUAL(reason.message, "another session has taken the name 'n': two");
  CAF_CHECK_EQUAL(answer_from(store, take_position{"n", "three"}).cursor, "c1");
}

CAF_TEST_FIXTURE_SCOPE_END()
