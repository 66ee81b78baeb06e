#define CAF_SUITE memory_backend

#include "io/store/memory_backend.hpp"

#include "tests/io/store/store_backend.hpp"

using namespace dispatch;

CAF_TEST(it keeps groups and positions) {
  io::memory_backend store;
  test::check_groups(store);
  test::check_positions(store);
  test::check_clock(store);
}
