#define CAF_SUITE order_command

#include "apps/dispatcher/order_command.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

#include "tests/support/contains.hpp"

using namespace dispatch;

namespace {

/// Ten samples in blocks of four, in order.
order_options plain() {
  order_options result;
  result.from.order = {10, 4, {}};
  result.batch_size = 3;
  return result;
}

std::string text_of(const order_options& options) {
  const auto answer = answer_order(options);
  CAF_CHECK_EQUAL(answer.exit_code, 0);
  return answer.text;
}

std::string error_of(const order_options& options) {
  const auto answer = answer_order(options);
  return answer.exit_code == 2 ? answer.text : "(no error)";
}

} // namespace

CAF_TEST(a batch is a line) {
  auto options = plain();
  CAF_CHECK_EQUAL(text_of(options), "0 1 2\n");
  options.first_step = 2;
  options.steps = 2;
  CAF_CHECK_EQUAL(text_of(options), "6 7 8\n9\n");
}

CAF_TEST(shards share a step) {
  auto options = plain();
  options.shard = {1, 2};
  CAF_CHECK_EQUAL(text_of(options), "3 4 5\n");
  options.from.skips = {{0, {2, 5}}, {1, {6, 10}}};
  CAF_CHECK_EQUAL(text_of(options), "6 7 8\n");
}

CAF_TEST(a shuffle prints samples and not positions) {
  auto options = plain();
  options.from.order = {11, 4, shuffle_spec{7, 2}};
  options.batch_size = 11;
  CAF_CHECK_EQUAL(text_of(options), "6 10 5 4 8 7 9 2 1 0 3\n");
}

CAF_TEST(an object has the step and its positions) {
  auto options = plain();
  options.json = true;
  options.ends = epoch_end::pad;
  options.first_step = 3;
  CAF_CHECK_EQUAL(text_of(options), R"({"epoch":0,"step":3,"position":9,"next_position":10,"padded":2,)"
                                    R"("samples":[9,0,1]})"
                                    "\n");
}

CAF_TEST(from a cursor steps count from there and have the cursor that follows) {
  auto options = plain();
  options.json = true;
  options.has_cursor = true;
  options.from.dataset = "d";
  options.from.position = 4;
  auto after = options.from;
  after.position = 10;
  options.first_step = 1;
  CAF_CHECK_EQUAL(text_of(options), R"({"epoch":0,"step":1,"position":7,"next_position":10,"padded":0,)"
                                    R"("samples":[7,8,9],"cursor_after":")"
                                      + to_text(after) + "\"}\n");
}

CAF_TEST(a step behind the end says how many there are) {
  auto options = plain();
  options.first_step = 4;
  CAF_CHECK_EQUAL(error_of(options), "--step: got 4; shard 0/1 gets 4 batches of epoch 0, steps 0 to 3");
  options.first_step_option = "--from-step";
  options.from.position = 9;
  CAF_CHECK_EQUAL(error_of(options),
                  "--from-step: got 4; shard 0/1 gets 1 batch of epoch 0 from position 9, steps 0 to 0");
  options.first_step = 0;
  options.steps = 2;
  CAF_CHECK_EQUAL(error_of(options),
                  "--steps: got 2 from step 0; shard 0/1 gets 1 batch of epoch 0 from position 9, steps 0 to 0");
  options.from.position = 10;
  CAF_CHECK_EQUAL(error_of(options), "--from-step: got 0; shard 0/1 gets 0 batches of epoch 0 from position 10");
}

CAF_TEST(a sample is found with who gets it) {
  auto options = plain();
  options.shard = {0, 2};
  options.sample = 7;
  CAF_CHECK_EQUAL(text_of(options), "sample    7: row 3 of block 1\n"
                                    "position  7 of epoch 0\n"
                                    "given to  step 1, shard 0/2, number 1 of its batch\n");
  options.json = true;
  CAF_CHECK_EQUAL(text_of(options), R"({"sample":7,"block":1,"row":3,"epoch":0,"position":7,)"
                                    R"("given":{"step":1,"shard":0,"number":1},"padding":null})"
                                    "\n");
}

CAF_TEST(a sample that nobody gets says why) {
  auto options = plain();
  options.ends = epoch_end::drop;
  options.sample = 9;
  CAF_CHECK(test::contains(text_of(options), "given to  nobody: it is dropped with the last step\n"));
  options.from.skips = {{0, {9, 10}}};
  CAF_CHECK(test::contains(text_of(options), "given to  nobody: it is skipped\n"));
  options.sample = 1;
  options.from.position = 2;
  CAF_CHECK(test::contains(text_of(options), "given to  nobody: it stands before position 2\n"));
  options.json = true;
  CAF_CHECK(test::contains(text_of(options), R"("given":null)"));
}

CAF_TEST(a sample that pads is given twice) {
  auto options = plain();
  options.ends = epoch_end::pad;
  options.sample = 1;
  CAF_CHECK(test::contains(text_of(options), "given to  step 0, shard 0/1, number 1 of its batch\n"
                                             "padding   step 3, shard 0/1, number 2 of its batch\n"));
}
