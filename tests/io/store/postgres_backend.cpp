#define CAF_SUITE postgres_backend

#include "io/store/postgres_backend.hpp"

#include <cstdlib>
#include <string>

#include "tests/io/store/store_backend.hpp"
#include "tests/support/contains.hpp"

using namespace dispatch;

namespace {

/// Of the server that tests/support/private_postgres.py has started.
std::string address() {
  const auto* said = std::getenv("STORE");
  CAF_REQUIRE(said != nullptr);
  return said;
}

} // namespace

CAF_TEST(it keeps groups and positions) {
  io::postgres_backend store{address()};
  test::check_groups(store);
  test::check_positions(store);
  test::check_roll_back(store);
  test::check_clock(store);
}

CAF_TEST(two dispatchers see the same) {
  io::postgres_backend first{address()};
  io::postgres_backend second{address()};
  const auto group = test::make_group(first, "shared");
  test::check_same(test::load(second, "shared"), group);
  second.begin();
  second.delete_group("shared");
  second.commit(false);
}

CAF_TEST(a transaction keeps others from its group for some seconds at most) {
  io::postgres_backend first{address()};
  io::postgres_backend second{address()};
  test::make_group(first, "locked");
  first.begin();
  first.load_group("locked");
  second.begin();
  std::string problem;
  try {
    second.load_group("locked");
  } catch (const store_error& reason) {
    problem = reason.what();
  }
  CAF_CHECK(test::contains(problem, "lock timeout"));
  second.roll_back();
  first.delete_group("locked");
  first.commit(false);
}

CAF_TEST(a server that is away is a problem until it is back) {
  io::postgres_backend store{"postgresql://nobody@127.0.0.1:1/none"};
  try {
    store.begin();
    CAF_FAIL("there is one");
  } catch (const store_error& problem) {
    CAF_CHECK(test::contains(problem.what(), "refused"));
  }
  CAF_CHECK_EQUAL(store.describe(), "postgresql://127.0.0.1:1/none");
}
