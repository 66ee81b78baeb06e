#define CAF_SUITE json_members

#include "wire/session/json_members.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>

using namespace dispatch;
using nlohmann::json;

namespace {

template <class F>
std::string problem_of(F f) {
  try {
    f();
  } catch (const bad_member& bad) {
    CAF_CHECK(bad.code == status_code::invalid_argument);
    return bad.problem;
  }
  return "";
}

constexpr auto least64 = std::numeric_limits<std::int64_t>::min();
constexpr auto most64 = std::numeric_limits<std::int64_t>::max();
constexpr auto mostu64 = std::numeric_limits<std::uint64_t>::max();

} // namespace

CAF_TEST(a member that is missing or null is not there) {
  const auto value = json::parse(R"({"a":null,"b":false})");
  const json_members members{value};
  CAF_CHECK(!members.has("a"));
  CAF_CHECK(members.has("b"));
  CAF_CHECK(!members.has("c"));
  for (const auto* name : {"a", "c"}) {
    CAF_CHECK(!members.text(name));
    CAF_CHECK(!members.number<int>(name, 0, 1));
    CAF_CHECK(members.list(name).empty());
    CAF_CHECK_EQUAL(members.word<int>(name, {{"x", 1}}, 7), 7);
  }
}

CAF_TEST(numbers are taken up to the ends of their types) {
  const auto value = json::parse(
    R"({"least":-9223372036854775808,"most":9223372036854775807,"mostu":18446744073709551615,"zero":0,"minus":-1})");
  const json_members members{value};
  CAF_CHECK_EQUAL(members.number<std::int64_t>("least", least64, most64).value_or(0), least64);
  CAF_CHECK_EQUAL(members.number<std::int64_t>("most", least64, most64).value_or(0), most64);
  CAF_CHECK_EQUAL(members.number<std::uint64_t>("mostu", 0, mostu64).value_or(0), mostu64);
  CAF_CHECK_EQUAL(members.number<std::uint64_t>("zero", 0, mostu64).value_or(1), 0u);
  CAF_CHECK_EQUAL(members.number<std::int64_t>("minus", -1, 0).value_or(0), -1);
}

CAF_TEST(numbers outside their range are refused and not wrapped) {
  const auto value =
    json::parse(R"({"minus":-1,"mostu":18446744073709551615,"word":4294967297,"real":1.0,"big":1e30})");
  const json_members members{value};
  CAF_CHECK_EQUAL(problem_of([&] { members.number<std::uint64_t>("minus", 0, mostu64); }),
                  "minus: got -1; it takes a whole number from 0 to 18446744073709551615");
  CAF_CHECK_EQUAL(problem_of([&] { members.number<std::int64_t>("mostu", least64, most64); }),
                  "mostu: got 18446744073709551615; it takes a whole number from -9223372036854775808 to "
                  "9223372036854775807");
  CAF_CHECK_EQUAL(problem_of([&] { members.number<std::int64_t>("mostu", -1, 5); }),
                  "mostu: got 18446744073709551615; it takes a whole number from -1 to 5");
  CAF_CHECK_EQUAL(problem_of([&] { members.number<std::int32_t>("word", 1, 10); }),
                  "word: got 4294967297; it takes a whole number from 1 to 10");
  CAF_CHECK_EQUAL(problem_of([&] { members.number<int>("real", 1, 10); }),
                  "real: got 1.0; it takes a whole number from 1 to 10");
  CAF_CHECK_EQUAL(problem_of([&] { members.number<int>("big", 1, 10); }),
                  "big: got 1e+30; it takes a whole number from 1 to 10");
  CAF_CHECK_EQUAL(problem_of([&] { members.number<int>("minus", 1, 1); }), "minus: got -1; it takes 1");
}

CAF_TEST(what is required is named where it is missing) {
  const auto value = json::parse(R"({"inner":{}})");
  const json_members members{value};
  CAF_CHECK_EQUAL(problem_of([&] { members.required_number<int>("n", 0, 1); }), "n: is missing");
  CAF_CHECK_EQUAL(problem_of([&] { members.object("inner").required_number<int>("n", 0, 1); }), "inner.n: is missing");
}

CAF_TEST(what is wrong within another is named with its path) {
  const auto value = json::parse(R"({"outer":{"inner":{"text":5}},"text":[]})");
  const json_members members{value};
  const auto inner = members.object("outer").object("inner");
  CAF_CHECK_EQUAL(inner.path("x"), "outer.inner.x");
  CAF_CHECK_EQUAL(problem_of([&] { inner.text("text"); }), "outer.inner.text: got 5; it takes a string");
  CAF_CHECK_EQUAL(problem_of([&] { members.object("text"); }), "text: got []; it takes an object");
  CAF_CHECK_EQUAL(problem_of([&] { members.list("outer"); }), R"(outer: got {"inner":{"text":5}}; it takes an array)");
}

CAF_TEST(a word is one of those that there are) {
  const auto value = json::parse(R"({"a":"two","b":"TWO","c":2})");
  const json_members members{value};
  const auto read = [&](const char* name) { return members.word<int>(name, {{"one", 1}, {"two", 2}}, 0); };
  CAF_CHECK_EQUAL(read("a"), 2);
  CAF_CHECK_EQUAL(problem_of([&] { read("b"); }), R"(b: got "TWO"; it takes "one", "two")");
  CAF_CHECK_EQUAL(problem_of([&] { read("c"); }), "c: got 2; it takes a string");
}

CAF_TEST(what is shown is short ASCII in one line) {
  CAF_CHECK_EQUAL(shown_text("a \"b\"\n\xc3\xa4"), R"("a \"b\"\n\u00e4")");
  CAF_CHECK_EQUAL(shown_text("\xff"), R"("\ufffd")");
  CAF_CHECK_EQUAL(shown(json("x")), "\"x\"");
  CAF_CHECK_EQUAL(shown(json(7)), "7");
  for (const auto& text : {shown_text(std::string(100'000, 'x')), shown(json(std::string(100'000, 'x'))),
                           shown(json(std::vector<int>(1000, 7)))}) {
    CAF_CHECK_EQUAL(text.size(), 63u);
    CAF_CHECK_EQUAL(text.substr(60), "...");
  }
}
