#define CAF_SUITE group

#include "actors/group/group_directory.hpp"

#include <memory>
#include <string>
#include <vector>

#include "actors/group/group_store.hpp"
#include "tests/actors/group/flaky_backend.hpp"
#include "tests/actors/policy/group/group_fixture.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/event_recorder.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// What a member has heard.
struct member_record {
  std::vector<group_batch> batches;
  std::vector<bool> redelivered;
  std::vector<group_moved> moves;
  std::vector<failure> closed;
};

using member_record_ptr = std::shared_ptr<member_record>;

group_member_actor::behavior_type fake_member(group_member_actor::pointer, member_record_ptr heard) {
  return {
    [heard](const batches_handed& handed) {
      for (const auto& each : handed.batches) {
        heard->batches.push_back(each.batch);
        heard->redelivered.push_back(each.is_redelivered);
      }
    },
    [heard](const group_moved& moved) { heard->moves.push_back(moved); },
    [heard](const group_closed& closed) { heard->closed.push_back(closed.reason); },
  };
}

/// A member and what it does.
struct member {
  member_record_ptr heard = std::make_shared<member_record>();
  group_member_actor actor;
  joined_group joined;
};

struct fixture : test::actor_fixture<> {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  std::shared_ptr<test::flaky_backend> backend = std::make_shared<test::flaky_backend>();
  group_store_actor store = sys.spawn<group_store_impl>(backend, log);
  group_directory_actor directory = sys.spawn<group_directory_impl>(group_options{"a"}, store, log);

  member join(const group_spec& spec, const std::string& client = "m") {
    member result;
    result.actor = sys.spawn(fake_member, result.heard);
    result.joined = answer_from(directory, find_group{"g", spec, {result.actor, client, true}});
    return result;
  }

  void turn(const member& of, std::vector<group_batch> used, std::size_t wants) {
    anon_send(of.joined.group, member_turn{of.joined.member, std::move(used), wants, false});
    sched.run();
  }

  void die(const member& of) {
    anon_send_exit(of.actor, caf::exit_reason::kill);
    sched.run();
  }

  group_report report(const member& of) { return answer_from(of.joined.group, get_group_report{}); }

  ~fixture() override {
    anon_send_exit(directory, caf::exit_reason::kill);
    anon_send_exit(store, caf::exit_reason::kill);
    sched.run();
  }
};

using batches = std::vector<group_batch>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(group_tests, fixture)

CAF_TEST(members share the batches of a group and hear its end) {
  const auto first = join(spec_of(4), "first");
  const auto second = join(spec_of(4), "second");
  turn(first, {}, 2);
  turn(second, {}, 10);
  CAF_CHECK((first.heard->batches == batches{{0, 0}, {0, 1}}));
  CAF_CHECK((second.heard->batches == batches{{0, 2}, {0, 3}}));
  turn(first, first.heard->batches, 2);
  CAF_CHECK(!first.heard->moves.back().is_over);
  turn(second, second.heard->batches, 2);
  pass(1s);
  CAF_CHECK(first.heard->moves.back().is_over);
  CAF_CHECK(second.heard->moves.back().is_over);
  CAF_CHECK_EQUAL(report(first).progress.acked, 4u);
  CAF_CHECK_EQUAL(log->named("group_over").size(), 1u);
  die(first);
  die(second);
}

CAF_TEST(a member that is down has given its batches back) {
  const auto dead = join(spec_of(10));
  turn(dead, {}, 3);
  const auto other = join(spec_of(10));
  die(dead);
  turn(other, {}, 10);
  CAF_REQUIRE_EQUAL(other.heard->batches.size(), 10u);
  CAF_CHECK(other.heard->redelivered[0]);
  CAF_CHECK(!other.heard->redelivered[3]);
  die(other);
}

CAF_TEST(batches without a sign of life go to another member) {
  const auto silent = join(spec_of(2), "silent");
  const auto other = join(spec_of(2));
  turn(silent, {}, 1);
  turn(other, {}, 10);
  turn(other, other.heard->batches, 0);
  pass(29s);
  CAF_CHECK_EQUAL(other.heard->batches.size(), 1u);
  pass(2s);
  CAF_CHECK_EQUAL(other.heard->batches.size(), 2u);
  CAF_CHECK_EQUAL(log->named("ack_overdue").size(), 1u);
  turn(silent, silent.heard->batches, 0);
  pass(1s);
  CAF_CHECK(other.heard->moves.back().is_over);
  die(silent);
  die(other);
}

CAF_TEST(a member that differs is refused with what differs) {
  const auto first = join(spec_of(10));
  auto other = spec_of(10);
  other.batch_size = 3;
  auto refused = send_request(directory, find_group{"g", other, {first.actor, "m", true}});
  const auto reason = failure_of(refused);
  CAF_CHECK(reason.code == status_code::failed_precondition);
  CAF_CHECK(test::contains(reason.message, "group 'g': batch_size: got 3, and the group has 1"));
  die(first);
}

