#include "apps/pull/session/cursor_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <variant>

#include "apps/pull/part_file.hpp"
#include "apps/pull/printable_text.hpp"
#include "apps/pull/sample_sink.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch::pull {

namespace {

constexpr std::size_t longest_cursor = std::size_t{64} << 10;

std::string without_space(const std::string& text) {
  constexpr auto space = " \t\r\n";
  const auto begin = text.find_first_not_of(space);
  return begin == std::string::npos ? std::string{} : text.substr(begin, text.find_last_not_of(space) + 1 - begin);
}

std::string content_of(const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  if (!file)
    throw cursor_file_error{"--cursor-file: cannot read " + name + ": " + std::strerror(errno)};
  std::string text(longest_cursor + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  // A folder can be opened, and not read.
  if (file.bad())
    throw cursor_file_error{"--cursor-file: cannot read " + name + ": it is no file"};
  return text;
}

} // namespace

std::string read_cursor_file(const std::string& name) {
  std::error_code ignored;
  if (!std::filesystem::exists(name, ignored))
    return {};
  auto cursor = without_space(content_of(name));
  if (cursor.empty())
    return cursor;
  const auto parsed = parse_cursor(cursor);
  if (const auto* problem = std::get_if<std::string>(&parsed))
    throw cursor_file_error{"--cursor-file: " + name + ": " + printable_text(*problem, 300)};
  return cursor;
}

void write_cursor_file(const std::string& name, const std::string& cursor) {
  try {
    part_file file{name};
    file.write(cursor + "\n");
    file.commit();
  } catch (const sink_error& error) {
    throw cursor_file_error{std::string{"--cursor-file: "} + error.what()};
  }
}

} // namespace dispatch::pull
