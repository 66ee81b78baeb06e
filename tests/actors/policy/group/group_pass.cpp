#define CAF_SUITE group_pass

#include "actors/policy/group/group_pass.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <variant>

#include "tests/actors/policy/group/group_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using policy::group_pass;
using policy::session_pass;

namespace {

struct fixture {
  group_pass::time_point now{1000s};
  /// Two epochs of 4 batches of 10 samples, each a block.
  group_spec spec = [] {
    auto result = spec_of(40, 2);
    result.batch_size = 10;
    return result;
  }();
  group_pass pass{spec, 0, {8, 8}};

  /// Asks for the next batch, which comes at once.
  void ask_and_get() {
    const auto wanted = pass.ask(now);
    CAF_REQUIRE(wanted);
    CAF_CHECK(pass.rows_arrived(wanted->ticket, std::make_shared<const received_batch>()));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(group_pass_tests, fixture)

CAF_TEST(what the group hands out is asked for and departs in that order) {
  CAF_CHECK(!pass.ask(now));
  pass.hand({{{0, 2}, false}, {{0, 0}, true}});
  CAF_CHECK_EQUAL(pass.free_room(), 6u);
  const auto wanted = pass.ask(now);
  CAF_REQUIRE(wanted);
  CAF_CHECK_EQUAL(wanted->block.value_or(-1), 2);
  CAF_CHECK((wanted->positions == std::vector<position_range>{{20, 30}}));
  CAF_CHECK(!pass.depart());
  CAF_CHECK(pass.rows_arrived(wanted->ticket, std::make_shared<const received_batch>()));
  ask_and_get();
  const auto first = std::get<session_pass::ready_batch>(*pass.depart());
  CAF_CHECK_EQUAL(first.position, 20);
  CAF_CHECK_EQUAL(first.next_position, 30);
  CAF_CHECK(!first.is_redelivered);
  CAF_CHECK(std::get<session_pass::ready_batch>(*pass.depart()).is_redelivered);
  CAF_CHECK(!pass.depart());
}

CAF_TEST(an epoch is over when the group says so with what this member had of it) {
  pass.hand({{{0, 0}, false}, {{1, 0}, false}});
  ask_and_get();
  ask_and_get();
  pass.move_on(1, false);
  CAF_CHECK_EQUAL(std::get<session_pass::ready_batch>(*pass.depart()).epoch, 0u);
  CAF_CHECK_EQUAL(std::get<session_pass::ready_batch>(*pass.depart()).epoch, 1u);
  const auto over = std::get<session_pass::epoch_over>(*pass.depart());
  CAF_CHECK_EQUAL(over.epoch, 0u);
  CAF_CHECK_EQUAL(over.given.batches, 1u);
  CAF_CHECK_EQUAL(over.given.samples, 10u);
  CAF_CHECK(!pass.depart());
  pass.move_on(2, true);
  CAF_CHECK_EQUAL(std::get<session_pass::epoch_over>(*pass.depart()).given.batches, 1u);
  CAF_CHECK_EQUAL(std::get<session_pass::all_over>(*pass.depart()).given.batches, 2u);
  CAF_CHECK(!pass.depart());
}

CAF_TEST(a member that comes when all is over is told so once) {
  pass.move_on(2, true);
  pass.move_on(2, true);
  CAF_CHECK(std::holds_alternative<session_pass::epoch_over>(*pass.depart()));
  CAF_CHECK(std::holds_alternative<session_pass::epoch_over>(*pass.depart()));
  CAF_CHECK(std::holds_alternative<session_pass::all_over>(*pass.depart()));
  CAF_CHECK(!pass.depart());
}

CAF_TEST_FIXTURE_SCOPE_END()
