#include "apps/pull/other_server.hpp"

#include "apps/pull/printable_text.hpp"

namespace dispatch::pull {

namespace {

constexpr std::size_t longest_quote = 40;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// A SETTINGS frame of HTTP/2 (RFC 9113, 6.5) is short, has the type 4, and is of no stream.
bool is_http2(std::string_view bytes) {
  constexpr std::string_view no_stream{"\0\0\0\0", 4};
  return bytes.size() >= 9 && starts_with(bytes, {"\0\0", 2}) && bytes[3] == 4 && bytes.substr(5, 4) == no_stream;
}

std::string_view name_of(std::string_view bytes) {
  if (starts_with(bytes, "HTTP/"))
    return "an HTTP server";
  if (starts_with(bytes, "SSH-"))
    return "an SSH server";
  if (starts_with(bytes, "\x15\x03")) // an alert (RFC 8446, 5.1)
    return "a TLS server";
  if (is_http2(bytes))
    return "a gRPC server, such as a dataset service,";
  return "another server";
}

} // namespace

std::optional<other_server> other_server_of(std::string_view bytes) {
  if (bytes.front() == '{')
    return std::nullopt;
  const auto line = bytes.substr(0, bytes.find_first_of("\r\n"));
  return other_server{starts_with(bytes, "HTTP/"), std::string{name_of(bytes)} + " answers (\""
                                                     + printable_text(line.empty() ? bytes : line, longest_quote)
                                                     + "\")"};
}

} // namespace dispatch::pull
