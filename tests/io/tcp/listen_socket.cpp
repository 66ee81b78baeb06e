#define CAF_SUITE listen_socket

#include "io/tcp/listen_socket.hpp"

#include <caf/test/dsl.hpp>

#include <unistd.h>

#include "tests/support/tcp_client.hpp"

using namespace dispatch;

CAF_TEST(port 0 lets the kernel choose) {
  const auto opened = io::open_listen_socket({"127.0.0.1", 0});
  CAF_REQUIRE(std::holds_alternative<io::listen_socket>(opened));
  const auto& socket = std::get<io::listen_socket>(opened);
  CAF_CHECK(socket.port != 0);
  const test::tcp_client peer{socket.port};
}

CAF_TEST(no host means all addresses) {
  const auto socket = std::get<io::listen_socket>(io::open_listen_socket({"", 0}));
  const test::tcp_client v4_peer{socket.port};
}

CAF_TEST(a port in use is one clear sentence) {
  const auto first = std::get<io::listen_socket>(io::open_listen_socket({"127.0.0.1", 0}));
  const auto second = io::open_listen_socket({"127.0.0.1", first.port});
  CAF_REQUIRE(std::holds_alternative<std::string>(second));
  CAF_CHECK_EQUAL(std::get<std::string>(second),
                  "cannot listen on 127.0.0.1:" + std::to_string(first.port) + ": Address already in use");
}

CAF_TEST(a port in use on one family is not served on the other alone) {
  const auto first = std::get<io::listen_socket>(io::open_listen_socket({"", 0}));
  CAF_CHECK(std::holds_alternative<std::string>(io::open_listen_socket({"", first.port})));
}

CAF_TEST(an address that is not ours is one clear sentence) {
  const auto opened = io::open_listen_socket({"192.0.2.1", 0});
  CAF_REQUIRE(std::holds_alternative<std::string>(opened));
  CAF_CHECK_EQUAL(std::get<std::string>(opened), "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}
