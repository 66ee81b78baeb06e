#define CAF_SUITE assembler_windows

#include "actors/session/assembler.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "tests/actors/session/assembler_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// The windows of the first epoch have the positions [0, 20), [20, 40) and so on.
struct fixture : test::assembler_fixture {
  indices window(std::int64_t index) const { return blocks_at(20 * index, 20 * index + 20); }

  /// The blocks of two windows.
  indices windows(std::int64_t first, std::int64_t second) const {
    auto result = window(first);
    for (const auto each : window(second))
      result.push_back(each);
    std::sort(result.begin(), result.end());
    return result;
  }

  /// How often each block was asked for.
  std::map<std::int32_t, int> times_asked() const {
    std::map<std::int32_t, int> result;
    for (const auto& each : blocks->questions)
      ++result[each.first.index];
    return result;
  }

  /// Gives all blocks that are asked for, also those that are asked for then, and notes them.
  void give_all() {
    while (!requested().empty()) {
      const auto block = blocks->dataset.block_at(requested().front());
      given.push_back(block->received());
      give_block(block->index(), block);
    }
  }

  std::size_t blocks_in_memory() const {
    return static_cast<std::size_t>(
      std::count_if(given.begin(), given.end(), [](const auto& x) { return !x.expired(); }));
  }

  std::vector<std::weak_ptr<const received_batch>> given;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(assembler_windows_tests, fixture)

CAF_TEST(a block is asked for by its name in the cache) {
  start();
  ask(a, 0, 0, 1, in(60s));
  CAF_REQUIRE(!blocks->questions.empty());
  const auto& question = blocks->questions[0];
  CAF_CHECK((indices{question.first.index} == blocks_at(0, 1)));
  CAF_CHECK_EQUAL(question.first.dataset, "numbers");
  CAF_CHECK_EQUAL(question.first.batch_size, 10);
  CAF_CHECK(question.first.fingerprint == key().fingerprint);
  CAF_CHECK_EQUAL(question.count, 1);
  CAF_CHECK(question.until == in(60s));
  CAF_CHECK(question.needs_received);
}

CAF_TEST(the next window is asked for while this one is read) {
  options.ahead_timeout = 30s;
  start();
  ask(a, 0, 0, 1, in(60s));
  CAF_CHECK_EQUAL(requested(), windows(0, 1));
  // No batch waits for the others.
  for (std::size_t i = 1; i < blocks->questions.size(); ++i)
    CAF_CHECK(blocks->questions[i].until == in(30s));
}

CAF_TEST(no more than some blocks are asked for ahead at a time) {
  options.blocks_ahead = 1;
  start();
  ask(a, 0, 0, 1);
  const auto awaited = blocks_at(0, 1);
  CAF_REQUIRE_EQUAL(requested().size(), 2u);
  for (const auto each : requested())
    if (each != awaited[0])
      give_block(each);
  CAF_CHECK_EQUAL(requested().size(), 2u);
  give_block(awaited[0]);
  // One that was asked for ahead is left.
  CAF_CHECK_EQUAL(requested().size(), 1u);
  give_all();
  CAF_CHECK_EQUAL(times_asked().size(), 4u);
}

CAF_TEST(what was asked for ahead and is waited for now makes room for more) {
  options.blocks_ahead = 1;
  start();
  ask(a, 0, 0, 1);
  ask(a, 1, 0, 20);
  // Both blocks of the window are waited for, and one of the next is asked for ahead.
  CAF_CHECK_EQUAL(requested().size(), 3u);
}

CAF_TEST(each block is asked for once in an epoch however many read it) {
  start();
  std::uint64_t ticket = 0;
  for (std::int64_t at = 0; at < 40; at += 4) {
    ask(a, ++ticket, at, at + 4);
    ask(b, ticket, at, at + 4);
    ask(c, ticket, at, at + 2);
    give_all();
    CAF_REQUIRE(a.has(ticket));
    CAF_REQUIRE(c.has(ticket));
  }
  for (const auto& [index, times] : times_asked())
    CAF_CHECK_EQUAL(times, 1);
  CAF_CHECK_EQUAL(times_asked().size(), 6u);
}

CAF_TEST(no more than two windows are kept) {
  start();
  std::uint64_t ticket = 0;
  for (std::int64_t at = 0; at < 60; at += 5) {
    ask(a, ++ticket, at, at + 5);
    give_all();
    CAF_CHECK_EQUAL(rows_of(a, ticket), due(at, at + 5));
    CAF_CHECK_EQUAL(blocks_in_memory(), 4u);
  }
}

CAF_TEST(a batch from a window that is not kept asks for its blocks and keeps them no longer) {
  blocks->dataset.samples = 100;
  order.samples = 100;
  start();
  ask(a, 0, 40, 44);
  ask(b, 0, 44, 48);
  give_all();
  CAF_CHECK_EQUAL(times_asked().size(), 4u);
  ask(c, 0, 0, 20);
  CAF_CHECK_EQUAL(requested(), window(0));
  give_all();
  CAF_CHECK_EQUAL(rows_of(c, 0), due(0, 20));
  CAF_CHECK_EQUAL(blocks_in_memory(), 4u);
}

CAF_TEST(the windows are those of the takers that are left) {
  start();
  ask(a, 0, 0, 4);
  ask(c, 0, 0, 4);
  ask(b, 0, 40, 44);
  give_all();
  leave(a);
  leave(c);
  // Nobody reads the first two windows any more, so the one that is read is kept, and the next.
  ask(b, 1, 44, 48);
  give_all();
  CAF_CHECK_EQUAL(rows_of(b, 1), due(44, 48));
  CAF_CHECK_EQUAL(blocks_in_memory(), 4u);
}

CAF_TEST(blocks that only a taker has waited for that is gone are not kept) {
  start();
  ask(a, 0, 20, 24);
  ask(b, 0, 24, 28);
  give_all();
  ask(c, 0, 0, 20);
  leave(c);
  give_all();
  CAF_CHECK_EQUAL(blocks_in_memory(), 4u);
}

CAF_TEST(a block that fails ahead is asked for again when a batch needs it) {
  start();
  ask(a, 0, 0, 1);
  give_blocks(blocks_at(0, 1));
  const auto next = blocks_at(20, 21).front();
  fail_block(next, status_code::unavailable);
  CAF_CHECK(a.got->failures.empty());
  const auto left = requested();
  CAF_CHECK_EQUAL(std::count(left.begin(), left.end(), next), 0);
  ask(a, 1, 20, 21);
  give_block(next);
  CAF_CHECK_EQUAL(rows_of(a, 1), due(20, 21));
}

CAF_TEST(a window larger than the dataset is all of it) {
  order.shuffle->window = std::int64_t{1} << 40;
  start();
  ask(a, 0, 0, 60);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 2, 3, 4, 5}));
  give_all();
  CAF_CHECK_EQUAL(rows_of(a, 0), due(0, 60));
}

CAF_TEST_FIXTURE_SCOPE_END()
