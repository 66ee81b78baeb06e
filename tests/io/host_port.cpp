#define CAF_SUITE host_port

#include "io/host_port.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

using dispatch::io::host_port;
using dispatch::io::parse_dns_name;
using dispatch::io::parse_host_port;
using dispatch::io::parse_unix_path;
using dispatch::io::to_string;

namespace {

bool reads(const std::string& text, const std::string& host, std::uint16_t port) {
  return parse_host_port(text) == host_port{host, port};
}

} // namespace

CAF_TEST(addresses are read as people write them) {
  CAF_CHECK(reads("localhost:50051", "localhost", 50051));
  CAF_CHECK(reads("127.0.0.1:8080", "127.0.0.1", 8080));
  CAF_CHECK(reads("[::1]:8080", "::1", 8080));
  CAF_CHECK(reads("[fe80::1%eth0]:1", "fe80::1%eth0", 1));
  CAF_CHECK(reads("gpu-1.example.org:1", "gpu-1.example.org", 1));
}

CAF_TEST(no host means all addresses) {
  CAF_CHECK(reads(":8080", "", 8080));
  CAF_CHECK(reads("*:8080", "", 8080));
}

CAF_TEST(ports go from 0 to 65535) {
  CAF_CHECK(reads("a:0", "a", 0));
  CAF_CHECK(reads("a:65535", "a", 65535));
  CAF_CHECK(!parse_host_port("a:65536"));
  CAF_CHECK(!parse_host_port("a:99999999999999999999"));
}

CAF_TEST(anything else is no address) {
  for (const auto* text : {"",          "nonsense",  "8080",  ":",      "a:",       "a:b",     "a:-1",    "a:+1",
                           "a: 1",      "a:1 ",      "a:1x",  "a:0x10", "::1:8080", "::1",     "[::1]",   "[::1]8080",
                           "[::1:8080", "::1]:8080", "a:b:1", "[a:1",   "[]:1",     "[a[b]:1", "[a]b]:1", "[[::1]]:1"})
    CAF_CHECK(!parse_host_port(text));
}

CAF_TEST(a path of a socket has its own form) {
  CAF_CHECK_EQUAL(parse_unix_path("unix:/run/a:b").value_or("nothing"), "/run/a:b");
  CAF_CHECK_EQUAL(parse_unix_path("unix:").value_or("nothing"), "");
  CAF_CHECK(!parse_unix_path("localhost:50051"));
}

CAF_TEST(a name whose addresses are meant has its own form) {
  CAF_CHECK((parse_dns_name("dns:gpu.example:50051") == host_port{"gpu.example", 50051}));
  CAF_CHECK((parse_dns_name("dns:10.0.0.7:50051") == host_port{"10.0.0.7", 50051}));
  for (const auto* other : {"dns:50051", "dns:gpu", "dns::50051", "dns:gpu:0", "dns:///gpu:50051", "gpu:50051", "dns:"})
    CAF_CHECK(!parse_dns_name(other));
  // A host may be called that.
  CAF_CHECK(reads("dns:50051", "dns", 50051));
}

CAF_TEST(addresses are written as they are read) {
  CAF_CHECK_EQUAL(to_string({"localhost", 50051}), "localhost:50051");
  CAF_CHECK_EQUAL(to_string({"::1", 8080}), "[::1]:8080");
  CAF_CHECK_EQUAL(to_string({"", 8080}), ":8080");
}

CAF_TEST(a v4 address that is mapped into v6 is written as v4) {
  CAF_CHECK_EQUAL(to_string({"::ffff:127.0.0.1", 53412}), "127.0.0.1:53412");
  CAF_CHECK_EQUAL(to_string({"::ffff:0:1", 1}), "[::ffff:0:1]:1");
  CAF_CHECK_EQUAL(to_string({"2001:db8::ffff:1.2.3.4", 1}), "[2001:db8::ffff:1.2.3.4]:1");
}

CAF_TEST(what is written can be read back) {
  constexpr std::uint64_t seed = 41;
  std::mt19937_64 random{seed};
  const std::string plain = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  const std::string hex = "0123456789abcdef:";
  for (auto round = 0; round < 500; ++round) {
    const auto& letters = round % 2 == 0 ? plain : hex;
    host_port address{"", static_cast<std::uint16_t>(random())};
    for (auto length = random() % 20; length > 0; --length)
      address.host += letters[random() % letters.size()];
    if (!(parse_host_port(to_string(address)) == address))
      CAF_FAIL("seed " << seed << ", round " << round << ": " << to_string(address));
  }
}
