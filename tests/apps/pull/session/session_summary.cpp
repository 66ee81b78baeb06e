#define CAF_SUITE session_summary

#include "apps/pull/session/session_summary.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace dispatch::pull;

CAF_TEST(for people) {
  session_summary x;
  x.complete = true;
  x.epochs = 2;
  x.batches = 314;
  x.samples = 20000;
  x.bytes = 62720000;
  x.time = std::chrono::duration<double>{0.5};
  CAF_CHECK_EQUAL(summary_line(x), "complete: 2 epochs, 314 batches, 20000 samples, 62.72 MB, 0.50 s, 40000 samples/s");
  x.out = "x.npz";
  x.files = 1;
  x.complete = false;
  CAF_CHECK_EQUAL(summary_line(x),
                  "incomplete: 2 epochs, 314 batches, 20000 samples, 62.72 MB, 0.50 s, 40000 samples/s, in x.npz");
  x.files = 5;
  CAF_CHECK_EQUAL(summary_line(x), "incomplete: 2 epochs, 314 batches, 20000 samples, 62.72 MB, 0.50 s, "
                                   "40000 samples/s, in 5 files, the last of them x.npz");
}

CAF_TEST(for programs) {
  session_summary x;
  CAF_CHECK_EQUAL(
    summary_json(x),
    R"({"complete":false,"dataset":null,"epochs":0,"batches":0,"redelivered":0,"samples":0,"padded":0,"dropped":0,)"
    R"("skipped":0,"bytes":0,"seconds":0.0,"samples_per_second":0.0,"cursor":null,"out":null,"files":0,)"
    R"("error":null,"error_code":null,"sha256":null})");
  x.sha256 = {{"image", "ab"}, {"label", "cd"}};
  CAF_CHECK(summary_json(x).find(R"("sha256":{"image":"ab","label":"cd"})") != std::string::npos);
}

CAF_TEST(the command that goes on) {
  CAF_CHECK_EQUAL(go_on_command({"--session", "--start", "old", "--out", "my file's"}, "cursor=1", false),
                  R"(dispatcher-pull --session --out 'my file'\''s' --start 'cursor=1')");
  CAF_CHECK_EQUAL(go_on_command({"--start=old", "--epochs", "3", "--session"}, "c", true),
                  "dispatcher-pull --session --start 'c'");
  CAF_CHECK_EQUAL(go_on_command({"--session", "--epochs=3"}, "c", false),
                  "dispatcher-pull --session --epochs=3 --start 'c'");
}
