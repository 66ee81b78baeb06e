#define CAF_SUITE socket_options

#include "io/tcp/socket_options.hpp"

#include <caf/test/unit_test.hpp>

using dispatch::io::unsent_limit;

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t most = 1024 * kib;

} // namespace

CAF_TEST(connections share four MiB of unsent bytes) {
  CAF_CHECK_EQUAL(unsent_limit(8, most), 512 * kib);
  CAF_CHECK_EQUAL(unsent_limit(16, most), 256 * kib);
}

CAF_TEST(a few connections have the most that there may be) {
  CAF_CHECK_EQUAL(unsent_limit(0, most), most);
  CAF_CHECK_EQUAL(unsent_limit(4, most), most);
  CAF_CHECK_EQUAL(unsent_limit(1, 100 * kib), 100 * kib);
}

CAF_TEST(many connections have enough to send without pauses) {
  CAF_CHECK_EQUAL(unsent_limit(64, most), 64 * kib);
  CAF_CHECK_EQUAL(unsent_limit(10'000, most), 64 * kib);
}
