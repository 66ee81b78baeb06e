#include "io/admin/request_head.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace dispatch::admin {

namespace {

constexpr std::array<std::string_view, 3> looked_at{"host", "accept", "last-event-id"};

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_looked_at(std::string_view line) {
  const auto name = line.substr(0, line.find(':'));
  return std::any_of(looked_at.begin(), looked_at.end(),
                     [&](std::string_view known) { return equals_ignoring_case(name, known); });
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(::in6_addr)> address{};
  return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1
         || ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

} // namespace

std::size_t end_of_head(std::string_view received, std::size_t from) {
  const auto begin = from < 3 ? 0 : from - 3;
  const auto standard = received.find("\r\n\r\n", begin);
  if (standard != std::string_view::npos)
    return standard + 4;
  // Typed by hand; the library says what is wrong with it.
  const auto bare = received.find("\n\n", begin);
  return bare != std::string_view::npos ? bare + 2 : bare;
}

std::string essential_head(std::string_view head) {
  std::string result;
  auto is_first = true;
  while (!head.empty()) {
    const auto line = head.substr(0, head.find('\n') + 1);
    head.remove_prefix(line.empty() ? head.size() : line.size());
    if (std::exchange(is_first, false) || line == "\r\n" || is_looked_at(line))
      result.append(line);
  }
  return result;
}

bool is_local_name(std::string_view host) {
  const auto bracket = host.find(']');
  if (bracket != std::string_view::npos)
    host = host.substr(host.front() == '[' ? 1 : 0, bracket - (host.front() == '[' ? 1 : 0));
  else
    host = host.substr(0, host.find(':'));
  return is_address(std::string{host}) || host.find('.') == std::string_view::npos || ends_with(host, ".localhost");
}

} // namespace dispatch::admin
