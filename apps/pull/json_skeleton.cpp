#include "apps/pull/json_skeleton.hpp"

namespace dispatch::pull {

namespace {

constexpr std::size_t long_string = 256; // bytes

/// The position of the quote that closes a string whose content starts at `start`, or npos.
std::size_t end_of_string(std::string_view line, std::size_t start) {
  for (auto from = start;;) {
    const auto quote = line.find('"', from);
    if (quote == std::string_view::npos)
      return quote;
    const auto backslash = line.substr(from, quote - from).find('\\');
    if (backslash == std::string_view::npos)
      return quote;
    from += backslash + 2;
  }
}

bool is_to_be_cut(std::string_view content) {
  return content.size() >= long_string && content.find('\\') == std::string_view::npos;
}

} // namespace

json_skeleton skeleton_of(std::string_view line) {
  json_skeleton result;
  std::size_t copied = 0;
  for (auto quote = line.find('"'); quote != std::string_view::npos;) {
    const auto start = quote + 1;
    const auto end = end_of_string(line, start);
    if (end == std::string_view::npos)
      break;
    const auto content = line.substr(start, end - start);
    auto& cut = result.cuts.emplace_back();
    if (is_to_be_cut(content)) {
      cut = content;
      result.text.append(line.substr(copied, start - copied));
      copied = end;
    }
    quote = line.find('"', end + 1);
  }
  result.text.append(line.substr(copied));
  return result;
}

} // namespace dispatch::pull
