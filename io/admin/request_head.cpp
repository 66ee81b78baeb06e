#include "io/admin/request_head.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

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

bool starts_with(std::string_view text, std::string_view beginning) {
  return equals_ignoring_case(text.substr(0, beginning.size()), beginning);
}

/// The two parts of a target in absolute form.
struct absolute_target {
  std::string_view host;
  /// May be empty.
  std::string_view path;
};

std::optional<absolute_target> parse_absolute(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (starts_with(target, scheme)) {
      target.remove_prefix(scheme.size());
      const auto path = std::min(target.find_first_of("/?"), target.size());
      return absolute_target{target.substr(0, path), target.substr(path)};
    }
  return std::nullopt;
}

/// The request line with a target in absolute form, as a line with its path and one with its host; nothing where the
/// target has another form.
std::optional<std::string> in_origin_form(std::string_view request_line) {
  const auto method = request_line.find(' ');
  const auto version = request_line.rfind(' ');
  if (method == std::string_view::npos || version <= method)
    return std::nullopt;
  const auto target = parse_absolute(request_line.substr(method + 1, version - method - 1));
  if (!target)
    return std::nullopt;
  std::string result{request_line.substr(0, method + 1)};
  if (!starts_with(target->path, "/"))
    result.append("/");
  result.append(target->path).append(request_line.substr(version));
  return result.append("Host: ").append(target->host).append("\r\n");
}

/// Takes the next line, with its end, from `text`. What has no end is no line.
std::string_view next_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n') + 1);
  text.remove_prefix(line.empty() ? text.size() : line.size());
  return line;
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
  const auto request_line = next_line(head);
  const auto rewritten = in_origin_form(request_line);
  std::string result{rewritten ? *rewritten : request_line};
  while (!head.empty()) {
    const auto line = next_line(head);
    const auto is_replaced = rewritten && starts_with(line, "host:");
    if (line == "\r\n" || (is_looked_at(line) && !is_replaced))
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
