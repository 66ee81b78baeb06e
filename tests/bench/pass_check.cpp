#define CAF_SUITE pass_check

#include "bench/stream/pass_check.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/batches.hpp"
#include "wire/classic_codec.hpp"

using namespace dispatch;
using bench::pass_check;
using bench::stream_fault;

namespace {

std::string line(std::int32_t index, bool last = false) {
  return test::classic_text(index, std::string(3000, 'x')) + encode_classic_tail("client_127.0.0.1:5", last);
}

std::string lines(const std::vector<std::int32_t>& indexes, bool eof) {
  std::string result;
  for (std::size_t i = 0; i < indexes.size(); ++i)
    result += line(indexes[i], eof && i + 1 == indexes.size());
  return result;
}

/// What a stream is found to be once its connection has ended.
std::string verdict(std::string_view stream, std::optional<std::int64_t> expected = std::nullopt) {
  pass_check check{expected};
  check.take(stream);
  check.close();
  return check.fault() ? std::string{to_string(*check.fault())} : check.complete() ? "complete" : "nothing";
}

} // namespace

CAF_TEST(a complete pass) {
  CAF_CHECK_EQUAL(verdict(lines({0, 1, 2, 3}, true)), "complete");
  CAF_CHECK_EQUAL(verdict(lines({0, 1, 2, 3}, true), 4), "complete");
  CAF_CHECK_EQUAL(verdict(lines({0}, true), 1), "complete");
}

CAF_TEST(frames are counted when they end) {
  pass_check check;
  const auto first = line(0);
  CAF_CHECK_EQUAL(check.take(std::string_view{first}.substr(0, 100)), 0u);
  CAF_CHECK_EQUAL(check.take(std::string_view{first}.substr(100)), 1u);
  CAF_CHECK_EQUAL(check.take(lines({1, 2}, false)), 2u);
  CAF_CHECK(!check.complete());
  CAF_CHECK(!check.fault());
  CAF_CHECK_EQUAL(check.take(line(3, true)), 1u);
  CAF_CHECK(check.complete());
}

CAF_TEST(batches that are not the one that is due) {
  CAF_CHECK_EQUAL(verdict(lines({0, 2}, true)), "gap");
  CAF_CHECK_EQUAL(verdict(lines({1}, true)), "gap");
  CAF_CHECK_EQUAL(verdict(lines({0, 1, 1}, true)), "duplicate");
  CAF_CHECK_EQUAL(verdict(lines({0, 1, 2, 0}, true)), "wrong_order");
}

CAF_TEST(what is behind a fault is not counted) {
  pass_check check;
  CAF_CHECK_EQUAL(check.take(lines({0, 1, 3, 2}, false)), 2u);
  CAF_CHECK_EQUAL(check.take(line(2)), 0u);
  check.close();
  CAF_CHECK(check.fault() == stream_fault::gap);
}

CAF_TEST(ends that are none) {
  CAF_CHECK_EQUAL(verdict(""), "without_eof");
  CAF_CHECK_EQUAL(verdict(lines({0, 1}, false)), "without_eof");
  CAF_CHECK_EQUAL(verdict(lines({0, 1}, false) + "{\"batch"), "without_eof");
  CAF_CHECK_EQUAL(verdict(lines({0, 1}, true) + "x"), "after_eof");
  CAF_CHECK_EQUAL(verdict(lines({0, 1}, true) + line(2)), "after_eof");
  CAF_CHECK_EQUAL(verdict(lines({0, 1}, true), 3), "wrong_count");
  CAF_CHECK_EQUAL(verdict(lines({0, 1, 2}, false), 2), "wrong_count");
  CAF_CHECK_EQUAL(verdict("hello\n"), "malformed");
}

CAF_TEST(bytes behind EOF that come later) {
  pass_check check;
  check.take(line(0, true));
  CAF_CHECK(check.complete());
  check.take("x");
  CAF_CHECK(!check.complete());
  CAF_CHECK(check.fault() == stream_fault::after_eof);
}

CAF_TEST(an error frame ends the pass) {
  pass_check check;
  CAF_CHECK_EQUAL(check.take(line(0) + encode_classic_error(1, "client_a", {status_code::unavailable, "gone"})), 1u);
  CAF_CHECK(check.fault() == stream_fault::server_error);
  CAF_REQUIRE(check.error());
  CAF_CHECK_EQUAL(check.error()->code, "UNAVAILABLE");
  CAF_CHECK_EQUAL(check.error()->message, "gone");
}

CAF_TEST(the pieces make no difference) {
  std::mt19937 random{11};
  const std::vector<std::string> streams{lines({0, 1, 2, 3}, true), lines({0, 2}, true), lines({0, 1}, true) + "x",
                                         lines({0, 1}, false)};
  for (auto round = 0; round < 200; ++round)
    for (const auto& stream : streams) {
      pass_check check;
      std::size_t frames = 0;
      for (std::string_view rest{stream}; !rest.empty();) {
        const auto size = std::min<std::size_t>(rest.size(), 1 + random() % 5000);
        frames += check.take(rest.substr(0, size));
        rest.remove_prefix(size);
      }
      pass_check at_once;
      CAF_CHECK_EQUAL(frames, at_once.take(stream));
      CAF_CHECK(check.fault() == at_once.fault());
      CAF_CHECK_EQUAL(check.complete(), at_once.complete());
    }
}
