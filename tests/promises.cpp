#define CAF_SUITE promises

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace fs = std::filesystem;

namespace {

const fs::path source_dir{DISPATCHER_SOURCE_DIR};

std::string content_of(const fs::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// All matches of a pattern with two groups.
std::vector<std::pair<std::string, std::string>> find_all(const std::string& text, const char* pattern) {
  const std::regex expression{pattern};
  std::vector<std::pair<std::string, std::string>> found;
  for (std::sregex_iterator i{text.begin(), text.end(), expression}, end; i != end; ++i)
    found.emplace_back((*i)[1], (*i)[2]);
  return found;
}

/// The names of all tests, by suite.
std::map<std::string, std::set<std::string>> all_tests() {
  std::map<std::string, std::set<std::string>> result;
  for (const auto& entry : fs::recursive_directory_iterator{source_dir / "tests"}) {
    if (entry.path().extension() != ".cpp")
      continue;
    for (const auto& [head, name] : find_all(content_of(entry.path()), "(CAF_TEST)\\(([^)]*)\\)"))
      result[entry.path().stem().string()].insert(name);
  }
  return result;
}

} // namespace

CAF_TEST(each test that docs promises names is there) {
  const auto tests = all_tests();
  const auto page = content_of(source_dir / "docs" / "promises.md");
  // A name may go on in the next line.
  const auto text = std::regex_replace(page, std::regex{"\\s+"}, " ");
  const auto named = find_all(text, "- `([a-z_]+)`: ([A-Za-z0-9 ]+)");
  const auto scripts = find_all(text, "- `(tests/[a-z_/]+\\.py|chaos\\.[a-z]+)(`)");
  CAF_CHECK_GREATER(named.size(), 100u);
  CAF_CHECK_EQUAL(named.size() + scripts.size(), find_all(page, "(\n  - )(`)").size());
  for (const auto& [suite, name] : named) {
    const auto found = tests.find(suite);
    const auto trimmed = name.substr(0, name.find_last_not_of(' ') + 1);
    if (found == tests.end() || found->second.count(trimmed) == 0)
      CAF_ERROR("docs/promises.md names a test that is not there: " << suite << ": " << trimmed);
  }
  const auto chaos = content_of(source_dir / "tests" / "chaos" / "CMakeLists.txt");
  const auto is_there = [&chaos](const std::string& script) {
    return fs::exists(source_dir / script) || chaos.find("dispatch_chaos_test(" + script + " ") != std::string::npos;
  };
  for (const auto& [script, quote] : scripts)
    if (!is_there(script))
      CAF_ERROR("docs/promises.md names a script that is not there: " << script);
}
