#define CAF_SUITE endpoint

#include "apps/pull/endpoint.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::pull::parse_endpoint;

namespace {

// "host port" of what was read.
std::string read(std::string_view text) {
  auto x = parse_endpoint(text);
  return x ? x->host + " " + std::to_string(x->port) : "none";
}

} // namespace

CAF_TEST(host and port) {
  CAF_CHECK_EQUAL(read("gpu7:9000"), "gpu7 9000");
  CAF_CHECK_EQUAL(read("10.0.0.1:65535"), "10.0.0.1 65535");
  CAF_CHECK_EQUAL(read("[::1]:8081"), "::1 8081");
  CAF_CHECK_EQUAL(read("[fe80::1%eth0]:1"), "fe80::1%eth0 1");
}

CAF_TEST(what may be left out) {
  CAF_CHECK_EQUAL(read("gpu7"), "gpu7 8080");
  CAF_CHECK_EQUAL(read("[::1]"), "::1 8080");
  CAF_CHECK_EQUAL(read(":9000"), "localhost 9000");
}

CAF_TEST(what is no endpoint) {
  for (auto text : {"", ":", "gpu7:", "gpu7:0", "gpu7:65536", "gpu7:-1", "gpu7:80a", "gpu7: 80", "::1", "fe80::1:80",
                    "[]:80", "[::1", "[::1]80", "[::1]:", "a:b:80"})
    CAF_CHECK_EQUAL(read(text), "none");
}

CAF_TEST(another port may be the default one) {
  CAF_CHECK_EQUAL(parse_endpoint("gpu7", 8081)->port, 8081);
  CAF_CHECK_EQUAL(parse_endpoint("[::1]", 8081)->port, 8081);
  CAF_CHECK_EQUAL(parse_endpoint("gpu7:9", 8081)->port, 9);
}
