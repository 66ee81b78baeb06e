#include "bench/stream/session_note.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace dispatch::bench {

namespace {

constexpr std::string_view beginning = "{\"type\":\"";

constexpr std::array<std::pair<std::string_view, session_word>, 7> words{{{"batch", session_word::batch},
                                                                          {"epoch", session_word::epoch},
                                                                          {"eof", session_word::eof},
                                                                          {"wait", session_word::wait},
                                                                          {"welcome", session_word::welcome},
                                                                          {"drain", session_word::drain},
                                                                          {"error", session_word::error}}};

std::optional<session_word> word_of(std::string_view line) {
  if (line.substr(0, beginning.size()) != beginning || line.back() != '}')
    return std::nullopt;
  line.remove_prefix(beginning.size());
  const auto word = line.substr(0, line.find('"'));
  for (const auto& [text, meaning] : words)
    if (text == word)
      return meaning;
  return std::nullopt;
}

template <class Number>
std::optional<Number> number_at(std::string_view text) {
  Number number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  // A line goes on behind each of its numbers.
  if (read.ec != std::errc{} || number < Number{0} || read.ptr == text.data() + text.size())
    return std::nullopt;
  return number;
}

/// What follows the first `key`, such as `"seq":`; empty where it is not there.
std::string_view behind(std::string_view key, std::string_view line) {
  const auto found = line.find(key);
  return found == std::string_view::npos ? std::string_view{} : line.substr(found + key.size());
}

/// The inside of the text that `key` has, with its escapes.
std::string text_behind(std::string_view key, std::string_view line) {
  auto value = behind(key, line);
  if (value.empty() || value.front() != '"')
    return {};
  value.remove_prefix(1);
  std::size_t end = 0;
  while (end < value.size() && value[end] != '"')
    end += value[end] == '\\' ? 2 : 1;
  return std::string{value.substr(0, std::min(end, value.size()))};
}

/// Reads the numbers of a line that has some.
/// @param key of `number`
std::optional<session_note> with_numbers(session_word what, std::string_view line, std::string_view key) {
  const auto number = number_at<std::int64_t>(behind(key, line));
  const auto epoch = what == session_word::eof ? 0 : number_at<std::int64_t>(behind("\"epoch\":", line));
  if (!number || !epoch || (what == session_word::batch && !payload_bytes_of(line)))
    return std::nullopt;
  const auto is_redelivered = what == session_word::batch && !behind("\"redelivered\":true", line).empty();
  return session_note{what, *number, *epoch, is_redelivered, std::nullopt};
}

} // namespace

std::optional<std::uint64_t> payload_bytes_of(std::string_view line) {
  constexpr std::string_view key = "\"payload_bytes\":";
  const auto found = line.rfind(key);
  return found == std::string_view::npos ? std::nullopt : number_at<std::uint64_t>(line.substr(found + key.size()));
}

std::optional<session_note> read_session_note(std::string_view line) {
  const auto what = word_of(line);
  if (!what)
    return std::nullopt;
  switch (*what) {
  case session_word::batch:
    return with_numbers(*what, line, "\"seq\":");
  case session_word::epoch:
  case session_word::eof:
    return with_numbers(*what, line, "\"batches\":");
  case session_word::error:
    return session_note{*what, 0, 0, false,
                        pull::stream_error{text_behind("\"code\":", line), text_behind("\"message\":", line)}};
  default:
    return session_note{*what, 0, 0, false, std::nullopt};
  }
}

} // namespace dispatch::bench
