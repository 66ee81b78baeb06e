#define CAF_SUITE session_column

#include "wire/session/session_column.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

#include "tests/support/batches.hpp"
#include "tests/support/numbered_dataset.hpp"

using namespace dispatch;

namespace {

const test::numbered_dataset dataset{35, 10};
const order_spec order{35, 10, std::nullopt};

std::string misfit_of(const received_batch& block, const order_spec& of = order) {
  return block_misfit(dataset.columns(), of, block).value_or("");
}

} // namespace

CAF_TEST(the columns of a dataset begin with its samples) {
  const auto columns = columns_of(
    {"mnist", 60'000, {1, 28, 28}, "torch.float32", "image", {{"label", {}, "uint8"}, {"box", {4}, "float16"}}});
  CAF_REQUIRE_EQUAL(columns.size(), 3u);
  CAF_CHECK_EQUAL(columns[0].name, "image");
  CAF_CHECK_EQUAL(columns[0].received_name, "");
  CAF_CHECK_EQUAL(columns[0].data_type, "float32");
  CAF_CHECK_EQUAL(columns[0].shape, (std::vector<std::int32_t>{1, 28, 28}));
  CAF_CHECK_EQUAL(columns[0].row_bytes, 3136u);
  CAF_CHECK_EQUAL(columns[1].name, "label");
  CAF_CHECK_EQUAL(columns[1].received_name, "label");
  CAF_CHECK_EQUAL(columns[1].row_bytes, 1u);
  CAF_CHECK(columns[1].shape.empty());
  CAF_CHECK_EQUAL(columns[2].row_bytes, 8u);
}

CAF_TEST(samples without a name are called data) {
  const auto columns = columns_of({"mnist", 0, {}, ""});
  CAF_REQUIRE_EQUAL(columns.size(), 1u);
  CAF_CHECK_EQUAL(columns[0].name, "data");
  CAF_CHECK_EQUAL(columns[0].data_type, "");
}

CAF_TEST(elements without a fixed size have rows that cannot be counted) {
  CAF_CHECK_EQUAL(columns_of({"mnist", 10, {2}, "object"})[0].row_bytes, 0u);
  CAF_CHECK_EQUAL(columns_of({"mnist", 10, {}, ""})[0].row_bytes, 0u);
}

CAF_TEST(the bytes of a column are found by the name that it came with) {
  const auto block = dataset.received_block(0);
  const auto columns = dataset.columns();
  CAF_CHECK_EQUAL(bytes_of(block, columns[0]).size(), 20u);
  CAF_CHECK_EQUAL(bytes_of(block, columns[1]).size(), 10u);
  CAF_CHECK_EQUAL(bytes_of(block, {"other", "other", "uint8", {}, 1}).size(), 0u);
}

CAF_TEST(a block with all rows of all columns fits) {
  for (auto i = 0; i < 4; ++i)
    CAF_CHECK_EQUAL(misfit_of(dataset.received_block(i)), "");
}

CAF_TEST(a block that is too short or too long does not fit) {
  CAF_CHECK_EQUAL(
    misfit_of(test::numbered_dataset::batch_of({1, 2, 3}, 2)),
    "column 'x' of block 2 has 6 bytes where 10 rows of 2 bytes are due: the dataset service does not make "
    "blocks of 10 samples any more");
  CAF_CHECK(!misfit_of(test::numbered_dataset::batch_of(std::vector<std::int64_t>(11), 2)).empty());
}

CAF_TEST(the last block has the rows that are left) {
  const test::numbered_dataset longer{40, 10};
  CAF_CHECK_EQUAL(
    misfit_of(longer.received_block(3)),
    "column 'x' of block 3 has 20 bytes where 5 rows of 2 bytes are due: the dataset service does not make "
    "blocks of 10 samples any more");
}

CAF_TEST(a block of a larger size fits no order of smaller ones) {
  const test::numbered_dataset larger{35, 20};
  CAF_CHECK(!misfit_of(larger.received_block(0)).empty());
}

CAF_TEST(a column that is missing or short is named) {
  auto block = test::receive(0, false, std::string(20, 'x'));
  CAF_CHECK(misfit_of(block).rfind("column 'label' of block 0 has 0 bytes where 10 rows of 1 bytes are due", 0) == 0);
  block = test::with_column(block, "label", "123456789");
  CAF_CHECK(misfit_of(block).rfind("column 'label' of block 0 has 9 bytes", 0) == 0);
}
