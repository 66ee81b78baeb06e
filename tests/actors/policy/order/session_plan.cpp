#define CAF_SUITE session_plan

#include "actors/policy/order/session_plan.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <variant>

#include "tests/support/contains.hpp"
#include "tests/support/numbered_dataset.hpp"
#include "wire/fingerprint.hpp"

using namespace dispatch;
using policy::session_plan;

namespace {

const test::numbered_dataset dataset{35, 10};
const policy::session_defaults defaults{"numbers", 10};

/// Of a service that makes the blocks that it is asked for.
batch_layout layout_of(const dataset_description& description) {
  return {description, 10, 10 * columns_of(description).front().row_bytes};
}

/// What a session gets whose cursor names the dataset, or why it gets nothing.
std::variant<session_plan, failure> plan_of(const hello& asked,
                                            const dataset_description& description = dataset.description()) {
  const auto name = policy::dataset_of(asked, defaults);
  if (const auto* reason = std::get_if<failure>(&name))
    return *reason;
  const auto layout = policy::needs_layout(asked) ? layout_of(description) : batch_layout{};
  return policy::plan_session(asked, defaults, description, layout);
}

session_plan plan(const hello& asked, const dataset_description& description = dataset.description()) {
  const auto made = plan_of(asked, description);
  if (const auto* reason = std::get_if<failure>(&made))
    CAF_FAIL("it is refused: " << reason->message);
  return std::get<session_plan>(made);
}

/// Why a session is refused, which it has to be with this code.
std::string refusal(status_code code, const hello& asked,
                    const dataset_description& description = dataset.description()) {
  const auto made = plan_of(asked, description);
  const auto* reason = std::get_if<failure>(&made);
  if (reason == nullptr)
    CAF_FAIL("it is not refused");
  CAF_CHECK_EQUAL(to_string(reason->code), to_string(code));
  return reason->message;
}

session_cursor cursor() {
  return {"numbers", fingerprint_of(dataset.description()), {35, 10, shuffle_spec{7, 16}}, 2, 20, {{2, {30, 31}}}};
}

hello at_cursor(const session_cursor& place = cursor()) {
  hello result;
  result.start = place;
  return result;
}

constexpr auto bad_hello = status_code::invalid_argument;
constexpr auto bad_dataset = status_code::failed_precondition;

} // namespace

CAF_TEST(a cursor brings its order and its place) {
  const auto made = plan(at_cursor());
  CAF_CHECK(made.order == cursor().order);
  CAF_CHECK_EQUAL(made.epoch, 2u);
  CAF_CHECK_EQUAL(made.position, 20);
  CAF_CHECK_EQUAL(made.end_epoch.value_or(0), 3u);
  CAF_CHECK_EQUAL(made.asked_block, 10);
  CAF_CHECK(made.cursor_at(made.epoch, made.position) == cursor());
}

CAF_TEST(the block of a cursor rules whatever the batch size is here) {
  auto place = cursor();
  place.order.block = 5;
  CAF_CHECK_EQUAL(policy::block_of(at_cursor(place), defaults), 5);
  CAF_CHECK_EQUAL(plan(at_cursor(place)).steps.batch_size, 10);
}

CAF_TEST(what is said beside a cursor may be the same) {
  auto asked = at_cursor();
  asked.dataset = "numbers";
  asked.shuffle = wanted_shuffle{7, 16, 10};
  plan(asked);
}

CAF_TEST(a cursor and what is said beside it are named where they differ) {
  auto asked = at_cursor();
  asked.dataset = "others";
  CAF_CHECK(
    test::contains(refusal(bad_hello, asked), "start.cursor: its dataset is 'numbers', and dataset is 'others'"));
  asked.dataset.reset();
  asked.shuffle = wanted_shuffle{8, std::nullopt, std::nullopt};
  CAF_CHECK(test::contains(refusal(bad_hello, asked), "start.cursor: its seed is 7, and shuffle.seed is 8"));
  asked.shuffle = wanted_shuffle{7, 17, std::nullopt};
  CAF_CHECK(test::contains(refusal(bad_hello, asked), "start.cursor: its window is 16, and shuffle.window is 17"));
  asked.shuffle = wanted_shuffle{7, 16, 11};
  CAF_CHECK(test::contains(refusal(bad_hello, asked), "start.cursor: its block is 10, and shuffle.block is 11"));
  auto plain = cursor();
  plain.order.shuffle.reset();
  asked.start = plain;
  CAF_CHECK(test::contains(refusal(bad_hello, asked), "shuffle: start.cursor is of an order without a shuffle"));
}

