#define CAF_SUITE dispatcher_manner

#include "tests/chaos/dispatcher_manner.hpp"

#include <caf/test/unit_test.hpp>

#include <set>

using namespace dispatch::chaos;

CAF_TEST(a seed always makes the same configuration) {
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    CAF_CHECK(dispatcher_manner_of(seed).options == dispatcher_manner_of(seed).options);
}

CAF_TEST(other seeds make others) {
  std::set<std::vector<std::string>> all;
  std::set<std::size_t> fetchers;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    all.insert(dispatcher_manner_of(seed).options);
    fetchers.insert(dispatcher_manner_of(seed).fetchers);
  }
  CAF_CHECK_GREATER(all.size(), 40u);
  CAF_CHECK_EQUAL(fetchers.size(), 3u);
}
