#define CAF_SUITE name_lookup

#include "io/name_lookup.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using dispatch::io::name_lookup;

namespace {

using addresses = std::vector<std::string>;

name_lookup::result look_up(const std::string& host) {
  name_lookup lookups;
  std::promise<name_lookup::result> found;
  lookups.start(host, 50051, [&](const name_lookup::result& result) { found.set_value(result); });
  auto result = found.get_future();
  CAF_REQUIRE(result.wait_for(60s) == std::future_status::ready);
  return result.get();
}

} // namespace

CAF_TEST(an address is its own name) {
  CAF_CHECK_EQUAL(look_up("127.0.0.1").addresses, addresses{"127.0.0.1:50051"});
  CAF_CHECK_EQUAL(look_up("127.0.0.1").problem, "");
}

CAF_TEST(the name of this machine has addresses that are each there once) {
  const auto found = look_up("localhost").addresses;
  CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), "127.0.0.1:50051"), 1);
  for (const auto& each : found)
    CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), each), 1);
}

CAF_TEST(what is no name has no address and the system says why) {
  const auto found = look_up("no..name");
  CAF_CHECK(found.addresses.empty());
  CAF_CHECK(!found.problem.empty());
}

CAF_TEST(a callback has run or is gone when its lookups are) {
  for (auto i = 0; i < 50; ++i) {
    const auto owned = std::make_shared<int>(0);
    {
      name_lookup lookups;
      lookups.start("localhost", 1, [owned](const name_lookup::result&) { ++*owned; });
    }
    CAF_CHECK_EQUAL(owned.use_count(), 1);
    CAF_CHECK_LESS(*owned, 2);
  }
}
