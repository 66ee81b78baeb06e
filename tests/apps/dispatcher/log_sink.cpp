#define CAF_SUITE log_sink

#include "apps/dispatcher/log_sink.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>

using dispatch::event_field;
using dispatch::event_fields;
using dispatch::to_json_members;
using dispatch::to_text;
using nlohmann::ordered_json;

namespace {

ordered_json parsed(std::string_view event, event_fields fields) {
  return ordered_json::parse("{" + to_json_members(event, fields) + "}");
}

} // namespace

CAF_TEST(an event without fields is its name) {
  CAF_CHECK_EQUAL(to_text("stopped", {}), "stopped");
  CAF_CHECK_EQUAL(to_json_members("stopped", {}), R"("event":"stopped")");
}

CAF_TEST(fields keep their order and their types) {
  const std::vector<event_field> fields{{"text", "a"},
                                        {"signed", -1},
                                        {"unsigned", std::uint64_t{18'446'744'073'709'551'615u}},
                                        {"real", 1.5},
                                        {"yes", true}};
  CAF_CHECK_EQUAL(to_text("e", fields), "e text=a signed=-1 unsigned=18446744073709551615 real=1.500 yes=true");
  CAF_CHECK_EQUAL(to_json_members("e", fields),
                  R"("event":"e","text":"a","signed":-1,"unsigned":18446744073709551615,"real":1.500,"yes":true)");
}

CAF_TEST(a real number has three digits after the point) {
  for (const auto& [number, text] :
       {std::pair{475.09526847871166, "475.095"}, {0.9996, "1.000"}, {0.0, "0.000"}, {1e9, "1000000000.000"}}) {
    CAF_CHECK_EQUAL(to_text("e", {{"k", number}}), "e k=" + std::string{text});
    CAF_CHECK_EQUAL(to_json_members("e", {{"k", number}}), R"("event":"e","k":)" + std::string{text});
  }
}

CAF_TEST(plain words need no quotes) {
  for (const std::string text : {"a", "client_127.0.0.1:53412", "[::1]:8080", "NOT_FOUND", "a,b;c'd"})
    CAF_CHECK_EQUAL(to_text("e", {{"k", text}}), "e k=" + text);
}

CAF_TEST(what could be taken for something else is quoted) {
  CAF_CHECK_EQUAL(to_text("e", {{"k", ""}}), R"(e k="")");
  CAF_CHECK_EQUAL(to_text("e", {{"k", "two words"}}), R"(e k="two words")");
  CAF_CHECK_EQUAL(to_text("e", {{"k", "a=b"}}), R"(e k="a=b")");
  CAF_CHECK_EQUAL(to_text("e", {{"k", "a\"b"}}), R"(e k="a\"b")");
  CAF_CHECK_EQUAL(to_text("e", {{"k", "a\\b"}}), R"(e k="a\\b")");
  CAF_CHECK_EQUAL(to_text("e", {{"k", "a\nb"}}), R"(e k="a\nb")");
  CAF_CHECK_EQUAL(to_text("e", {{"k", "a\tb\r"}}), R"(e k="a\tb\r")");
}

CAF_TEST(what a terminal would obey is escaped) {
  CAF_CHECK_EQUAL(to_text("e", {{"k", "\x1b[31mred"}}), "e k=\"\\u001b[31mred\"");
  CAF_CHECK_EQUAL(to_text("e", {{"k", std::string("a\0b", 3)}}), "e k=\"a\\u0000b\"");
  CAF_CHECK_EQUAL(to_text("e", {{"k", "a\xff"}}), "e k=\"a\xef\xbf\xbd\"");
}

CAF_TEST(text in JSON is quoted and always valid) {
  CAF_CHECK_EQUAL(to_json_members("e", {{"k", "a \"b\"\n"}}), R"("event":"e","k":"a \"b\"\n")");
  CAF_CHECK_EQUAL(parsed("e", {{"k", "\xff\xfe"}})["k"].get<std::string>(), "\xef\xbf\xbd\xef\xbf\xbd");
}

CAF_TEST(numbers that JSON cannot say are null) {
  CAF_CHECK(parsed("e", {{"k", std::numeric_limits<double>::quiet_NaN()}})["k"].is_null());
  CAF_CHECK(parsed("e", {{"k", std::numeric_limits<double>::infinity()}})["k"].is_null());
}

CAF_TEST(any text stays on one line and can be read back) {
  constexpr std::uint64_t seed = 60;
  std::mt19937_64 random{seed};
  for (auto round = 0; round < 500; ++round) {
    std::string text(random() % 30, '\0');
    for (auto& c : text)
      c = static_cast<char>(random() % 128);
    const auto line = to_text("e", {{"k", text}, {"end", 1}});
    const auto members = to_json_members("e", {{"k", text}, {"end", 1}});
    const auto value = line.substr(4, line.size() - 4 - 6);
    const auto read = !value.empty() && value.front() == '"' ? ordered_json::parse(value).get<std::string>() : value;
    const auto good = line.find_first_of("\r\n\x1b") == std::string::npos && line.substr(line.size() - 6) == " end=1"
                      && read == text && members.find_first_of("\r\n\x1b") == std::string::npos
                      && ordered_json::parse("{" + members + "}")["k"] == text;
    if (!good)
      CAF_FAIL("seed " << seed << ", round " << round << ": " << line);
  }
}
