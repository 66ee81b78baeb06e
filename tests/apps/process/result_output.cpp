#define CAF_SUITE result_output

#include "apps/process/result_output.hpp"

#include <caf/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

using namespace dispatch;

CAF_TEST(a result that is written is written whole) {
  std::array<int, 2> ends{};
  CAF_REQUIRE_EQUAL(::pipe(ends.data()), 0);
  CAF_CHECK(!write_result("all of it\n", ends[1]));
  std::array<char, 32> received{};
  const auto count = ::read(ends[0], received.data(), received.size());
  CAF_CHECK_EQUAL(std::string(received.data(), static_cast<std::size_t>(count)), "all of it\n");
  ::close(ends[0]);
  ::close(ends[1]);
}

CAF_TEST(nothing is always written) {
  CAF_CHECK(!write_result("", -1));
}

CAF_TEST(a result that cannot be written is one line that says why) {
  const auto full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  CAF_CHECK_EQUAL(write_result("text", full).value_or("(written)"),
                  "the result cannot be written to standard output: No space left on device");
  ::close(full);
  CAF_CHECK(write_result("text", -1));
}
