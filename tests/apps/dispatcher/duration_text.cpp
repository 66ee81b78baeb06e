#define CAF_SUITE duration_text

#include "apps/dispatcher/duration_text.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>

using namespace std::chrono_literals;
using dispatch::parse_duration;
using dispatch::to_text;

CAF_TEST(durations are whole numbers with a unit) {
  CAF_CHECK(parse_duration("500ms") == 500ms);
  CAF_CHECK(parse_duration("10s") == 10s);
  CAF_CHECK(parse_duration("2m") == 2min);
  CAF_CHECK(parse_duration("3h") == 3h);
  CAF_CHECK(parse_duration("0ms") == 0ms);
}

CAF_TEST(a bare number is seconds) {
  CAF_CHECK(parse_duration("10") == 10s);
  CAF_CHECK(parse_duration("0") == 0s);
}

CAF_TEST(digits may be in groups) {
  CAF_CHECK(parse_duration("1_500ms") == 1500ms);
  CAF_CHECK(!parse_duration("1500_ms"));
}

CAF_TEST(anything else is no duration) {
  for (const auto* text : {"",    "s",   "ms", "-1", "-1s",  "-0",    "-0s",  "+1",  "1.5s", "1 s",
                           " 1s", "1s ", "1d", "1S", "1sec", "1m30s", "0x10", "ten", "1ss",  "99999999999999999999s"})
    CAF_CHECK(!parse_duration(text));
}

CAF_TEST(a year is the longest) {
  CAF_CHECK(parse_duration("8784h") == 8784h);
  CAF_CHECK(!parse_duration("8785h"));
  CAF_CHECK(!parse_duration("9223372036854775807h"));
  CAF_CHECK(!parse_duration("9223372036854775807"));
}

CAF_TEST(a duration is written in the largest unit that holds it) {
  CAF_CHECK_EQUAL(to_text(0ms), "0s");
  CAF_CHECK_EQUAL(to_text(1ms), "1ms");
  CAF_CHECK_EQUAL(to_text(1500ms), "1500ms");
  CAF_CHECK_EQUAL(to_text(10'000ms), "10s");
  CAF_CHECK_EQUAL(to_text(90s), "90s");
  CAF_CHECK_EQUAL(to_text(60s), "1m");
  CAF_CHECK_EQUAL(to_text(60min), "1h");
}

CAF_TEST(what is written can be read back) {
  constexpr std::uint64_t seed = 50;
  std::mt19937_64 random{seed};
  for (auto round = 0; round < 500; ++round) {
    const std::int64_t units[] = {1, 1000, 60'000, 3'600'000};
    const std::chrono::milliseconds duration{static_cast<std::int64_t>(random() % 8000) * units[random() % 4]};
    if (parse_duration(to_text(duration)) != duration)
      CAF_FAIL("seed " << seed << ", round " << round << ": " << duration.count() << " ms");
  }
}