CAF_TEST(a cursor of another dataset is refused with both values) {
  auto place = cursor();
  place.fingerprint = fingerprint{0x1234};
  CAF_CHECK(test::contains(refusal(bad_dataset, at_cursor(place)),
                           "start.cursor: its fingerprint is 0000000000001234, and that of the dataset is "
                             + to_text(cursor().fingerprint)));
  CAF_CHECK(test::contains(refusal(bad_dataset, at_cursor(), test::numbered_dataset{36, 10}.description()),
                           "start.cursor: its number of samples is 35, and that of the dataset is 36"));
  place = cursor();
  place.order = {0, 10, std::nullopt};
  place.skips.clear();
  CAF_CHECK(test::contains(refusal(bad_dataset, at_cursor(place)),
                           "it counts blocks, and the samples of dataset 'numbers' can be counted"));
  CAF_CHECK(test::contains(refusal(bad_dataset, at_cursor(), {"numbers", 0, {}, ""}),
                           "it counts samples, and the samples of dataset 'numbers' cannot be counted"));
}

CAF_TEST(a cursor without a fingerprint is of any dataset of its size) {
  auto place = cursor();
  place.fingerprint = {};
  CAF_CHECK(plan(at_cursor(place)).fingerprint == cursor().fingerprint);
}

CAF_TEST(places behind the end are refused) {
  hello asked;
  asked.start = epoch_position{0, 35};
  CAF_CHECK_EQUAL(plan(asked).position, 35);
  asked.start = epoch_position{0, 36};
  CAF_CHECK_EQUAL(refusal(status_code::out_of_range, asked), "start.sample: got 36, and the dataset has 35 samples");
  asked.start = epoch_position{};
  asked.skips = {{0, {30, 36}}};
  CAF_CHECK(test::contains(refusal(status_code::out_of_range, asked), "skip: got a range up to 36"));
}

CAF_TEST(skips are those of the cursor and those that are said) {
  auto asked = at_cursor();
  asked.skips = {{2, {31, 33}}, {1, {0, 5}}, {3, {0, 1}}};
  CAF_CHECK(plan(asked).skips == (std::vector<skipped_range>{{2, {30, 33}}, {3, {0, 1}}}));
}

CAF_TEST(what cannot be counted is served in whole blocks to one) {
  const dataset_description texts{"numbers", 0, {}, "object"};
  CAF_CHECK(!plan({}, texts).counts_samples());
  for (const auto* member : {"shuffle", "shard", "ends", "skip", "batch_size"}) {
    hello asked;
    const std::string name{member};
    if (name == "shuffle")
      asked.shuffle = wanted_shuffle{};
    else if (name == "shard")
      asked.shard = {0, 2};
    else if (name == "ends")
      asked.ends = epoch_end::drop;
    else if (name == "skip")
      asked.skips = {{0, {0, 1}}};
    else
      asked.batch_size = 11;
    CAF_CHECK_EQUAL(refusal(bad_dataset, asked, texts).rfind(name + ": the samples of dataset 'numbers' cannot be", 0),
                    0u);
  }
}

CAF_TEST(a step larger than the dataset has no batch where what is left is dropped) {
  hello asked;
  asked.ends = epoch_end::drop;
  asked.batch_size = 9;
  asked.shard = {1, 4};
  CAF_CHECK(test::contains(refusal(bad_dataset, asked), "a step takes 36 samples, and the dataset has 35"));
  asked.batch_size = 8;
  plan(asked);
}

CAF_TEST(a batch has no more bytes than it may have) {
  const dataset_description large{"numbers", 1'000'000, {1 << 20}, "uint8"};
  hello asked;
  asked.batch_size = 256;
  plan(asked, large);
  asked.batch_size = 257;
  CAF_CHECK(test::contains(refusal(bad_hello, asked, large), "batch_size: got 257; it takes at most 256 samples"));
}

CAF_TEST(the default window has 64 MiB of samples and at least 16 blocks) {
  hello asked;
  asked.shuffle = wanted_shuffle{7, std::nullopt, std::nullopt};
  CAF_CHECK_EQUAL(plan(asked).order.shuffle->window, (std::int64_t{64} << 20) / 30);
  CAF_CHECK_EQUAL(plan(asked, {"numbers", 1'000'000, {1 << 20}, "uint8"}).order.shuffle->window, 16);
}

CAF_TEST(epochs are counted from epoch 0 and by default end with the one that a session begins in) {
  hello asked;
  asked.start = epoch_position{4, 10};
  CAF_CHECK_EQUAL(plan(asked).end_epoch.value_or(0), 5u);
  asked.epochs = 9;
  CAF_CHECK_EQUAL(plan(asked).end_epoch.value_or(0), 9u);
  asked.epochs = 0;
  CAF_CHECK(!plan(asked).end_epoch);
}

CAF_TEST(columns come in the order that is asked for) {
  hello asked;
  asked.columns = {"label", "x"};
  CAF_CHECK_EQUAL(plan(asked).wanted_columns.at(0).name, "label");
  asked.columns = {"colour"};
  const auto message = refusal(status_code::not_found, asked);
  CAF_CHECK(test::contains(message, "'colour'"));
  CAF_CHECK(test::contains(message, "'x', 'label'"));
}

CAF_TEST(samples that no message could hold are not counted) {
  auto huge = dataset.description();
  huge.columns = {{"a", {1 << 30, 1 << 30}, "float64"}, {"b", {1 << 30, 1 << 30}, "float64"}};
  CAF_CHECK(!plan({}, huge).counts_samples());
}
