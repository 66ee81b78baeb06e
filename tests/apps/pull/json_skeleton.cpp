#define CAF_SUITE json_skeleton

#include "apps/pull/json_skeleton.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::pull::skeleton_of;

namespace {

const std::string long_text(5000, 'x');

std::string in_quotes(const std::string& text) {
  return '"' + text + '"';
}

} // namespace

CAF_TEST(short strings stay where they are) {
  const std::string line = R"({"a":"b","c":["d\"e",1]})";
  const auto skeleton = skeleton_of(line);
  CAF_CHECK_EQUAL(skeleton.text, line);
  CAF_CHECK_EQUAL(skeleton.cuts.size(), 4u);
  for (const auto& cut : skeleton.cuts)
    CAF_CHECK(!cut);
}

CAF_TEST(long strings are cut out in their order) {
  const std::string other(300, 'y');
  const auto line = "{\"a\":[" + in_quotes(long_text) + ",\"\"," + in_quotes(other) + "]}";
  const auto skeleton = skeleton_of(line);
  CAF_CHECK_EQUAL(skeleton.text, R"({"a":["","",""]})");
  CAF_REQUIRE_EQUAL(skeleton.cuts.size(), 4u);
  CAF_CHECK(!skeleton.cuts[0]);
  CAF_CHECK(skeleton.cuts[1] == long_text);
  CAF_CHECK(!skeleton.cuts[2]);
  CAF_CHECK(skeleton.cuts[3] == other);
}

CAF_TEST(a long string that needs unescaping stays) {
  for (const auto* escaped : {"\\n", "\\\"", "\\\\"}) {
    const auto line = "[" + in_quotes(long_text + escaped) + "]";
    CAF_CHECK_EQUAL(skeleton_of(line).text, line);
  }
}

CAF_TEST(a string without an end stays) {
  for (const auto& line : {"[\"" + long_text, "[\"" + long_text + "\\\"", std::string{"\""}, std::string{"\"\\"}})
    CAF_CHECK_EQUAL(skeleton_of(line).text, line);
}
