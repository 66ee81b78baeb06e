#define CAF_SUITE assembler

#include "actors/session/assembler.hpp"

#include "tests/actors/session/assembler_fixture.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/metrics_text.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::assembler_fixture;

CAF_TEST_FIXTURE_SCOPE(assembler_tests, fixture)

// -- batches ----------------------------------------------------------------------------------------------------------

CAF_TEST(a batch has the rows of its positions in all columns) {
  blocks->has_all = true;
  start();
  for (std::int64_t from = 0; from < 60; from += 7) {
    const auto to = std::min<std::int64_t>(from + 7, 60);
    const auto ticket = static_cast<std::uint64_t>(from);
    ask(a, ticket, from, to);
    CAF_REQUIRE(a.has(ticket));
    CAF_CHECK_EQUAL(rows_of(a, ticket), due(from, to));
    const auto& labels = a.got->rows.at(ticket)->columns.at(1);
    CAF_CHECK_EQUAL(labels.name, "label");
    auto expected = test::numbered_dataset::batch_of(due(from, to));
    CAF_CHECK_EQUAL(labels.bytes.prefix(99), expected.columns.at(1).bytes.prefix(99));
  }
  CAF_CHECK_EQUAL(answer_from(assembler, get_actor_report{}).state, "serving");
}

CAF_TEST(a batch may have positions from several places) {
  blocks->has_all = true;
  start();
  ask(a, {{5, 1, {{58, 60}, {0, 3}}}});
  auto expected = due(58, 60, 1);
  for (const auto each : due(0, 3, 1))
    expected.push_back(each);
  CAF_CHECK_EQUAL(rows_of(a, 5), expected);
}

CAF_TEST(without a shuffle the rows are those of the dataset in its order) {
  order.shuffle.reset();
  blocks->has_all = true;
  start();
  ask(a, 0, 8, 13);
  CAF_CHECK_EQUAL(rows_of(a, 0), (numbers{8, 9, 10, 11, 12}));
}

CAF_TEST(batches of one question are answered as their blocks come) {
  order.shuffle.reset();
  start();
  ask(a, {{0, 0, {{0, 4}}}, {1, 0, {{8, 12}}}, {2, 0, {{10, 14}}}});
  give_block(1);
  CAF_CHECK(a.has(2));
  CAF_CHECK(!a.has(1));
  give_block(0);
  CAF_CHECK(a.has(0));
  CAF_CHECK(a.has(1));
}

CAF_TEST(batches that are at hand come in one answer) {
  blocks->has_all = true;
  start();
  ask(a, 0, 0, 4);
  ask(b, {{0, 0, {{0, 4}}}, {1, 0, {{4, 8}}}});
  CAF_CHECK(b.has(0));
  CAF_CHECK_EQUAL(rows_of(b, 1), due(4, 8));
}

CAF_TEST(two takers share one batch that both wait for) {
  start();
  ask(a, 1, 0, 4);
  ask(b, 2, 0, 4);
  give_blocks(blocks_at(0, 4));
  CAF_REQUIRE(a.has(1));
  CAF_REQUIRE(b.has(2));
  CAF_CHECK(a.got->rows.at(1) == b.got->rows.at(2));
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_assembled_batches_total"), 1);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_assembled_shared_total"), 1);
}

CAF_TEST(a taker that comes later gets the batch that was put together for another) {
  blocks->has_all = true;
  start();
  join(a);
  join(b);
  ask(a, 1, 0, 4);
  ask(b, 2, 0, 4);
  CAF_REQUIRE(b.has(2));
  CAF_CHECK(a.got->rows.at(1) == b.got->rows.at(2));
}

CAF_TEST(batches of other positions and of other epochs are told apart) {
  blocks->has_all = true;
  start();
  join(b);
  ask(a, {{0, 0, {{0, 4}}}, {1, 1, {{0, 4}}}, {2, 0, {{0, 5}}}});
  CAF_CHECK_EQUAL(rows_of(a, 0), due(0, 4));
  CAF_CHECK_EQUAL(rows_of(a, 1), due(0, 4, 1));
  CAF_CHECK_EQUAL(rows_of(a, 2), due(0, 5));
}

// -- failures ---------------------------------------------------------------------------------------------------------

