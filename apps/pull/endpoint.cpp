#include "apps/pull/endpoint.hpp"

#include <charconv>

namespace dispatch::pull {

namespace {

// Takes the host off the front of `text`, or nothing when it cannot be one.
std::optional<std::string> take_host(std::string_view& text) {
  auto bracketed = !text.empty() && text.front() == '[';
  auto end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && (end == std::string_view::npos || end == 1))
    return std::nullopt;
  std::string host{bracketed ? text.substr(1, end - 1) : text.substr(0, end)};
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + (bracketed ? 1 : 0));
  return host.empty() ? "localhost" : host;
}

} // namespace

std::string endpoint::text() const {
  auto v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<endpoint> parse_endpoint(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  auto host = take_host(text);
  if (!host)
    return std::nullopt;
  endpoint result{*host, 8080};
  if (text.empty())
    return result;
  if (text.front() != ':')
    return std::nullopt;
  text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result.port);
  if (error != std::errc{} || end != text.data() + text.size() || result.port == 0)
    return std::nullopt;
  return result;
}

} // namespace dispatch::pull
