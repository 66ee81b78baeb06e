#define CAF_SUITE cursor_file

#include "apps/pull/session/cursor_file.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <iterator>
#include <string>

#include "tests/support/contains.hpp"
#include "tests/support/temporary_folder.hpp"
#include "wire/session/cursor.hpp"

using dispatch::pull::cursor_file_error;
using dispatch::pull::read_cursor_file;
using dispatch::pull::write_cursor_file;
using dispatch::test::contains;

namespace {

namespace fs = std::filesystem;

struct fixture : dispatch::test::temporary_folder {
  std::string cursor = to_text(dispatch::session_cursor{"d", {}, {100, 10, {}}, 3, 40, {}});

  std::string error_of_reading(const std::string& name) const {
    try {
      read_cursor_file(at(name));
      return "";
    } catch (const cursor_file_error& error) {
      return error.what();
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cursor_file_tests, fixture)

CAF_TEST(what is written is read) {
  write_cursor_file(at("c"), cursor);
  CAF_CHECK_EQUAL(read_cursor_file(at("c")), cursor);
  write_cursor_file(at("c"), cursor);
  CAF_CHECK_EQUAL(content("c"), cursor + "\n");
  CAF_CHECK_EQUAL(std::distance(fs::directory_iterator{path()}, fs::directory_iterator{}), 1);
}

CAF_TEST(a file that is not there or empty is the beginning) {
  CAF_CHECK_EQUAL(read_cursor_file(at("c")), "");
  write("c", " \n");
  CAF_CHECK_EQUAL(read_cursor_file(at("c")), "");
}

CAF_TEST(space around a cursor is nothing) {
  write("c", "\n " + cursor + "\r\n");
  CAF_CHECK_EQUAL(read_cursor_file(at("c")), cursor);
}

CAF_TEST(a file that holds something else) {
  write("c", "hello");
  CAF_CHECK_EQUAL(error_of_reading("c"), "--cursor-file: " + at("c")
                                           + ": this is no cursor: 'hello' does not have the form "
                                             "'cursor=...,check=...'");
  CAF_CHECK(contains(error_of_reading(""), "it is no file"));
}

CAF_TEST(a file that cannot be written) {
  try {
    write_cursor_file(at("no/c"), cursor);
    CAF_ERROR("it was written");
  } catch (const cursor_file_error& error) {
    CAF_CHECK_EQUAL(std::string{error.what()},
                    "--cursor-file: cannot write " + at("no/c") + ": No such file or directory");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
