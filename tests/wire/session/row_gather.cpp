#define CAF_SUITE row_gather

#include "wire/session/row_gather.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/numbered_dataset.hpp"

using namespace dispatch;

namespace {

using numbers = std::vector<std::int64_t>;

const test::numbered_dataset dataset{35, 10};

/// A block whose columns came in slices of a few bytes.
received_batch in_slices(const received_batch& whole, std::size_t size) {
  received_batch result{whole.index, false, {}};
  for (const auto& each : whole.columns) {
    const auto owner = std::make_shared<const std::string>(each.bytes.prefix(each.bytes.size()));
    std::vector<std::string_view> slices;
    for (std::size_t i = 0; i < owner->size(); i += size)
      slices.push_back(std::string_view{*owner}.substr(i, size));
    result.columns.push_back({each.name, received_bytes{std::move(slices), owner}});
  }
  return result;
}

std::string label_of(const received_batch& from) {
  const auto& bytes = from.columns.at(1).bytes;
  return bytes.prefix(bytes.size());
}

} // namespace

CAF_TEST(rows come in the order of their runs) {
  const auto first = dataset.received_block(0);
  const auto last = dataset.received_block(3);
  const auto got = gather_rows(dataset.columns(), {{&last, 3, 2}, {&first, 0, 1}, {&first, 7, 3}, {&first, 0, 1}});
  CAF_CHECK_EQUAL(test::numbers_of(*got), (numbers{33, 34, 0, 7, 8, 9, 0}));
  CAF_CHECK_EQUAL(label_of(*got), std::string("\x21\x22\0\7\x8\x9\0", 7));
}

CAF_TEST(columns have the names that they were received with) {
  const auto block = dataset.received_block(0);
  const auto got = gather_rows(dataset.columns(), {{&block, 0, 10}});
  CAF_REQUIRE_EQUAL(got->columns.size(), 2u);
  CAF_CHECK_EQUAL(got->columns[0].name, "");
  CAF_CHECK_EQUAL(got->columns[1].name, "label");
}

CAF_TEST(it makes no difference in which slices a block came) {
  const auto whole = dataset.received_block(1);
  for (std::size_t size = 1; size <= 20; ++size) {
    const auto block = in_slices(whole, size);
    for (std::int64_t row = 0; row < 10; ++row)
      for (std::int64_t count = 1; row + count <= 10; ++count) {
        const auto got = gather_rows(dataset.columns(), {{&block, row, count}});
        numbers expected;
        for (std::int64_t i = 0; i < count; ++i)
          expected.push_back(10 + row + i);
        CAF_REQUIRE_EQUAL(test::numbers_of(*got), expected);
        CAF_REQUIRE_EQUAL(label_of(*got),
                          label_of(whole).substr(static_cast<std::size_t>(row), static_cast<std::size_t>(count)));
      }
  }
}

CAF_TEST(all columns of a batch lie in one piece of memory) {
  const auto block = in_slices(dataset.received_block(0), 3);
  const auto got = gather_rows(dataset.columns(), {{&block, 2, 4}});
  for (const auto& each : got->columns)
    CAF_CHECK_EQUAL(each.bytes.slices().size(), 1u);
  const auto first = got->columns[0].bytes.slices()[0];
  CAF_CHECK(got->columns[1].bytes.slices()[0].data() == first.data() + first.size());
}

CAF_TEST(the batch outlives its blocks) {
  auto block = std::make_unique<received_batch>(dataset.received_block(0));
  const auto got = gather_rows(dataset.columns(), {{block.get(), 4, 2}});
  block.reset();
  CAF_CHECK_EQUAL(test::numbers_of(*got), (numbers{4, 5}));
}

CAF_TEST(no rows make an empty batch) {
  const auto got = gather_rows(dataset.columns(), {});
  CAF_REQUIRE_EQUAL(got->columns.size(), 2u);
  CAF_CHECK_EQUAL(got->columns[0].bytes.size(), 0u);
}
