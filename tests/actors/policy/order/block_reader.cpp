#define CAF_SUITE block_reader

#include "actors/policy/order/block_reader.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace dispatch;
using policy::block_reader;
using policy::window_id;

namespace {

/// Sample numbers of rows.
std::vector<std::int64_t> samples_of(const std::vector<policy::block_rows>& rows, std::int64_t block) {
  std::vector<std::int64_t> result;
  for (const auto& each : rows)
    for (std::int64_t i = 0; i < each.count; ++i)
      result.push_back(each.block * block + each.row + i);
  return result;
}

constexpr order_spec shuffled{1003, 10, shuffle_spec{7, 4}};
constexpr order_spec plain{1003, 10, std::nullopt};

} // namespace

CAF_TEST(rows in order are as few runs as blocks allow) {
  block_reader reader{plain};
  const auto rows = reader.rows_at(0, {{5, 25}, {1000, 1003}});
  CAF_REQUIRE_EQUAL(rows.size(), 4u);
  CAF_CHECK_EQUAL(rows[0].block, 0);
  CAF_CHECK_EQUAL(rows[0].row, 5);
  CAF_CHECK_EQUAL(rows[0].count, 5);
  CAF_CHECK_EQUAL(rows[1].count, 10);
  CAF_CHECK_EQUAL(rows[2].count, 5);
  CAF_CHECK_EQUAL(rows[3].block, 100);
  CAF_CHECK_EQUAL(rows[3].count, 3);
}

CAF_TEST(shuffled rows are those of the order) {
  block_reader reader{shuffled};
  for (const std::uint64_t epoch : {0u, 1u, 0u}) {
    const policy::epoch_order order{shuffled, epoch};
    const auto samples = samples_of(reader.rows_at(epoch, {{37, 95}, {990, 1003}}), 10);
    std::vector<std::int64_t> expected;
    for (std::int64_t at = 37; at < 95; ++at)
      expected.push_back(order.sample_at(at));
    for (std::int64_t at = 990; at < 1003; ++at)
      expected.push_back(order.sample_at(at));
    CAF_CHECK(samples == expected);
  }
}

CAF_TEST(the rows of a window are in its blocks and nowhere else) {
  for (const auto& order : {shuffled, plain}) {
    block_reader reader{order};
    CAF_CHECK_EQUAL(reader.windows(), order.shuffle ? 26 : 7);
    for (std::int64_t position = 0; position < order.samples; ++position) {
      const auto window = reader.window_at(3, position);
      const auto block = reader.rows_at(3, {{position, position + 1}}).front().block;
      CAF_REQUIRE(reader.has(window, block));
    }
  }
}

CAF_TEST(the windows of an epoch have each block once) {
  for (const auto& order : {shuffled, plain}) {
    block_reader reader{order};
    std::vector<std::int64_t> all;
    for (std::int64_t index = 0; index < reader.windows(); ++index) {
      const auto blocks = reader.blocks_of({2, index});
      CAF_CHECK(std::is_sorted(blocks.begin(), blocks.end()));
      all.insert(all.end(), blocks.begin(), blocks.end());
    }
    std::sort(all.begin(), all.end());
    CAF_REQUIRE_EQUAL(all.size(), 101u);
    for (std::int64_t block = 0; block < 101; ++block)
      CAF_REQUIRE_EQUAL(all[static_cast<std::size_t>(block)], block);
  }
}
