#define CAF_SUITE epoch_progress

#include "apps/pull/session/epoch_progress.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace dispatch::pull;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::string written;
  epoch_progress::clock::time_point start{};

  epoch_progress shown(progress::style how) {
    return epoch_progress{{how, {}, [] { return std::size_t{80}; }, [this](std::string_view text) { written += text; }},
                          start};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(epoch_progress_tests, fixture)

CAF_TEST(lines of an epoch) {
  CAF_CHECK_EQUAL(epoch_text({2, 120, 313, 0, 0}, 2, 50000, 3000000),
                  "epoch 2: 120/313 batches, 25000 samples/s, 1.5 MB/s");
  CAF_CHECK_EQUAL(epoch_text({2, 120, {}, 0, 0}, 0, 0, 0), "epoch 2: 120 batches, 0 samples/s, 0.0 MB/s");
  CAF_CHECK_EQUAL(epoch_over_text({1, {3, 100, 0, 0, 0}, ""}, 2000000, 0.5),
                  "epoch 1 is over: 3 batches, 100 samples, 2.00 MB, 0.50 s, 200 samples/s");
  CAF_CHECK_EQUAL(epoch_over_text({1, {3, 100, 1, 2, 3}, ""}, 0, 0),
                  "epoch 1 is over: 3 batches, 100 samples, 1 of them padded, 2 dropped, 3 skipped, 0.00 MB, 0.00 s, "
                  "0 samples/s");
}

CAF_TEST(a wait of the dispatcher) {
  CAF_CHECK_EQUAL(wait_text({"upstream", 1.26, "it is\nslow"}),
                  "the dispatcher waits for its upstream, for 1.3 s: it is\\x0aslow");
}

CAF_TEST(a position tells which batch it is) {
  welcome_line welcome;
  welcome.samples = 100;
  welcome.batches = 3;
  welcome.batch_size = 20;
  welcome.shard_count = 2;
  batch_line batch;
  CAF_CHECK_EQUAL(batch_of_epoch(batch, welcome), 1);
  batch.position = 80;
  CAF_CHECK_EQUAL(batch_of_epoch(batch, welcome), 3);
  batch.position = 95;
  CAF_CHECK_EQUAL(batch_of_epoch(batch, welcome), 3);
  welcome.samples.reset();
  CAF_CHECK_EQUAL(batch_of_epoch(batch, welcome), 96);
}

CAF_TEST(lines come once a second) {
  auto progress = shown(progress::style::lines);
  progress.update({0, 1, 10, 100, 1000000}, start + 500ms);
  CAF_CHECK_EQUAL(written, "");
  progress.update({0, 2, 10, 200, 2000000}, start + 1s);
  CAF_CHECK_EQUAL(written, "epoch 0: 2/10 batches, 200 samples/s, 2.0 MB/s\n");
  progress.update({0, 2, 10, 200, 2000000}, start + 3s);
  CAF_CHECK_EQUAL(written, "epoch 0: 2/10 batches, 200 samples/s, 2.0 MB/s\n");
}

CAF_TEST(a terminal has a bar and lines of their own) {
  auto progress = shown(progress::style::terminal);
  progress.update({0, 5, 10, 100, 1000000}, start + 500ms);
  CAF_CHECK(written.find("\r[####") == 0);
  CAF_CHECK(written.find("]  50% epoch 0: 5/10 batches, 200 samples/s, 2.0 MB/s\x1b[K") != std::string::npos);
  written.clear();
  progress.say("word");
  CAF_CHECK_EQUAL(written, "\r\x1b[Kword\n");
  progress.finish();
  CAF_CHECK_EQUAL(written, "\r\x1b[Kword\n");
}

CAF_TEST(quiet says nothing) {
  auto progress = shown(progress::style::silent);
  progress.update({0, 5, 10, 100, 1000000}, start + 5s);
  progress.say("word");
  progress.finish();
  CAF_CHECK_EQUAL(written, "");
}

CAF_TEST_FIXTURE_SCOPE_END()
