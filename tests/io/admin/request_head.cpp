#define CAF_SUITE request_head

#include "io/admin/request_head.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace dispatch::admin;

CAF_TEST(a head ends with its empty line) {
  constexpr auto none = std::string_view::npos;
  CAF_CHECK_EQUAL(end_of_head("", 0), none);
  CAF_CHECK_EQUAL(end_of_head("GET / HTTP/1.1\r\nHost: a\r\n", 0), none);
  CAF_CHECK_EQUAL(end_of_head("GET / HTTP/1.1\r\n\r\nmore", 0), 18u);
  CAF_CHECK_EQUAL(end_of_head("GET /\n\nmore", 0), 7u);
}

CAF_TEST(an end that comes in pieces is found) {
  const std::string head = "GET / HTTP/1.1\r\n\r\n";
  for (std::size_t cut = 0; cut < head.size(); ++cut)
    CAF_CHECK_EQUAL(end_of_head(head, cut), head.size());
}

CAF_TEST(only headers that are looked at are left) {
  CAF_CHECK_EQUAL(essential_head("GET /events HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1,2-3\r\nAccept-Encoding: br\r\n"
                                 "ACCEPT: text/event-stream\r\nContent-Length: 10\r\nExpect: 100-continue\r\n"
                                 "last-event-id: 7\r\nAcceptable: no\r\n\r\n"),
                  "GET /events HTTP/1.1\r\nHost: a\r\nACCEPT: text/event-stream\r\nlast-event-id: 7\r\n\r\n");
}

CAF_TEST(a target in absolute form becomes a path and the host) {
  CAF_CHECK_EQUAL(
    essential_head("GET http://a:1/status?x=http://y HTTP/1.1\r\nHost: b\r\nAccept: c\r\nhost: d\r\n\r\n"),
    "GET /status?x=http://y HTTP/1.1\r\nHost: a:1\r\nAccept: c\r\n\r\n");
  CAF_CHECK_EQUAL(essential_head("GET HTTP://a HTTP/1.1\r\n\r\n"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CAF_CHECK_EQUAL(essential_head("GET https://a?b HTTP/1.1\r\n\r\n"), "GET /?b HTTP/1.1\r\nHost: a\r\n\r\n");
  CAF_CHECK_EQUAL(essential_head("GET http://\r\n\r\n"), "GET http://\r\n\r\n");
  CAF_CHECK_EQUAL(essential_head("GET /http://a HTTP/1.1\r\n\r\n"), "GET /http://a HTTP/1.1\r\n\r\n");
}

CAF_TEST(a head that is not one stays without headers) {
  CAF_CHECK_EQUAL(essential_head(""), "");
  CAF_CHECK_EQUAL(essential_head("nonsense"), "");
  CAF_CHECK_EQUAL(essential_head("GET /\n\n"), "GET /\n");
}

CAF_TEST(names of this machine are local) {
  for (const auto* name : {"", "localhost", "localhost:8081", "LOCALHOST:1", "127.0.0.1:8081", "10.1.2.3", "[::1]:8081",
                           "[fe80::1]", "dispatcher:8081", "a.localhost:1"})
    CAF_CHECK(is_local_name(name));
}

CAF_TEST(names of the internet are not ) {
  for (const auto* name : {"example.org", "example.org:8081", "127.0.0.1.example.org", "localhost.example.org:8081",
                           "1.2.3", "notlocalhost.org", "evil.localhost.org"})
    CAF_CHECK(!is_local_name(name));
}
