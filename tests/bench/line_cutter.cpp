#define CAF_SUITE line_cutter

#include "bench/stream/line_cutter.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using dispatch::bench::line_cutter;

namespace {

struct seen_line {
  std::string head;
  std::string tail;
  std::size_t size;
};

/// Cuts all of `pieces`, each in memory of its own that is gone afterwards.
std::vector<seen_line> cut(line_cutter& cutter, const std::vector<std::string>& pieces) {
  std::vector<seen_line> result;
  for (const auto& piece : pieces) {
    const std::vector<char> memory(piece.begin(), piece.end());
    std::string_view rest{memory.data(), memory.size()};
    while (const auto line = cutter.next(rest))
      result.push_back({std::string{line->head}, std::string{line->tail}, line->size});
    CAF_CHECK(rest.empty());
  }
  return result;
}

/// Whether the ends are those of `line`, and long enough.
bool has_ends_of(const seen_line& seen, const std::string& line) {
  return seen.size == line.size() && line.compare(0, seen.head.size(), seen.head) == 0
         && seen.head.size() >= std::min(line.size(), line_cutter::head_size)
         && line.compare(line.size() - std::min(line.size(), seen.tail.size()), std::string::npos, seen.tail) == 0
         && seen.tail.size() >= std::min(line.size(), line_cutter::tail_size);
}

} // namespace

CAF_TEST(lines within a piece) {
  line_cutter cutter;
  const auto lines = cut(cutter, {"one\n\nthree\nfo"});
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  CAF_CHECK_EQUAL(lines[0].head, "one");
  CAF_CHECK_EQUAL(lines[0].tail, "one");
  CAF_CHECK_EQUAL(lines[1].size, 0u);
  CAF_CHECK_EQUAL(lines[2].head, "three");
  CAF_CHECK_EQUAL(cutter.pending(), 2u);
}

CAF_TEST(a line over several pieces) {
  line_cutter cutter;
  const auto lines = cut(cutter, {"on", "", "e", "\nt", "wo\n"});
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(lines[0].head, "one");
  CAF_CHECK_EQUAL(lines[0].tail, "one");
  CAF_CHECK_EQUAL(lines[1].tail, "two");
  CAF_CHECK_EQUAL(cutter.pending(), 0u);
}

CAF_TEST(of a long line over several pieces the two ends are kept) {
  line_cutter cutter;
  const auto line = std::string(1000, 'a') + std::string(100'000, 'b') + std::string(200, 'c');
  const auto lines = cut(cutter, {line.substr(0, 700), line.substr(700, 90'000), line.substr(90'700), "\n"});
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK_EQUAL(lines[0].head, line.substr(0, line_cutter::head_size));
  CAF_CHECK_EQUAL(lines[0].tail, line.substr(line.size() - line_cutter::tail_size));
  CAF_CHECK_EQUAL(lines[0].size, line.size());
}

CAF_TEST(the pieces make no difference) {
  std::mt19937 random{7};
  for (auto round = 0; round < 300; ++round) {
    std::vector<std::string> expected;
    std::string all;
    for (auto i = 0; i < 5; ++i) {
      std::string line(random() % 3000, ' ');
      for (auto& c : line)
        c = static_cast<char>('a' + random() % 26);
      expected.push_back(line);
      all += line + "\n";
    }
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < all.size(); at += pieces.back().size())
      pieces.push_back(all.substr(at, 1 + random() % 1500));
    line_cutter cutter;
    const auto lines = cut(cutter, pieces);
    CAF_REQUIRE_EQUAL(lines.size(), expected.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
      CAF_CHECK(has_ends_of(lines[i], expected[i]));
  }
}
