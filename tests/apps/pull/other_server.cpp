#define CAF_SUITE other_server

#include "apps/pull/other_server.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <string_view>

using dispatch::pull::other_server_of;
using namespace std::string_view_literals;

namespace {

std::string text_of(std::string_view bytes) {
  const auto other = other_server_of(bytes);
  return other ? other->text : "(none)";
}

} // namespace

CAF_TEST(what a frame begins with is no other server) {
  CAF_CHECK_EQUAL(text_of("{"), "(none)");
  CAF_CHECK_EQUAL(text_of("{\"batch_id\""), "(none)");
}

CAF_TEST(servers are known by their first bytes) {
  CAF_CHECK_EQUAL(text_of("SSH-2.0-OpenSSH_9.2p1\r\n"), "an SSH server answers (\"SSH-2.0-OpenSSH_9.2p1\")");
  CAF_CHECK_EQUAL(text_of("HTTP/1.1 404 Not Found\r\nServer: x\r\n"),
                  "an HTTP server answers (\"HTTP/1.1 404 Not Found\")");
  CAF_CHECK_EQUAL(text_of("\x15\x03\x01\0\x02\x02\x46"sv),
                  "a TLS server answers (\"\\x15\\x03\\x01\\x00\\x02\\x02F\")");
  CAF_CHECK_EQUAL(
    text_of("\0\0\0\x04\0\0\0\0\0"sv),
    "a gRPC server, such as a dataset service, answers (\"\\x00\\x00\\x00\\x04\\x00\\x00\\x00\\x00\\x00\")");
  CAF_CHECK_EQUAL(text_of("220 mail.example.org ESMTP\r\n"), "another server answers (\"220 mail.example.org ESMTP\")");
  CAF_CHECK_EQUAL(text_of("\n"), "another server answers (\"\\x0a\")");
}

CAF_TEST(only HTTP can be asked on) {
  CAF_CHECK(other_server_of("HTTP/1.0 200 OK")->speaks_http);
  CAF_CHECK(!other_server_of("SSH-2.0")->speaks_http);
}

CAF_TEST(a quotation is short) {
  CAF_CHECK_EQUAL(text_of(std::string(100, 'x')), "another server answers (\"" + std::string(40, 'x') + "...\")");
}
