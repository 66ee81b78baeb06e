#define CAF_SUITE repeat_filter

#include "apps/dispatcher/repeat_filter.hpp"

#include <caf/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

#include "apps/dispatcher/folding_log.hpp"
#include "tests/support/event_recorder.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

using time_point = repeat_filter::time_point;

constexpr time_point start{1h};

struct fixture {
  repeat_filter subject;

  std::optional<std::uint64_t> failed(time_point now, const std::string& upstream = "a:1",
                                      const std::string& code = "UNAVAILABLE") {
    return subject.pass(severity::warning, "fetcher_failed",
                        {{"upstream", upstream}, {"fetcher", 1}, {"code", code}, {"message", "gone"}}, now);
  }

  std::optional<std::uint64_t> refused(time_point now, const std::string& client) {
    return subject.pass(severity::warning, "client_refused", {{"client", client}, {"code", "RESOURCE_EXHAUSTED"}}, now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(repeat_filter_tests, fixture)

CAF_TEST(the first is logged and the next one after a while has a count) {
  CAF_CHECK(failed(start) == 0u);
  for (auto i = 1; i <= 9; ++i)
    CAF_CHECK(!failed(start + i * 1s));
  CAF_CHECK(failed(start + 10s) == 9u);
  CAF_CHECK(!failed(start + 20s));
  CAF_CHECK(failed(start + 30s) == 1u);
}

CAF_TEST(eight hours of one failure a second make some fifty lines) {
  auto lines = 0u;
  auto counted = 0u;
  for (auto time = 0s; time < 8h; ++time) {
    if (const auto left_out = failed(start + time)) {
      ++lines;
      counted += 1 + *left_out;
    }
  }
  CAF_CHECK(lines > 45 && lines < 60);
  CAF_CHECK(counted > 8u * 3600 - 600);
}

CAF_TEST(another upstream or another code is news) {
  CAF_CHECK(failed(start) == 0u);
  CAF_CHECK(failed(start, "b:1") == 0u);
  CAF_CHECK(failed(start, "a:1", "UNAUTHENTICATED") == 0u);
  CAF_CHECK(!failed(start, "b:1"));
}

CAF_TEST(after a quiet minute it is news again) {
  CAF_CHECK(failed(start) == 0u);
  CAF_CHECK(!failed(start + 5s));
  CAF_CHECK(failed(start + 65s) == 0u);
}

CAF_TEST(ten clients are named before the rest is counted) {
  for (auto i = 0; i < 10; ++i)
    CAF_CHECK(refused(start, "client_" + std::to_string(i)) == 0u);
  CAF_CHECK(!refused(start + 1s, "client_10"));
  CAF_CHECK(!refused(start + 2s, "client_11"));
  CAF_CHECK(refused(start + 11s, "client_12") == 2u);
}

CAF_TEST(what is no warning is never left out) {
  for (auto i = 0; i < 100; ++i) {
    CAF_CHECK(subject.pass(severity::error, "upstream_down", {{"upstream", "a:1"}}, start) == 0u);
    CAF_CHECK(subject.pass(severity::info, "client_end", {{"client", "c"}}, start) == 0u);
  }
}

CAF_TEST(an answer to an operator is never left out) {
  for (auto i = 0; i < 3; ++i)
    CAF_CHECK(subject.pass(severity::warning, "reload_failed", {{"message", "line 3"}}, start) == 0u);
}

CAF_TEST(the log has what is not left out) {
  auto recorder = std::make_shared<test::event_recorder>();
  folding_log log{recorder};
  for (auto i = 0; i < 100; ++i)
    log.write(severity::warning, "fetcher_failed", {{"upstream", "a:1"}});
  CAF_REQUIRE_EQUAL(recorder->named("fetcher_failed").size(), 1u);
  CAF_CHECK_EQUAL(recorder->named("fetcher_failed").front().fields.count("repeated"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
