#include "bench/stream/frame_note.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace dispatch::bench {

namespace {

/// The beginning of a frame's head that numbers are searched in: what is behind that are samples.
constexpr std::size_t numbers_within = 128;

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

bool ends_with(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

/// Where the last `key` begins in `text`; every key begins with a quote, and base64 has none.
std::size_t find_key(std::string_view key, std::string_view text) {
  auto quote = text.rfind('"');
  while (quote != std::string_view::npos && !starts_with(text.substr(quote), key))
    quote = quote == 0 ? std::string_view::npos : text.rfind('"', quote - 1);
  return quote;
}

/// What follows `key` (such as `"EOF":`) in `text`, without blanks; nothing where it is not there.
std::optional<std::string_view> behind(std::string_view key, std::string_view text) {
  const auto found = find_key(key, text);
  if (found == std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(found + key.size());
  const auto value = text.find_first_not_of(' ');
  return text.substr(value == std::string_view::npos ? text.size() : value);
}

/// The same in the tail, or else in the head.
std::optional<std::string_view> behind(std::string_view key, const line_ends& line) {
  const auto in_tail =
    behind(key, line.tail.substr(line.tail.size() - std::min(line.tail.size(), line_cutter::tail_size)));
  return in_tail ? in_tail : behind(key, line.head.substr(0, line_cutter::head_size));
}

std::optional<std::int64_t> number_behind(std::string_view key, std::string_view text) {
  const auto value = behind(key, text);
  std::int64_t number = 0;
  if (!value || std::from_chars(value->data(), value->data() + value->size(), number).ec != std::errc{} || number < 0)
    return std::nullopt;
  return number;
}

/// The inside of the string that `key` has in `text`, with its escapes; cut where the text ends before it does.
std::string text_behind(std::string_view key, std::string_view text) {
  const auto value = behind(key, text).value_or(std::string_view{});
  if (!starts_with(value, "\""))
    return {};
  std::size_t end = 1;
  while (end < value.size() && value[end] != '"')
    end += value[end] == '\\' ? 2 : 1;
  return std::string{value.substr(1, std::min(end, value.size()) - 1)};
}

std::optional<std::int64_t> batch_of(const line_ends& line) {
  const auto beginning = line.head.substr(0, numbers_within);
  const auto batch = number_behind("\"batch_id\":", beginning);
  const auto again = number_behind("\"batch_index\":", beginning);
  return again && again != batch ? std::nullopt : batch;
}

/// Whether the line says EOF, where it says anything about it.
std::optional<bool> eof_of(const line_ends& line) {
  if (ends_with(line.tail, "\"EOF\":false}"))
    return false;
  const auto value = behind("\"EOF\":", line);
  if (!value || (!starts_with(*value, "true") && !starts_with(*value, "false")))
    return std::nullopt;
  return starts_with(*value, "true");
}

std::optional<pull::stream_error> error_of(const line_ends& line) {
  if (ends_with(line.tail, "\"EOF\":false}"))
    return std::nullopt;
  const auto value = behind("\"error\":", line);
  if (!value || !starts_with(*value, "{"))
    return std::nullopt;
  return pull::stream_error{text_behind("\"code\":", *value), text_behind("\"message\":", *value)};
}

} // namespace

std::optional<frame_note> read_note(const line_ends& line) {
  const auto batch = batch_of(line);
  const auto eof = eof_of(line);
  const auto whole = starts_with(line.head, "{") && ends_with(line.tail, "}");
  if (!whole || !batch || !eof || !behind("\"client_id\":", line))
    return std::nullopt;
  return frame_note{*batch, *eof, error_of(line)};
}

} // namespace dispatch::bench
