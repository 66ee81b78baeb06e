#define CAF_SUITE named_address

#include "messages/named_address.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::named_address;
using dispatch::parse_named_address;

CAF_TEST(an address of a name is written with both) {
  CAF_CHECK_EQUAL(to_string(named_address{"gpu.example", "10.0.0.1:50051"}), "gpu.example/10.0.0.1:50051");
}

CAF_TEST(what is written can be read back) {
  for (const std::string name : {"gpu.example", "a", "10.0.0.7", "::1"})
    for (const std::string address : {"10.0.0.1:50051", "[::1]:50051", "[fe80::1%eth0]:1"}) {
      const named_address written{name, address};
      CAF_CHECK(parse_named_address(to_string(written)) == written);
    }
}

CAF_TEST(other forms of an address are not of a name) {
  for (const auto* other : {"gpu.example:50051", "[::1]:50051", "unix:/run/a", "unix:run/10.0.0.1:50051", ""})
    CAF_CHECK(!parse_named_address(other));
}
