#include "tests/chaos/log_tail.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace dispatch::chaos {

log_tail::log_tail(const std::filesystem::path& file)
  : file_(::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0644)) {
  if (!file_ || ::lseek(file_.get(), 0, SEEK_END) < 0)
    throw std::system_error{errno, std::generic_category(), file.string()};
}

std::vector<std::string> log_tail::new_lines() {
  std::array<char, 65536> buffer;
  for (;;) {
    const auto got = ::read(file_.get(), buffer.data(), buffer.size());
    if (got <= 0)
      break;
    rest_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    lines.push_back(rest_.substr(begin, end - begin));
    begin = end + 1;
  }
  rest_.erase(0, begin);
  return lines;
}

std::string_view field_of(std::string_view line, std::string_view key) {
  const auto wanted = " " + std::string{key} + "=";
  const auto found = line.find(wanted);
  if (found == std::string_view::npos)
    return {};
  const auto value = line.substr(found + wanted.size());
  return value.substr(0, value.find(' '));
}

std::string_view event_of(std::string_view line) {
  const auto level = line.find(' ');
  const auto event = level == std::string_view::npos ? level : line.find(' ', level + 1);
  if (event == std::string_view::npos)
    return {};
  const auto rest = line.substr(event + 1);
  return rest.substr(0, rest.find(' '));
}

} // namespace dispatch::chaos
