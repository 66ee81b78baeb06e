#define CAF_SUITE unacked_batches

#include "actors/policy/ack/unacked_batches.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace dispatch;
using policy::unacked_batches;

namespace {

/// A session of batches of 10 samples that has been sent four of them.
unacked_batches four_batches(ack_mode mode) {
  unacked_batches result{mode, {0, 0}};
  for (std::int64_t i = 0; i < 4; ++i)
    result.depart({{0, 10 * (i + 1)}, group_batch{0, i}});
  return result;
}

/// The indices of what is acknowledged now.
std::vector<std::int64_t> acknowledge(unacked_batches& at, const ack& said) {
  const auto found = at.acknowledge(said);
  if (const auto* reason = std::get_if<failure>(&found))
    CAF_FAIL("this is refused: " << reason->message);
  std::vector<std::int64_t> result;
  for (const auto& each : std::get<0>(found))
    result.push_back(each.batch->index);
  return result;
}

ack of_cursor(std::int64_t position) {
  ack result;
  result.cursor.emplace();
  result.cursor->position = position;
  return result;
}

using indices = std::vector<std::int64_t>;

} // namespace

CAF_TEST(asking on acknowledges all that came before) {
  auto batches = four_batches(ack_mode::next);
  CAF_CHECK((acknowledge(batches, {{1}, {}}) == indices{0, 1}));
  CAF_CHECK_EQUAL(batches.place().position, 20);
  CAF_CHECK((acknowledge(batches, {{0, 1}, {}}).empty()));
  CAF_CHECK((acknowledge(batches, of_cursor(40)) == indices{2, 3}));
  CAF_CHECK((acknowledge(batches, of_cursor(40)).empty()));
  CAF_CHECK_EQUAL(batches.place().position, 40);
  CAF_CHECK_EQUAL(batches.size(), 0u);
}

CAF_TEST(an explicit acknowledgement is of its batch alone) {
  auto batches = four_batches(ack_mode::each);
  CAF_CHECK((acknowledge(batches, {{2, 1}, {}}) == indices{1, 2}));
  CAF_CHECK((acknowledge(batches, {{2}, {}}).empty()));
  // There is a gap.
  CAF_CHECK_EQUAL(batches.place().position, 0);
  CAF_CHECK((acknowledge(batches, of_cursor(10)) == indices{0}));
  CAF_CHECK_EQUAL(batches.place().position, 30);
}

CAF_TEST(what was never sent cannot be acknowledged) {
  auto batches = four_batches(ack_mode::next);
  const auto got = batches.acknowledge({{4}, {}});
  CAF_CHECK_EQUAL(std::get<failure>(got).message, "seq: got 4; this session was sent batches 0 to 3");
  CAF_CHECK_EQUAL(std::get<failure>(batches.acknowledge(of_cursor(50))).message,
                  "cursor: got position 50 of epoch 0; this session was sent nothing behind position 40 of epoch 0");
  unacked_batches none{ack_mode::next, {0, 0}};
  CAF_CHECK_EQUAL(std::get<failure>(none.acknowledge({{0}, {}})).message, "seq: got 0; this session was sent no batch");
  CAF_CHECK_EQUAL(batches.size(), 4u);
}

CAF_TEST(batches from a number on) {
  auto batches = four_batches(ack_mode::each);
  acknowledge(batches, {{2}, {}});
  CAF_CHECK((batches.from(1) == std::vector<group_batch>{{0, 1}, {0, 3}}));
  CAF_CHECK(batches.from(4).empty());
}
