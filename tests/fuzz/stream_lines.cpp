// sources: apps/pull/line_reader.cpp
// sources: bench/stream/frame_note.cpp bench/stream/line_cutter.cpp bench/stream/pass_check.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/pull/line_reader.hpp"
#include "bench/stream/line_cutter.hpp"
#include "bench/stream/pass_check.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// A stream has the same lines, and the same faults, however it is cut: for the consumer, which keeps whole lines, and
/// for the load generator, which keeps the ends of them.

using dispatch::bench::line_cutter;
using dispatch::bench::pass_check;
using dispatch::pull::line_reader;
using dispatch::test::cut_input;
using dispatch::test::require;

namespace {

/// The lines, and what is behind the last line end.
std::vector<std::string_view> plain_lines(std::string_view stream) {
  std::vector<std::string_view> result;
  for (auto end = stream.find('\n'); end != std::string_view::npos; end = stream.find('\n')) {
    result.push_back(stream.substr(0, end));
    stream.remove_prefix(end + 1);
  }
  result.push_back(stream);
  return result;
}

/// Reads what is there; whether the reader still takes more.
bool take_lines(line_reader& reader, std::vector<std::string>& lines) {
  std::string_view line;
  auto status = reader.next(line);
  for (; status == line_reader::status::line; status = reader.next(line))
    lines.emplace_back(line);
  return status == line_reader::status::need_more;
}

void check_reader(const cut_input& input, std::size_t max_line) {
  line_reader reader{max_line};
  std::vector<std::string> lines;
  auto goes_on = true;
  for (const auto& piece : input.pieces) {
    const auto room = reader.prepare(std::max<std::size_t>(piece.size(), 1));
    require(room.size >= piece.size(), "there is as much room as was wanted");
    std::copy(piece.begin(), piece.end(), room.data);
    reader.commit(piece.size());
    goes_on = take_lines(reader, lines);
    if (!goes_on)
      break;
  }
  auto expected = plain_lines(input.whole);
  const auto is_long = [max_line](std::string_view line) { return line.size() > max_line; };
  const auto first_long = std::find_if(expected.begin(), expected.end(), is_long);
  require(goes_on == (first_long == expected.end()), "a line that is too long ends it, and nothing else");
  require(!goes_on || reader.pending() == expected.back().size(), "what is no line yet is kept");
  expected.erase(goes_on ? expected.end() - 1 : first_long, expected.end());
  require(std::equal(lines.begin(), lines.end(), expected.begin(), expected.end()), "the lines are the stream's");
}

void check_ends(const dispatch::bench::line_ends& ends, std::string_view line) {
  require(ends.size == line.size(), "a line is as long as it is");
  require(ends.head.size() >= std::min(line.size(), line_cutter::head_size), "a head is long enough");
  require(ends.tail.size() >= std::min(line.size(), line_cutter::tail_size), "a tail is long enough");
  require(line.substr(0, ends.head.size()) == ends.head, "a head is the line's beginning");
  require(ends.tail.size() <= line.size() && line.substr(line.size() - ends.tail.size()) == ends.tail,
          "a tail is the line's end");
}

void check_cutter(const cut_input& input) {
  line_cutter cutter;
  const auto expected = plain_lines(input.whole);
  std::size_t count = 0;
  for (auto rest : input.views())
    while (!rest.empty()) {
      const auto line = cutter.next(rest);
      if (!line)
        continue;
      require(count + 1 < expected.size(), "there are as many lines as line ends");
      check_ends(*line, expected[count++]);
    }
  require(count + 1 == expected.size(), "every line is cut");
  require(cutter.pending() == expected.back().size(), "what is no line yet is counted");
}

/// How many frames were good, and what was wrong.
std::pair<std::size_t, std::string> judged(const std::vector<std::string_view>& pieces) {
  pass_check check;
  std::size_t frames = 0;
  for (const auto piece : pieces)
    frames += check.take(piece);
  check.close();
  require(check.complete() != check.fault().has_value(), "a stream is complete, or something is wrong with it");
  auto verdict = check.fault() ? std::string{to_string(*check.fault())} : "complete";
  if (check.error())
    verdict += ' ' + check.error()->code + ": " + check.error()->message;
  return {frames, std::move(verdict)};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto input = dispatch::test::cut(bytes, size);
  for (const auto max_line : {std::size_t{0}, std::size_t{20}, std::size_t{1000}, std::size_t{1} << 30})
    check_reader(input, max_line);
  check_cutter(input);
  require(judged(input.views()) == judged({input.whole}), "a stream has the same fault however it is cut");
  return 0;
}