CAF_TEST(a block that fails takes with it the batches that need it and no others) {
  order.shuffle.reset();
  start();
  ask(a, {{0, 0, {{0, 4}}}, {1, 0, {{8, 12}}}});
  ask(b, {{7, 0, {{8, 12}}}, {8, 0, {{12, 16}}}});
  fail_block(1, status_code::internal);
  CAF_REQUIRE_EQUAL(a.got->failures.size(), 1u);
  CAF_CHECK(a.got->failures.at(1).code == status_code::internal);
  CAF_CHECK_EQUAL(a.got->failures.at(1).message, "for the test");
  CAF_CHECK_EQUAL(b.got->failures.size(), 2u);
  give_block(0);
  CAF_CHECK(a.has(0));
  CAF_CHECK(!a.has(1));
}

CAF_TEST(a block that has failed is asked for again when a batch needs it again) {
  order.shuffle.reset();
  start();
  ask(a, 0, 10, 14);
  fail_block(1, status_code::internal);
  ask(a, 1, 10, 14);
  give_block(1);
  CAF_CHECK_EQUAL(rows_of(a, 1), (numbers{10, 11, 12, 13}));
}

CAF_TEST(a block of another size is a failure that says what is due) {
  order.shuffle.reset();
  start();
  ask(a, 0, 10, 14);
  auto dataset = blocks->dataset;
  dataset.samples = 19;
  give_block(1, dataset.block_at(1));
  CAF_REQUIRE_EQUAL(a.got->failures.size(), 1u);
  CAF_CHECK(a.got->failures.at(0).code == status_code::failed_precondition);
  CAF_CHECK(test::contains(a.got->failures.at(0).message,
                           "column 'x' of block 1 has 18 bytes where 10 rows of 2 bytes are due"));
}

CAF_TEST(a block that is late for one batch is asked for again for another that has more time) {
  order.shuffle.reset();
  start();
  const auto later = in(60s);
  ask(a, 0, 0, 4, in(10s));
  ask(b, 0, 4, 8, later);
  CAF_CHECK(blocks->questions.at(0).until == in(10s));
  blocks->questions.clear();
  pass(10s);
  fail_block(0, status_code::unavailable);
  CAF_CHECK_EQUAL(a.got->failures.size(), 1u);
  CAF_CHECK(b.got->failures.empty());
  CAF_REQUIRE_EQUAL(blocks->questions.size(), 1u);
  CAF_CHECK_EQUAL(blocks->questions[0].first.index, 0);
  CAF_CHECK(blocks->questions[0].until == later);
  give_block(0);
  CAF_CHECK_EQUAL(rows_of(b, 0), (numbers{4, 5, 6, 7}));
}

CAF_TEST(a batch that two takers wait for has the time of the one with more) {
  order.shuffle.reset();
  start();
  ask(a, 0, 0, 4, in(10s));
  ask(b, 0, 0, 4, in(60s));
  pass(10s);
  fail_block(0, status_code::unavailable);
  CAF_CHECK(a.got->failures.empty());
  CAF_CHECK(b.got->failures.empty());
  pass(50s);
  fail_block(0, status_code::unavailable);
  CAF_CHECK_EQUAL(a.got->failures.size(), 1u);
  CAF_CHECK_EQUAL(b.got->failures.size(), 1u);
}

CAF_TEST(where there are no deadlines unavailable is an answer like any other) {
  order.shuffle.reset();
  start();
  ask(a, 0, 0, 4);
  fail_block(0, status_code::unavailable);
  CAF_CHECK_EQUAL(a.got->failures.size(), 1u);
}

// -- takers -----------------------------------------------------------------------------------------------------------

CAF_TEST(what a taker that is gone has waited for comes for the others) {
  order.shuffle.reset();
  start();
  ask(a, {{0, 0, {{0, 4}}}, {1, 0, {{4, 8}}}});
  ask(b, 5, 0, 4);
  leave(a);
  give_block(0);
  CAF_CHECK(b.has(5));
  CAF_CHECK_EQUAL(b.got->rows.size(), 1u);
}

CAF_TEST(an assembler is gone when its last taker is) {
  start();
  const auto running = sys.registry().running();
  join(a);
  ask(b, 0, 0, 4);
  leave(a);
  CAF_CHECK_EQUAL(sys.registry().running(), running - 1);
  leave(b);
  CAF_CHECK_EQUAL(sys.registry().running(), running - 3);
}

CAF_TEST_FIXTURE_SCOPE_END()
