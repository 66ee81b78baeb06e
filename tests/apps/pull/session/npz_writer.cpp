#define CAF_SUITE npz_writer

#include "apps/pull/session/npz_file.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <iterator>
#include <string>

#include "apps/pull/npy_header.hpp"
#include "apps/pull/session/column_format.hpp"
#include "apps/pull/session/zip_records.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace dispatch::pull;
using dispatch::test::contains;

namespace {

namespace fs = std::filesystem;

struct fixture : dispatch::test::temporary_folder {
  session_column_info pairs{"pair", "uint8", std::vector<std::int64_t>{2}};
  session_column_info numbers{"number", "int32", std::vector<std::int64_t>{}};

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{path()}, fs::directory_iterator{}));
  }
};

template <class Action>
std::string error_of(Action action) {
  try {
    action();
    return "";
  } catch (const sink_error& error) {
    return error.what();
  }
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(npz_file_tests, fixture)

CAF_TEST(an archive has its columns one behind the other) {
  const auto file = open_npz_file(at("x.npz"), {pairs, numbers});
  file->write({"abcd", "12345678"});
  file->write({"ef", "9abc"});
  CAF_CHECK(!fs::exists(at("x.npz")));
  file->commit();
  const auto got = content("x.npz");
  CAF_CHECK(contains(got, "pair.npy"));
  const auto first = got.find(npy_header(*format_of(pairs), 3) + "abcdef");
  const auto second = got.find(npy_header(*format_of(numbers), 3) + "123456789abc");
  CAF_REQUIRE(first != std::string::npos && second != std::string::npos);
  CAF_CHECK_LESS(first, second);
}

CAF_TEST(nothing is left of an archive that was not finished) {
  auto file = open_npz_file(at("x.npz"), {pairs, numbers});
  file->write({"abcd", "12345678"});
  file.reset();
  CAF_CHECK_EQUAL(files(), 0u);
}

CAF_TEST(an archive is the only file that is left) {
  auto file = open_npz_file(at("x.npz"), {pairs, numbers});
  file->commit();
  file.reset();
  CAF_CHECK_EQUAL(files(), 1u);
}

CAF_TEST(columns that no archive can hold) {
  auto open = [this](const session_column_info& column) {
    return error_of([&] { open_npz_file(at("x.npz"), {pairs, column}); });
  };
  CAF_CHECK_EQUAL(open({"y", "object", std::vector<std::int64_t>{}}),
                  "cannot write " + at("x.npz") + ": column 'y' has dtype 'object', which no .npy file can hold");
  CAF_CHECK_EQUAL(open({"y", "uint8", {}}), "cannot write " + at("x.npz")
                                              + ": column 'y' has dtype 'uint8' and no fixed size, which no .npy file "
                                                "can hold");
  CAF_CHECK_EQUAL(open({"../y", "uint8", std::vector<std::int64_t>{}}),
                  "cannot write " + at("x.npz") + ": '../y' is no name for a member of an archive");
  CAF_CHECK_EQUAL(files(), 0u);
}

CAF_TEST(types that NumPy lacks or names otherwise) {
  CAF_CHECK_EQUAL(format_of({"x", "bfloat16", std::vector<std::int64_t>{3}})->descr, "<V2");
  CAF_CHECK_EQUAL(format_of({"x", "bfloat16", std::vector<std::int64_t>{3}})->bytes, 6u);
  CAF_CHECK_EQUAL(format_of({"x", "|S5", std::vector<std::int64_t>{}})->descr, "|S5");
  CAF_CHECK(!format_of({"x", "", std::vector<std::int64_t>{}}));
}

CAF_TEST(one column takes other forms) {
  auto raw = open_column_sink(at("x.bin"), {pairs});
  raw->write({"abcd"});
  raw->commit();
  CAF_CHECK_EQUAL(content("x.bin"), "abcd");
  auto npy = open_column_sink(at("x.npy"), {pairs});
  npy->write({"abcd"});
  npy->commit();
  CAF_CHECK_EQUAL(content("x.npy"), npy_header(*format_of(pairs), 2) + "abcd");
  CAF_CHECK_EQUAL(error_of([&] {
                    open_column_sink(at("y.npy"), {pairs, numbers});
                  }),
                  "--out: " + at("y.npy")
                    + " takes one column, and there are pair, number; take --columns pair, or a name that ends with "
                      ".npz");
}

CAF_TEST(no file is replaced by one that goes on) {
  CAF_CHECK_EQUAL(name_for_rest(at("x.npz"), 1, 640), at("x.npz"));
  write("x.npz", "old");
  CAF_CHECK_EQUAL(name_for_rest(at("x.npz"), 1, 640), at("x.from-1-640.npz"));
  CAF_CHECK_EQUAL(name_for_rest("-", 1, 640), "-");
  CAF_CHECK_EQUAL(name_for_rest("/dev/null", 1, 640), "/dev/null");
}

CAF_TEST(the directory of an archive tells where its members are) {
  const zip_member member{"a.npy", 0x01020304, std::uint64_t{5} << 32, std::uint64_t{6} << 32};
  const auto header = zip_member_header(member);
  CAF_CHECK_EQUAL(header.size(), 30u + 5u + 20u);
  CAF_CHECK_EQUAL(header.substr(14, 4), "\x04\x03\x02\x01");
  CAF_CHECK_EQUAL(header.substr(39, 8), std::string("\0\0\0\0\x05\0\0\0", 8));
  const auto directory = zip_directory({member}, std::uint64_t{7} << 32);
  CAF_CHECK_EQUAL(directory.size(), 46u + 5u + 28u + 56u + 20u + 22u);
  CAF_CHECK_EQUAL(directory.substr(71, 8), std::string("\0\0\0\0\x06\0\0\0", 8));
}

CAF_TEST_FIXTURE_SCOPE_END()
