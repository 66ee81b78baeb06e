#define CAF_SUITE column_layout

#include "wire/column_layout.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>
#include <string>

#include "tests/support/batches.hpp"
#include "wire/batch_layout.hpp"

using namespace dispatch;
using test::receive;
using test::with_column;

namespace {

constexpr auto batch_size = 30;

/// A thousand samples of 4 bytes, each with a label of 8 bytes and a box of 4.
const dataset_description described{"d", 1000, {4}, "uint8", {}, {{"label", {}, "int64"}, {"box", {2}, "bfloat16"}}};

received_batch batch_of(std::int32_t index, std::size_t data, std::size_t label, std::size_t box) {
  const auto bytes = [](std::size_t size) { return std::string(size, 'x'); };
  return with_column(with_column(receive(index, false, bytes(data)), "label", bytes(label)), "box", bytes(box));
}

std::string misfit(const received_batch& batch, const dataset_description& description = described) {
  return column_layout{description, batch_size}.misfit(batch).value_or("");
}

} // namespace

CAF_TEST(columns have a row for each sample of data) {
  CAF_CHECK_EQUAL(misfit(batch_of(3, 120, 240, 120)), "");
  CAF_CHECK_EQUAL(misfit(batch_of(33, 40, 80, 40)), "");
  CAF_CHECK_EQUAL(misfit(batch_of(3, 120, 40, 120)),
                  "column 'label' of batch 3 has 40 bytes where 30 samples of 8 bytes are due");
  CAF_CHECK_EQUAL(misfit(batch_of(3, 120, 240, 116)),
                  "column 'box' of batch 3 has 116 bytes where 30 samples of 4 bytes are due");
  CAF_CHECK_EQUAL(misfit(batch_of(3, 120, 0, 120)),
                  "column 'label' of batch 3 has 0 bytes where 30 samples of 8 bytes are due");
  CAF_CHECK_EQUAL(misfit(batch_of(3, 120, 241, 120)),
                  "column 'label' of batch 3 has 241 bytes where 30 samples of 8 bytes are due");
}

CAF_TEST(the rows are those that the batch has and not those that were asked for) {
  CAF_CHECK_EQUAL(misfit(batch_of(0, 40, 80, 40)), "");
  CAF_CHECK_EQUAL(misfit(batch_of(0, 400, 800, 400)), "");
}

CAF_TEST(a described column has to be there once) {
  const auto without_box = with_column(receive(3, false, std::string(120, 'x')), "label", std::string(240, 'x'));
  CAF_CHECK_EQUAL(misfit(without_box), "batch 3 has no column 'box', which is described");
  CAF_CHECK_EQUAL(misfit(with_column(batch_of(3, 120, 240, 120), "label", std::string(240, 'x'))),
                  "batch 3 has more than one column 'label'");
}

CAF_TEST(columns may come in any order and others are not looked at) {
  auto batch = receive(3, false, std::string(120, 'x'));
  batch = with_column(batch, "box", std::string(120, 'x'));
  batch = with_column(batch, "more", "x");
  batch = with_column(batch, "", "x");
  batch = with_column(batch, "more", "xyz");
  batch = with_column(batch, "label", std::string(240, 'x'));
  CAF_CHECK_EQUAL(misfit(batch), "");
}

CAF_TEST(data is no column of the name that is described) {
  const dataset_description unnamed{"d", 1000, {4}, "uint8", "image", {{"data", {}, "uint8"}}};
  CAF_CHECK_EQUAL(misfit(receive(3, false, std::string(120, 'x')), unnamed),
                  "batch 3 has no column 'data', which is described");
}

CAF_TEST(a column of rows of unknown size has to be there) {
  const dataset_description texts{"d", 1000, {4}, "uint8", {}, {{"text", {}, "utf8"}}};
  const auto batch = receive(3, false, std::string(120, 'x'));
  CAF_CHECK_EQUAL(misfit(with_column(batch, "text", "any"), texts), "");
  CAF_CHECK_EQUAL(misfit(batch, texts), "batch 3 has no column 'text', which is described");
}

CAF_TEST(where samples cannot be counted every batch fits) {
  CAF_CHECK_EQUAL(misfit(receive(3, false, std::string(121, 'x'))), "");
  CAF_CHECK_EQUAL(misfit(receive(3, false, "")), "");
  CAF_CHECK_EQUAL(misfit(received_batch{}), "");
}

CAF_TEST(without a shape samples are counted where the batch is as it was asked for) {
  const dataset_description numbers{"d", 1000, {}, "uint8", {}, {{"label", {}, "uint8"}}};
  CAF_CHECK_EQUAL(misfit(receive(3, false, std::string(30, 'x')), numbers),
                  "batch 3 has no column 'label', which is described");
  CAF_CHECK_EQUAL(misfit(receive(33, false, std::string(10, 'x')), numbers),
                  "batch 33 has no column 'label', which is described");
  CAF_CHECK_EQUAL(misfit(receive(3, false, std::string(60, 'x')), numbers), "");
  CAF_CHECK_EQUAL(misfit(receive(33, false, std::string(30, 'x')), numbers), "");
}

CAF_TEST(the largest rows do not overflow) {
  constexpr auto highest = std::numeric_limits<std::int32_t>::max();
  const dataset_description wide{"d", 1000, {4}, "uint8", {}, {{"wide", {highest, highest}, "uint8"}}};
  const auto batch = with_column(receive(3, false, std::string(120, 'x')), "wide", "x");
  CAF_CHECK(misfit(batch, wide).find("where 30 samples of 4611686014132420609 bytes are due") != std::string::npos);
}

CAF_TEST(a layout looks at data and at columns) {
  const batch_layout layout{described, batch_size, 120};
  CAF_CHECK(!layout.misfit(batch_of(3, 120, 240, 120)));
  CAF_CHECK(layout.misfit(batch_of(3, 116, 232, 116))->find("batch 3 has 29 samples where 30") == 0);
  CAF_CHECK(layout.misfit(batch_of(3, 120, 232, 120))->find("column 'label' of batch 3 has 232 bytes") == 0);
}

CAF_TEST(columns have to fit before the first batch has come) {
  const batch_layout layout{described, batch_size};
  CAF_CHECK(!layout.is_known());
  CAF_CHECK(!layout.misfit(batch_of(0, 120, 240, 120)));
  CAF_CHECK(!layout.misfit(batch_of(0, 40, 80, 40)));
  CAF_CHECK(layout.misfit(batch_of(0, 120, 232, 120)));
}

CAF_TEST(nothing has to fit where samples are not described or the first batch has no whole samples) {
  auto without_total = described;
  without_total.total_samples = 0;
  auto without_type = described;
  without_type.data_type.clear();
  for (const auto& layout :
       {batch_layout{}, batch_layout{without_total, batch_size}, batch_layout{without_total, batch_size, 120},
        batch_layout{without_type, batch_size}, batch_layout{described, batch_size, 121}})
    CAF_CHECK(!layout.misfit(batch_of(0, 120, 232, 120)));
}

CAF_TEST(a batch that has become text is looked at by its data alone) {
  const batch_layout layout{described, batch_size, 120};
  const batch lacking{batch_of(3, 120, 232, 120)};
  CAF_CHECK(layout.misfit(lacking));
  const batch whole{batch_of(3, 120, 240, 120)};
  CAF_CHECK(!layout.misfit(whole));
  whole.classic_text();
  CAF_CHECK(!layout.misfit(whole));
}
