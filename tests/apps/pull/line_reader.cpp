#define CAF_SUITE line_reader

#include "apps/pull/line_reader.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

using dispatch::pull::line_reader;
using status = line_reader::status;

namespace {

void feed(line_reader& reader, std::string_view bytes) {
  auto room = reader.prepare(bytes.size());
  std::copy(bytes.begin(), bytes.end(), room.data);
  reader.commit(bytes.size());
}

std::vector<std::string> take_all(line_reader& reader) {
  std::vector<std::string> result;
  std::string_view line;
  while (reader.next(line) == status::line)
    result.emplace_back(line);
  return result;
}

using lines = std::vector<std::string>;

} // namespace

CAF_TEST(lines are cut at line ends) {
  line_reader reader{100};
  feed(reader, "one\ntwo\n\nthr");
  CAF_CHECK_EQUAL(take_all(reader), (lines{"one", "two", ""}));
  CAF_CHECK_EQUAL(reader.pending(), 3u);
  feed(reader, "ee\n");
  CAF_CHECK_EQUAL(take_all(reader), lines{"three"});
  CAF_CHECK_EQUAL(reader.pending(), 0u);
}

CAF_TEST(a line may be as long as the limit and no longer) {
  line_reader reader{4};
  feed(reader, "1234");
  CAF_CHECK_EQUAL(take_all(reader), lines{});
  feed(reader, "\n12345\n");
  std::string_view line;
  CAF_CHECK(reader.next(line) == status::line);
  CAF_CHECK_EQUAL(line, "1234");
  CAF_CHECK(reader.next(line) == status::too_long);
  CAF_CHECK(reader.next(line) == status::too_long);
}

CAF_TEST(a line that is too long is noticed before its end) {
  line_reader reader{4};
  feed(reader, "12345");
  std::string_view line;
  CAF_CHECK(reader.next(line) == status::too_long);
}

CAF_TEST(any cuts of the stream give the same lines) {
  std::mt19937 random{7};
  for (int round = 0; round < 300; ++round) {
    lines expected;
    std::string stream;
    for (auto count = random() % 20; count > 0; --count) {
      std::string line(random() % (round % 3 == 0 ? 2000 : 10), 'x');
      for (auto& c : line)
        c = static_cast<char>('a' + random() % 26);
      stream += line + '\n';
      expected.push_back(std::move(line));
    }
    line_reader reader{2000};
    lines got;
    for (std::string_view rest = stream; !rest.empty();) {
      auto size = std::min<std::size_t>(rest.size(), 1 + random() % (round % 2 == 0 ? 5 : 3000));
      feed(reader, rest.substr(0, size));
      rest.remove_prefix(size);
      // Taking lines out now and then only must make no difference.
      if (random() % 3 == 0)
        for (auto& line : take_all(reader))
          got.push_back(std::move(line));
    }
    for (auto& line : take_all(reader))
      got.push_back(std::move(line));
    CAF_CHECK_EQUAL(got, expected);
    CAF_CHECK_EQUAL(reader.pending(), 0u);
  }
}

CAF_TEST(a long line in small pieces takes linear time) {
  // 64 MiB in pieces of 4 KiB: quadratic, it would be 0.5 TB to look at.
  line_reader reader{std::size_t{256} << 20};
  std::string piece(4096, 'x');
  std::string_view line;
  for (int i = 0; i < 16384; ++i) {
    feed(reader, piece);
    CAF_REQUIRE(reader.next(line) == status::need_more);
  }
  feed(reader, "\n");
  CAF_CHECK(reader.next(line) == status::line);
  CAF_CHECK_EQUAL(line.size(), std::size_t{64} << 20);
}

CAF_TEST(bytes between lines) {
  line_reader reader{10};
  std::string_view got;
  feed(reader, "ab\n\n12\n345");
  CAF_CHECK(reader.next(got) == line_reader::status::line);
  CAF_CHECK(reader.next_bytes(7, got) == line_reader::status::need_more);
  feed(reader, "6\ncd\n");
  CAF_CHECK(reader.next_bytes(8, got) == line_reader::status::line);
  CAF_CHECK_EQUAL(std::string{got}, "\n12\n3456");
  CAF_CHECK(reader.next(got) == line_reader::status::line);
  CAF_CHECK_EQUAL(std::string{got}, "cd");
}

CAF_TEST(bytes without a line end behind them) {
  line_reader reader{10};
  std::string_view got;
  feed(reader, "abc");
  CAF_CHECK(reader.next_bytes(2, got) == line_reader::status::too_long);
  CAF_CHECK(reader.next(got) == line_reader::status::too_long);
}
