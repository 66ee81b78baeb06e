#define CAF_SUITE session_plan

#include "actors/policy/order/session_plan.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <variant>

#include "tests/support/contains.hpp"
#include "wire/fingerprint.hpp"

using namespace dispatch;
using policy::plan_session;
using policy::session_plan;
using test::contains;

namespace {

const policy::session_defaults defaults{"digits", 30};

/// 100 samples of 4 bytes with a label of 1.
dataset_description digits() {
  return {"digits", 100, {4}, "uint8", "image", {{"label", {}, "uint8"}}};
}

/// Its samples cannot be counted.
dataset_description texts() {
  return {"texts", 0, {}, "", {}, {}};
}

batch_layout blocks_of(const dataset_description& description, std::int32_t samples) {
  return {description, samples, static_cast<std::uint64_t>(samples) * 4};
}

session_plan planned(const hello& asked) {
  auto plan = plan_session(asked, defaults, digits(), blocks_of(digits(), 30));
  if (const auto* reason = std::get_if<failure>(&plan))
    CAF_FAIL("refused: " << reason->message);
  return std::get<session_plan>(std::move(plan));
}

failure refused(const hello& asked, const dataset_description& description, const batch_layout& layout) {
  auto plan = plan_session(asked, defaults, description, layout);
  CAF_REQUIRE(std::holds_alternative<failure>(plan));
  return std::get<failure>(plan);
}

failure refused(const hello& asked) {
  return refused(asked, digits(), blocks_of(digits(), 30));
}

session_cursor some_cursor() {
  return {"digits", fingerprint_of(digits()), {100, 20, shuffle_spec{7, 16}}, 2, 40, {}};
}

} // namespace

CAF_TEST(an empty hello takes the defaults) {
  const auto plan = planned({});
  CAF_CHECK_EQUAL(plan.dataset(), "digits");
  CAF_CHECK_EQUAL(plan.order.samples, 100);
  CAF_CHECK_EQUAL(plan.order.block, 30);
  CAF_CHECK(!plan.order.shuffle);
  CAF_CHECK_EQUAL(plan.steps.batch_size, 30);
  CAF_CHECK(plan.end_epoch == std::optional<std::uint64_t>{1});
  CAF_REQUIRE_EQUAL(plan.wanted_columns.size(), 2u);
  CAF_CHECK_EQUAL(plan.wanted_columns[0].name, "image");
  CAF_CHECK_EQUAL(plan.batches_of_epoch(), 4);
  CAF_CHECK_EQUAL(plan.batch_bytes(), 150u);
}

CAF_TEST(a window is 64 MiB of samples and at least 16 blocks) {
  hello asked;
  asked.shuffle = wanted_shuffle{7, {}, {}};
  CAF_CHECK_EQUAL(planned(asked).order.shuffle->window, (64 << 20) / (30 * 5));
  auto large = digits();
  large.sample_shape = {1 << 20};
  const auto plan = plan_session(asked, defaults, large, batch_layout{large, 30, std::uint64_t{30} << 20});
  CAF_CHECK_EQUAL(std::get<session_plan>(plan).order.shuffle->window, 16);
}

CAF_TEST(epochs are counted from epoch 0 and by default end with the one that a session begins in) {
  hello asked;
  asked.start = epoch_position{4, 10};
  CAF_CHECK(planned(asked).end_epoch == std::optional<std::uint64_t>{5});
  asked.epochs = 9;
  CAF_CHECK(planned(asked).end_epoch == std::optional<std::uint64_t>{9});
  asked.epochs = 0;
  CAF_CHECK(!planned(asked).end_epoch);
}

CAF_TEST(a cursor rules the order and what is said beside it must agree) {
  hello asked;
  asked.start = some_cursor();
  const auto plan = planned(asked);
  CAF_CHECK(plan.order == some_cursor().order);
  CAF_CHECK_EQUAL(plan.asked_block, 20);
  CAF_CHECK_EQUAL(plan.epoch, 2u);
  CAF_CHECK_EQUAL(plan.position, 40);
  asked.shuffle = wanted_shuffle{8, {}, {}};
  const auto reason = std::get<failure>(policy::dataset_of(asked, defaults));
  CAF_CHECK(contains(reason.message, "seed is 7"));
  CAF_CHECK(contains(reason.message, "shuffle.seed is 8"));
}