CAF_TEST(a group whose store is away says so and goes on later) {
  const auto one = join(spec_of(1000));
  turn(one, {}, 1);
  backend->problem = "no route";
  // What is leased is handed out until the lease is over.
  turn(one, one.heard->batches, 10);
  CAF_CHECK_EQUAL(one.heard->batches.size(), 11u);
  pass(12s);
  turn(one, {}, 10);
  CAF_CHECK_EQUAL(one.heard->batches.size(), 11u);
  const auto wait = answer_from(one.joined.group, get_group_wait{one.joined.member});
  CAF_CHECK_EQUAL(wait.on, "store");
  CAF_CHECK(test::contains(wait.why, "no route"));
  CAF_CHECK_EQUAL(answer_from(one.joined.group, get_actor_report{}).state, "store_away");
  die(one);
}

CAF_TEST(who waits hears who has what is missing) {
  const auto holder = join(spec_of(2), "holder");
  const auto other = join(spec_of(2), "other");
  turn(holder, {}, 1);
  turn(other, {}, 1);
  turn(other, other.heard->batches, 5);
  pass(5s);
  const auto wait = answer_from(other.joined.group, get_group_wait{other.joined.member});
  CAF_CHECK_EQUAL(wait.on, "group");
  CAF_CHECK_EQUAL(wait.own, 0u);
  CAF_CHECK_EQUAL(wait.others, 1u);
  CAF_CHECK(test::contains(wait.why, "'holder' has 1 for 5 s"));
  die(holder);
  die(other);
}

CAF_TEST(recorded is what the store has) {
  const auto one = join(spec_of(10));
  turn(one, {}, 1);
  turn(one, one.heard->batches, 0);
  auto recorded = send_request(one.joined.group, record_acks{one.joined.member});
  expect_done(recorded);
  CAF_CHECK_EQUAL(backend->load_group("g")->group.acked, 1u);
  CAF_CHECK(backend->was_durable);
  // It is known to the store for a while, which could lose it.
  turn(one, {}, 1);
  turn(one, {one.heard->batches.back()}, 0);
  pass(1s);
  CAF_CHECK(!backend->was_durable);
  auto again = send_request(one.joined.group, record_acks{one.joined.member});
  expect_done(again);
  CAF_CHECK(backend->was_durable);
  die(one);
}

CAF_TEST(a group that was set to another place ends for its members) {
  const auto one = join(spec_of(10));
  turn(one, {}, 1);
  answer_from(store, seek_group{"g", 0, 5});
  pass(1s);
  CAF_REQUIRE_EQUAL(one.heard->closed.size(), 1u);
  CAF_CHECK(one.heard->closed[0].code == status_code::aborted);
  const auto again = join(spec_of(10));
  CAF_CHECK_EQUAL(again.joined.generation, 2);
  turn(again, {}, 10);
  CAF_CHECK_EQUAL(again.heard->batches.size(), 5u);
  die(one);
  die(again);
}

CAF_TEST(a group that was deleted ends for its members and begins anew) {
  const auto one = join(spec_of(10));
  turn(one, {}, 1);
  auto deleted = send_request(store, delete_group{"g"});
  expect_done(deleted);
  pass(1s);
  CAF_REQUIRE_EQUAL(one.heard->closed.size(), 1u);
  CAF_CHECK(test::contains(one.heard->closed[0].message, "was deleted"));
  const auto again = join(spec_of(10));
  turn(again, {}, 1);
  CAF_CHECK((again.heard->batches == batches{{0, 0}}));
  die(one);
  die(again);
}

CAF_TEST(a group without members gives its leases back and is gone) {
  const auto one = join(spec_of(100));
  turn(one, {}, 1);
  turn(one, one.heard->batches, 0);
  die(one);
  pass(1s);
  const auto there = *backend->load_group("g");
  CAF_REQUIRE_EQUAL(there.leases.size(), 1u);
  CAF_CHECK_EQUAL(there.leases.begin()->second.dispatcher, "");
  CAF_CHECK(answer_from(directory, get_groups_report{}).groups.empty());
}

CAF_TEST(members that come while a group goes join the same one) {
  const auto one = join(spec_of(100));
  const auto before = backend->transactions;
  const auto ask = [this] {
    const auto actor = sys.spawn(fake_member, std::make_shared<member_record>());
    return self->request(directory, caf::infinite, find_group{"g", spec_of(100), {actor, "m", true}});
  };
  auto first = ask();
  auto second = ask();
  while (backend->transactions == before)
    CAF_REQUIRE(sched.try_run_once());
  // Both are answered by the store, and turn to a group that is no more.
  anon_send_exit(one.joined.group, caf::exit_reason::kill);
  sched.run();
  CAF_CHECK(answer_to(first).group == answer_to(second).group);
  die(one);
}

CAF_TEST(a member gives back what it was not sent and takes no more) {
  const auto first = join(spec_of(10));
  const auto other = join(spec_of(10));
  turn(first, {}, 3);
  anon_send(first.joined.group, return_batches{first.joined.member, {{0, 1}, {0, 2}}});
  sched.run();
  turn(other, {}, 2);
  CAF_CHECK((other.heard->batches == batches{{0, 1}, {0, 2}}));
  CAF_CHECK(!other.heard->redelivered[0]);
  die(first);
  die(other);
}

CAF_TEST_FIXTURE_SCOPE_END()
