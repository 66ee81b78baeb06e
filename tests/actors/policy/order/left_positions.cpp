#define CAF_SUITE left_positions

#include "actors/policy/order/left_positions.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using namespace dispatch;
using policy::left_positions;

namespace {

using ranges = std::vector<position_range>;

/// The same by counting.
std::vector<std::int64_t> left_of(std::int64_t samples, const ranges& skipped) {
  std::vector<std::int64_t> result;
  for (std::int64_t position = 0; position < samples; ++position)
    if (std::none_of(skipped.begin(), skipped.end(),
                     [&](position_range x) { return x.from <= position && position < x.to; }))
      result.push_back(position);
  return result;
}

std::vector<std::int64_t> numbers_in(const ranges& all) {
  std::vector<std::int64_t> result;
  for (const auto& range : all)
    for (auto position = range.from; position < range.to; ++position)
      result.push_back(position);
  return result;
}

} // namespace

CAF_TEST(nothing is skipped where nothing is to be) {
  const left_positions left{5, {}};
  CAF_CHECK_EQUAL(left.count(), 5);
  CAF_CHECK_EQUAL(left.position_of(3), 3);
  CAF_CHECK_EQUAL(left.position_of(5), 5);
  CAF_CHECK_EQUAL(left.number_at(5), 5);
}

CAF_TEST(all may be skipped) {
  const left_positions left{5, {{0, 9}}};
  CAF_CHECK_EQUAL(left.count(), 0);
  CAF_CHECK_EQUAL(left.skipped(), 5);
  CAF_CHECK_EQUAL(left.number_at(3), 0);
  CAF_CHECK_EQUAL(left.position_of(0), 5);
}

CAF_TEST(numbers and positions are those that counting finds) {
  std::mt19937 random{2};
  for (auto round = 0; round < 2000; ++round) {
    const auto samples = static_cast<std::int64_t>(1 + random() % 40);
    ranges skipped;
    for (auto i = random() % 6; i > 0; --i) {
      const auto from = static_cast<std::int64_t>(random() % 45);
      skipped.push_back({from, from + static_cast<std::int64_t>(random() % 9)});
    }
    const left_positions left{samples, skipped};
    const auto expected = left_of(samples, skipped);
    CAF_REQUIRE_EQUAL(left.count(), static_cast<std::int64_t>(expected.size()));
    for (std::int64_t number = 0; number < left.count(); ++number)
      CAF_REQUIRE_EQUAL(left.position_of(number), expected[static_cast<std::size_t>(number)]);
    for (std::int64_t position = 0; position <= samples; ++position)
      CAF_REQUIRE_EQUAL(left.number_at(position),
                        std::lower_bound(expected.begin(), expected.end(), position) - expected.begin());
    for (std::int64_t from = 0; from < left.count(); ++from) {
      const auto to = from + 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(left.count() - from));
      ranges taken;
      left.append(from, to, taken);
      CAF_REQUIRE(numbers_in(taken) == std::vector<std::int64_t>(expected.begin() + from, expected.begin() + to));
    }
  }
}