CAF_TEST(a cursor of other data is refused with both values) {
  hello asked;
  auto foreign = some_cursor();
  foreign.order.samples = 90;
  asked.start = foreign;
  CAF_CHECK(contains(refused(asked).message, "90"));
  CAF_CHECK(contains(refused(asked).message, "100"));
  auto changed = some_cursor();
  auto other = digits();
  other.data_type = "int8";
  changed.fingerprint = fingerprint_of(other);
  asked.start = changed;
  CAF_CHECK(contains(refused(asked).message, to_text(fingerprint_of(other))));
  CAF_CHECK(contains(refused(asked).message, to_text(fingerprint_of(digits()))));
}

CAF_TEST(the dataset of a cursor must be the one that is asked for) {
  hello asked;
  asked.start = some_cursor();
  asked.dataset = "letters";
  const auto reason = std::get<failure>(policy::dataset_of(asked, defaults));
  CAF_CHECK(contains(reason.message, "'digits'"));
  CAF_CHECK(contains(reason.message, "'letters'"));
}

CAF_TEST(skips of a hello join those of its cursor) {
  hello asked;
  auto from = some_cursor();
  from.skips = {{2, {50, 60}}};
  asked.start = from;
  asked.skips = {{2, {60, 70}}, {1, {0, 5}}, {3, {1, 2}}};
  const auto plan = planned(asked);
  CAF_REQUIRE_EQUAL(plan.skips.size(), 2u);
  CAF_CHECK(plan.skips[0] == (skipped_range{2, {50, 70}}));
  CAF_CHECK(plan.skips[1] == (skipped_range{3, {1, 2}}));
  asked.skips = {{3, {0, 101}}};
  CAF_CHECK(refused(asked).code == status_code::out_of_range);
}

CAF_TEST(a start behind the end is refused and one at the end is not ) {
  hello asked;
  asked.start = epoch_position{0, 100};
  CAF_CHECK_EQUAL(planned(asked).position, 100);
  asked.start = epoch_position{0, 101};
  CAF_CHECK(refused(asked).code == status_code::out_of_range);
}

CAF_TEST(columns are given in the order that is asked for) {
  hello asked;
  asked.columns = {"label", "image"};
  CAF_CHECK_EQUAL(planned(asked).wanted_columns[0].name, "label");
  asked.columns = {"colour"};
  const auto reason = refused(asked);
  CAF_CHECK(reason.code == status_code::not_found);
  CAF_CHECK(contains(reason.message, "'colour'"));
  CAF_CHECK(contains(reason.message, "'image', 'label'"));
}

CAF_TEST(what cannot be counted is served in whole blocks to one shard) {
  const auto plan = std::get<session_plan>(plan_session({}, defaults, texts(), {}));
  CAF_CHECK(!plan.counts_samples());
  CAF_CHECK_EQUAL(plan.order.block, 30);
  hello asked;
  asked.shuffle = wanted_shuffle{7, {}, {}};
  CAF_CHECK(contains(refused(asked, texts(), {}).message, "shuffle"));
  asked = {};
  asked.shard = {0, 2};
  CAF_CHECK(contains(refused(asked, texts(), {}).message, "shard"));
  asked = {};
  asked.batch_size = 31;
  CAF_CHECK(contains(refused(asked, texts(), {}).message, "batch_size"));
}

CAF_TEST(samples that no message could hold are not counted) {
  auto huge = digits();
  huge.columns = {{"a", {std::numeric_limits<std::int32_t>::max(), 1 << 30}, "float64"},
                  {"b", {std::numeric_limits<std::int32_t>::max(), 1 << 30}, "float64"}};
  const auto plan = std::get<session_plan>(plan_session({}, defaults, huge, blocks_of(huge, 30)));
  CAF_CHECK(!plan.counts_samples());
}

CAF_TEST(batches are bounded and a dropped epoch has some) {
  hello asked;
  asked.batch_size = 5'000'000;
  CAF_CHECK_EQUAL(planned(asked).steps.batch_size, 5'000'000);
  asked.ends = epoch_end::pad;
  CAF_CHECK(contains(refused(asked).message, "batch_size: got 5000000"));
  asked.batch_size = 60;
  asked.shard = {1, 2};
  asked.ends = epoch_end::drop;
  CAF_CHECK(contains(refused(asked).message, "ends"));
}

CAF_TEST(a service that cuts blocks in its own way rules the block) {
  hello asked;
  asked.shuffle = wanted_shuffle{7, {}, {}};
  const auto plan = std::get<session_plan>(plan_session(asked, defaults, digits(), blocks_of(digits(), 12)));
  CAF_CHECK_EQUAL(plan.order.block, 12);
  CAF_CHECK_EQUAL(plan.asked_block, 30);
  asked.shuffle->block = 30;
  CAF_CHECK(contains(refused(asked, digits(), blocks_of(digits(), 12)).message, "12"));
}
