#define CAF_SUITE sqlite_backend

#include "io/store/sqlite_backend.hpp"

#include <chrono>
#include <filesystem>
#include <string>

#include "tests/io/store/store_backend.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace dispatch;

namespace {

struct fixture {
  test::temporary_folder folder;
  std::string file = (folder.path() / "store").string();

  std::string problem_of(const std::string& at) {
    try {
      io::sqlite_backend store{at};
    } catch (const store_error& problem) {
      return problem.what();
    }
    CAF_FAIL("it is opened");
  }

  void execute(const std::string& statement) {
    sqlite3* database = nullptr;
    CAF_REQUIRE_EQUAL(::sqlite3_open(file.c_str(), &database), SQLITE_OK);
    CAF_CHECK_EQUAL(::sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    ::sqlite3_close(database);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_backend_tests, fixture)

CAF_TEST(it keeps groups and positions) {
  io::sqlite_backend store{file};
  test::check_groups(store);
  test::check_positions(store);
  test::check_roll_back(store);
  test::check_clock(store);
}

CAF_TEST(what was committed is there when the file is opened again) {
  {
    io::sqlite_backend store{file};
    test::make_group(store, "g");
  }
  io::sqlite_backend store{file};
  test::check_same(test::load(store, "g"), test::full_group("g"));
}

CAF_TEST(a second process is refused) {
  io::sqlite_backend store{file};
  CAF_CHECK(test::contains(problem_of(file), "another process has this file open"));
}

CAF_TEST(a file that is none is refused) {
  CAF_CHECK(test::contains(problem_of("/nowhere/store"), "unable to open database file"));
  execute("CREATE TABLE dispatch_store (version bigint NOT NULL); INSERT INTO dispatch_store VALUES (1000)");
  CAF_CHECK(
    test::contains(problem_of(file), "its tables are of version 1000, and this dispatcher knows versions up to"));
}

CAF_TEST(the database of another program is refused) {
  execute("CREATE TABLE other (x)");
  CAF_CHECK(test::contains(problem_of(file), "it is the database of another program"));
}

CAF_TEST(a file that is removed while it is open is noticed) {
  io::sqlite_backend store{file};
  test::make_group(store, "g");
  std::filesystem::rename(file, file + ".away");
  CAF_CHECK_THROWS_AS(store.begin(), store_error);
  std::filesystem::rename(file + ".away", file);
  test::check_same(test::load(store, "g"), test::full_group("g"));
}

CAF_TEST(its clock is that of the world) {
  io::sqlite_backend store{file};
  store.begin();
  const auto off = std::chrono::system_clock::now() - store.now();
  store.commit(false);
  CAF_CHECK((off < std::chrono::seconds{60} && off > std::chrono::seconds{-60}));
}

CAF_TEST_FIXTURE_SCOPE_END()
