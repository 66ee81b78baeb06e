#define CAF_SUITE progress

#include "apps/pull/progress.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using dispatch::pull::pass_counts;
using dispatch::pull::progress;
using dispatch::pull::progress_line;
using namespace std::chrono_literals;

namespace {

struct fixture {
  progress::clock::time_point start{};
  std::vector<std::string> written;

  progress make(progress::style how) {
    return progress{{how, std::nullopt, [] { return std::size_t{81}; },
                     [this](std::string_view text) { written.emplace_back(text); }},
                    start};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(progress_tests, fixture)

CAF_TEST(a counter when the total is unknown) {
  CAF_CHECK_EQUAL(progress_line({12, 1130000}, std::nullopt, 11.4, 80), "12 batches, 1.13 MB, 11 frames/s");
  CAF_CHECK_EQUAL(progress_line({12, 1130000}, std::nullopt, 0.52, 80), "12 batches, 1.13 MB, 0.5 frames/s");
}

CAF_TEST(a bar when it is known) {
  CAF_CHECK_EQUAL(progress_line({50, 0}, 200, 10, 60), "[####............]  25% 50/200 batches, 0.00 MB, 10 frames/s");
  CAF_CHECK_EQUAL(progress_line({200, 0}, 200, 10, 200).substr(0, 48), "[" + std::string(40, '#') + "] 100% ");
}

CAF_TEST(a line is never wider than the terminal) {
  for (std::size_t width = 0; width < 200; ++width)
    for (std::int64_t batches : {0, 1, 334, 400})
      CAF_CHECK(progress_line({batches, 99999999999}, 334, 123456, width).size() <= width);
}

CAF_TEST(a terminal is drawn at most ten times a second and at the end) {
  auto display = make(progress::style::terminal);
  for (int i = 1; i <= 1000; ++i)
    display.update({i, 0}, start + i * 1ms);
  CAF_CHECK_EQUAL(written.size(), 10u);
  display.finish({1001, 0}, start + 1001ms);
  CAF_REQUIRE_EQUAL(written.size(), 12u);
  CAF_CHECK_EQUAL(written[10], "\r1001 batches, 0.00 MB, 1000 frames/s\x1b[K");
  CAF_CHECK_EQUAL(written[11], "\n");
}

CAF_TEST(plain lines come every second) {
  auto display = make(progress::style::lines);
  for (int i = 1; i <= 35; ++i)
    display.update({i, 0}, start + i * 100ms);
  CAF_CHECK_EQUAL(written,
                  (std::vector<std::string>{"10 batches, 0.00 MB, 10 frames/s\n", "20 batches, 0.00 MB, 10 frames/s\n",
                                            "30 batches, 0.00 MB, 10 frames/s\n"}));
  display.finish({35, 0}, start + 3500ms);
  CAF_CHECK_EQUAL(written.back(), "35 batches, 0.00 MB, 10 frames/s\n");
}

CAF_TEST(plain lines come every ten seconds while nothing does) {
  auto display = make(progress::style::lines);
  for (int i = 1; i <= 250; ++i)
    display.update({0, 0}, start + i * 100ms);
  CAF_CHECK_EQUAL(written.size(), 2u);
}

CAF_TEST(the rate is that of the last second) {
  auto display = make(progress::style::lines);
  display.update({100, 0}, start + 1s);
  display.update({103, 0}, start + 2s);
  CAF_CHECK_EQUAL(written, (std::vector<std::string>{"100 batches, 0.00 MB, 100 frames/s\n",
                                                     "103 batches, 0.00 MB, 3.0 frames/s\n"}));
}

CAF_TEST(a word in between) {
  make(progress::style::terminal).say("why");
  make(progress::style::lines).say("why");
  CAF_CHECK_EQUAL(written, (std::vector<std::string>{"\r\x1b[Kwhy\n", "why\n"}));
}

CAF_TEST(silence) {
  auto display = make(progress::style::silent);
  display.say("why");
  display.update({100, 0}, start + 100s);
  display.finish({100, 0}, start + 200s);
  CAF_CHECK(written.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
