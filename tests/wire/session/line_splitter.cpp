#define CAF_SUITE line_splitter

#include "wire/session/line_splitter.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace dispatch;

namespace {

using lines = std::vector<std::string>;

/// Takes all lines that are there.
void take_all(line_splitter& from, lines& to) {
  while (const auto line = from.next())
    to.emplace_back(*line);
}

lines cut(line_splitter& splitter, const std::vector<std::string_view>& pieces) {
  lines result;
  for (const auto each : pieces) {
    splitter.add(each);
    take_all(splitter, result);
  }
  return result;
}

} // namespace

CAF_TEST(lines are the same however what is sent is cut) {
  const std::string_view text = "first\n\nsecond\r\n\r\nth\rird\nrest";
  const lines expected{"first", "", "second", "", "th\rird"};
  for (std::size_t a = 0; a <= text.size(); ++a)
    for (std::size_t b = a; b <= text.size(); ++b) {
      line_splitter splitter{10};
      CAF_REQUIRE_EQUAL(cut(splitter, {text.substr(0, a), text.substr(a, b - a), text.substr(b)}), expected);
      CAF_CHECK(!splitter.is_too_long());
      CAF_CHECK(splitter.has_part());
      CAF_CHECK_EQUAL(splitter.waiting(), 4u);
    }
}

CAF_TEST(lines come byte by byte) {
  line_splitter splitter{3};
  lines got;
  for (const auto c : std::string{"abc\nd\n"}) {
    splitter.add({&c, 1});
    take_all(splitter, got);
  }
  CAF_CHECK_EQUAL(got, (lines{"abc", "d"}));
  CAF_CHECK_EQUAL(splitter.waiting(), 0u);
  CAF_CHECK(!splitter.has_part());
}

CAF_TEST(several lines of one piece are taken one by one) {
  line_splitter splitter{10};
  splitter.add("a\nb\nc");
  CAF_CHECK_EQUAL(splitter.waiting(), 5u);
  CAF_CHECK_EQUAL(std::string{splitter.next().value()}, "a");
  CAF_CHECK_EQUAL(splitter.waiting(), 3u);
  splitter.add("d\n");
  CAF_CHECK_EQUAL(std::string{splitter.next().value()}, "b");
  CAF_CHECK_EQUAL(std::string{splitter.next().value()}, "cd");
  CAF_CHECK(!splitter.next());
}

CAF_TEST(a line may be as long as it may be and no longer) {
  line_splitter fits{5};
  fits.add("12345");
  CAF_CHECK(!fits.is_too_long());
  fits.add("\n");
  CAF_CHECK_EQUAL(std::string{fits.next().value_or("")}, "12345");

  for (const std::string_view text : {"123456", "123456\n"}) {
    line_splitter longer{5};
    longer.add(text);
    CAF_CHECK(longer.is_too_long());
    CAF_CHECK(!longer.next());
  }
}

CAF_TEST(the lines before one that is too long are taken) {
  line_splitter splitter{5};
  splitter.add("a\n1234567\nb\n");
  CAF_CHECK(!splitter.is_too_long());
  CAF_CHECK_EQUAL(std::string{splitter.next().value_or("")}, "a");
  CAF_CHECK(splitter.is_too_long());
  CAF_CHECK(!splitter.next());
}

CAF_TEST(bytes that are no text are kept as they are) {
  line_splitter splitter{10};
  const std::string bytes{"\0\xff\x01", 3};
  splitter.add(bytes + "\n");
  CAF_CHECK_EQUAL(std::string{splitter.next().value_or("")}, bytes);
}
