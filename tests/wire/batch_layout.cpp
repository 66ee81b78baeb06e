#define CAF_SUITE batch_layout

#include "wire/batch_layout.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>

using dispatch::batch_layout;
using dispatch::dataset_description;

namespace {

/// A thousand samples of 16 bytes.
const dataset_description described{"d", 1000, {4, 2}, "uint16"};

bool fits(const batch_layout& layout, std::int32_t index, std::uint64_t bytes) {
  return !layout.misfit(index, bytes);
}

bool has(const std::optional<std::string>& text, const std::string& part) {
  return text && text->find(part) != std::string::npos;
}

} // namespace

CAF_TEST(batches as they were asked for) {
  const batch_layout layout{described, 30, 480};
  CAF_REQUIRE(layout.is_known());
  CAF_CHECK_EQUAL(layout.batch_samples(), 30);
  CAF_CHECK(layout.batches() == 34);
  CAF_CHECK(fits(layout, 0, 480));
  CAF_CHECK(fits(layout, 32, 480));
  CAF_CHECK(fits(layout, 33, 160));
  CAF_CHECK(!fits(layout, 33, 480));
  CAF_CHECK(!fits(layout, 32, 160));
  CAF_CHECK(!fits(layout, 34, 160));
}

CAF_TEST(batches that are smaller than was asked for are followed) {
  const batch_layout layout{described, 30, 160};
  CAF_CHECK_EQUAL(layout.batch_samples(), 10);
  CAF_CHECK(layout.batches() == 100);
  CAF_CHECK(fits(layout, 99, 160));
}

CAF_TEST(batches that are larger than was asked for are followed) {
  const batch_layout layout{described, 30, 1024};
  CAF_CHECK_EQUAL(layout.batch_samples(), 64);
  CAF_CHECK(layout.batches() == 16);
  CAF_CHECK(fits(layout, 15, 640));
}

CAF_TEST(a dataset of one short batch is as it was asked for) {
  const batch_layout layout{described, 3000, 16000};
  CAF_CHECK_EQUAL(layout.batch_samples(), 3000);
  CAF_CHECK(layout.batches() == 1);
  CAF_CHECK(fits(layout, 0, 16000));
}

CAF_TEST(a first batch of more samples than are described does not fit) {
  const batch_layout layout{described, 3000, 32000};
  CAF_CHECK(layout.batches() == 1);
  CAF_CHECK(has(layout.misfit(0, 32000), "batch 0 has 2000 samples where 1000 samples"));
}

CAF_TEST(a misfit names both numbers) {
  const batch_layout layout{described, 30, 480};
  CAF_CHECK(has(layout.misfit(5, 464), "batch 5 has 29 samples where 30 samples of 16 bytes are due"));
  CAF_CHECK(has(layout.misfit(5, 470), "batch 5 has 470 bytes where 30 samples of 16 bytes are due"));
  CAF_CHECK(has(layout.misfit(5, 0), "batch 5 has 0 samples where 30 samples"));
}

CAF_TEST(what cannot be counted fits) {
  const dataset_description without_total{"d", 0, {16}, "uint8"};
  const dataset_description without_type{"d", 1000, {16}, ""};
  for (const auto& layout : {batch_layout{}, batch_layout{without_total, 30, 480}, batch_layout{without_type, 30, 480},
                             batch_layout{described, 30, 481}, batch_layout{described, 30, 0}}) {
    CAF_CHECK(!layout.is_known());
    CAF_CHECK(!layout.batches());
    CAF_CHECK(fits(layout, 0, 480));
    CAF_CHECK(fits(layout, 7, 3));
    CAF_CHECK(fits(layout, std::numeric_limits<std::int32_t>::max(), 0));
  }
}

CAF_TEST(an empty shape is a single number where the batch is as it was asked for) {
  const dataset_description numbers{"d", 1000, {}, "int64"};
  CAF_CHECK((batch_layout{numbers, 30, 240}.batches() == 34));
  CAF_CHECK((!batch_layout{numbers, 30, 480}.is_known()));
}

CAF_TEST(the largest numbers do not overflow) {
  constexpr auto highest = std::numeric_limits<std::int32_t>::max();
  const batch_layout layout{{"d", highest, {1}, "uint8"}, 1, 1};
  CAF_CHECK(layout.batches() == highest);
  CAF_CHECK(fits(layout, highest - 1, 1));
  const batch_layout wide{{"d", highest, {1}, "uint8"}, highest, std::uint64_t{highest}};
  CAF_CHECK(wide.batches() == 1);
  CAF_CHECK(!fits(wide, highest, 1));
  CAF_CHECK(!fits(wide, 0, std::numeric_limits<std::uint64_t>::max()));
}
