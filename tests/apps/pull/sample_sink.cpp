#define CAF_SUITE sample_sink

#include "apps/pull/sample_sink.hpp"
#include "tests/support/temporary_folder.hpp"

#include "apps/pull/npy_header.hpp"

#include <caf/test/unit_test.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

using dispatch::pull::npy_header;
using dispatch::pull::open_sample_sink;
using dispatch::pull::parse_sample_format;
using dispatch::pull::sink_error;

namespace {

namespace fs = std::filesystem;

struct fixture : dispatch::test::temporary_folder {
  void put(const char* name, const char* text) const { std::ofstream{at(name)} << text; }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{path()}, fs::directory_iterator{}));
  }

  static dispatch::pull::sample_format format(const char* text) { return *parse_sample_format(text); }
};

// What an action throws as a sink_error, "" when it throws nothing.
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

CAF_TEST_FIXTURE_SCOPE(sample_sink_tests, fixture)

CAF_TEST(the header is what NumPy writes for the same array but for its padding) {
  auto header = npy_header(format("float32:1x28x28"), 10000);
  CAF_CHECK_EQUAL(header.size(), 128u);
  CAF_CHECK_EQUAL(header.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (10000, 1, 28, 28), }";
  CAF_CHECK_EQUAL(header.substr(10), dictionary + std::string(117 - dictionary.size(), ' ') + "\n");
  CAF_CHECK(npy_header(format("int64"), 3).find("'shape': (3,), }") != std::string::npos);
}

CAF_TEST(the size of a header does not depend on the count) {
  for (auto text : {"uint8", "float32:1x28x28", "complex128:1x2x3x4x5x6x7x8x9x10x11x12"}) {
    auto none = npy_header(format(text), 0);
    auto most = npy_header(format(text), std::numeric_limits<std::uint64_t>::max());
    CAF_CHECK_EQUAL(none.size(), most.size());
    CAF_CHECK_EQUAL(none.size() % 64, 0u);
    CAF_CHECK_EQUAL(none.back(), '\n');
    CAF_CHECK_EQUAL(most.back(), '\n');
  }
}

CAF_TEST(raw samples appear at the commit) {
  auto sink = open_sample_sink(at("samples"), format("float32:1x28x28"));
  sink->write("abc");
  CAF_CHECK(!fs::exists(at("samples")));
  sink->write("def");
  sink->commit();
  sink.reset();
  CAF_CHECK_EQUAL(content("samples"), "abcdef");
  CAF_CHECK_EQUAL(files(), 1u);
}

CAF_TEST(a committed file has the permissions of an ordinary one) {
  auto mask = ::umask(027);
  auto sink = open_sample_sink(at("samples"), format("uint8"));
  sink->commit();
  ::umask(mask);
  CAF_CHECK(fs::status(at("samples")).permissions() == static_cast<fs::perms>(0640));
}

CAF_TEST(without a commit nothing is left and an older file stays) {
  put("samples", "old");
  auto sink = open_sample_sink(at("samples"), format("uint8"));
  sink->write("new");
  CAF_CHECK_EQUAL(files(), 2u);
  sink.reset();
  CAF_CHECK_EQUAL(content("samples"), "old");
  CAF_CHECK_EQUAL(files(), 1u);
}

CAF_TEST(a commit replaces an older file) {
  put("samples", "old and long");
  auto sink = open_sample_sink(at("samples"), format("uint8"));
  sink->write("new");
  sink->commit();
  CAF_CHECK_EQUAL(content("samples"), "new");
}

CAF_TEST(a symbolic link is followed) {
  put("target", "old");
  fs::create_symlink(at("target"), at("link"));
  auto sink = open_sample_sink(at("link"), format("uint8"));
  sink->write("new");
  sink->commit();
  CAF_CHECK(fs::is_symlink(at("link")));
  CAF_CHECK_EQUAL(content("target"), "new");
}

CAF_TEST(an npy file has its count in the header) {
  auto pairs = format("uint8:2");
  auto sink = open_sample_sink(at("x.npy"), pairs);
  sink->write("abcd");
  sink->write("ef");
  sink->commit();
  CAF_CHECK_EQUAL(content("x.npy"), npy_header(pairs, 3) + "abcdef");
}

CAF_TEST(an npy file without samples is an empty array) {
  auto sink = open_sample_sink(at("x.npy"), format("uint8:2"));
  sink->commit();
  CAF_CHECK_EQUAL(content("x.npy"), npy_header(format("uint8:2"), 0));
}

CAF_TEST(an npy file takes whole samples only) {
  auto sink = open_sample_sink(at("x.npy"), format("uint8:2"));
  CAF_CHECK_EQUAL(error_of([&] { sink->write("abc"); }),
                  "cannot write " + at("x.npy")
                    + ": a batch of 3 bytes is not whole samples of uint8:2 (2 bytes each); say what a sample is with "
                      "--sample DTYPE:SHAPE");
}

CAF_TEST(a full disk is told) {
  auto sink = open_sample_sink("/dev/full", format("uint8"));
  CAF_CHECK_EQUAL(error_of([&] { sink->write("abc"); }), "cannot write /dev/full: No space left on device");
}

CAF_TEST(a device is written to and stays) {
  auto sink = open_sample_sink("/dev/null", format("uint8"));
  sink->write("abc");
  sink->commit();
  CAF_CHECK(fs::is_character_file("/dev/null"));
}

CAF_TEST(names that cannot be written) {
  auto open = [this](const char* name) { return error_of([&] { open_sample_sink(at(name), format("uint8")); }); };
  CAF_CHECK_EQUAL(open(""), "cannot write " + at("") + ": Is a directory");
  CAF_CHECK_EQUAL(open("no/such/folder"), "cannot write " + at("no/such/folder") + ": No such file or directory");
  fs::create_symlink("/dev/null", at("null.npy"));
  CAF_CHECK_EQUAL(open("null.npy"), "cannot write " + at("null.npy") + ": an .npy file must be a regular file");
}

CAF_TEST(no name takes everything) {
  auto sink = open_sample_sink("", format("uint8:2"));
  sink->write("abc");
  sink->commit();
}

CAF_TEST_FIXTURE_SCOPE_END()
