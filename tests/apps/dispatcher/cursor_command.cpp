#define CAF_SUITE cursor_command

#include "apps/dispatcher/cursor_command.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace dispatch;

namespace {

using form = cursor_options::form;

session_cursor example() {
  return {"mnist", fingerprint{0x0d2f7f1f0a9c11e3}, {60000, 30, shuffle_spec{7, 100}}, 3,
          640,     {{3, {0, 64}}, {4, {128, 129}}}};
}

} // namespace

CAF_TEST(a cursor is shown a member a line) {
  CAF_CHECK_EQUAL(text_of({example(), form::members}), "dataset      mnist\n"
                                                       "fingerprint  0d2f7f1f0a9c11e3\n"
                                                       "samples      60000\n"
                                                       "block        30 samples\n"
                                                       "order        version 1\n"
                                                       "shuffle      seed 7, in windows of 100 blocks\n"
                                                       "position     sample 640 of 60000 in epoch 3\n"
                                                       "skip         positions 0 to 63 of epoch 3\n"
                                                       "skip         positions 128 to 128 of epoch 4\n");
}

CAF_TEST(what a cursor does not have is said) {
  CAF_CHECK_EQUAL(text_of({{"a\n\xff", {}, {0, 1, {}}, 0, 12, {}}, form::members}),
                  "dataset      a\\x0a\\xff\n"
                  "fingerprint  none\n"
                  "samples      not counted\n"
                  "block        1 sample\n"
                  "order        version 1\n"
                  "shuffle      none\n"
                  "position     batch 12 in epoch 0\n");
}

CAF_TEST(a cursor is an object) {
  CAF_CHECK_EQUAL(text_of({example(), form::json}),
                  R"({"cursor":1,"order":1,"dataset":"mnist","fingerprint":"0d2f7f1f0a9c11e3","samples":60000,)"
                  R"("block":30,"seed":7,"window":100,"epoch":3,"sample":640,"skip":[[3,0,64],[4,128,129]]})"
                  "\n");
  CAF_CHECK_EQUAL(text_of({{"logs", {}, {0, 128, {}}, 0, 12, {}}, form::json}),
                  R"({"cursor":1,"order":1,"dataset":"logs","block":128,"epoch":0,"batch":12})"
                  "\n");
}

CAF_TEST(a cursor is written as a cursor) {
  CAF_CHECK_EQUAL(text_of({example(), form::cursor}), to_text(example()) + "\n");
}
