#define CAF_SUITE status_code

#include "messages/status_code.hpp"

#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>
#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

using dispatch::failure;
using dispatch::status_code;

namespace {

/// gRPC's numbers and names, from its documentation.
const std::vector<std::pair<int, std::string>> grpc_codes{
  {0, "OK"},
  {1, "CANCELLED"},
  {2, "UNKNOWN"},
  {3, "INVALID_ARGUMENT"},
  {4, "DEADLINE_EXCEEDED"},
  {5, "NOT_FOUND"},
  {6, "ALREADY_EXISTS"},
  {7, "PERMISSION_DENIED"},
  {8, "RESOURCE_EXHAUSTED"},
  {9, "FAILED_PRECONDITION"},
  {10, "ABORTED"},
  {11, "OUT_OF_RANGE"},
  {12, "UNIMPLEMENTED"},
  {13, "INTERNAL"},
  {14, "UNAVAILABLE"},
  {15, "DATA_LOSS"},
  {16, "UNAUTHENTICATED"},
};

} // namespace

CAF_TEST(numbers and names are those of gRPC) {
  for (const auto& [number, name] : grpc_codes) {
    auto code = status_code::unknown;
    CAF_CHECK(dispatch::from_integer(static_cast<std::uint8_t>(number), code));
    CAF_CHECK_EQUAL(static_cast<int>(code), number);
    CAF_CHECK_EQUAL(dispatch::to_string(code), name);
  }
}

CAF_TEST(names are read back) {
  for (const auto& [number, name] : grpc_codes) {
    auto code = status_code::unknown;
    CAF_CHECK(dispatch::from_string(name, code));
    CAF_CHECK_EQUAL(static_cast<int>(code), number);
  }
}

CAF_TEST(other numbers and names are no codes and change nothing) {
  auto code = status_code::aborted;
  for (auto number = 17; number < 256; ++number)
    CAF_CHECK(!dispatch::from_integer(static_cast<std::uint8_t>(number), code));
  for (const std::string name : {"", "ok", "NOT FOUND", "NOT_FOUND ", "NOT_FOUN"})
    CAF_CHECK(!dispatch::from_string(name, code));
  CAF_CHECK(code == status_code::aborted);
}

CAF_TEST(a failure survives the way through an error) {
  for (const auto& [number, name] : grpc_codes) {
    if (number == 0)
      continue; // CAF has no error with code 0
    for (const std::string message : {"", "no dataset 'x'", "two\nlines"}) {
      const auto got = dispatch::to_failure(dispatch::make_error(failure{static_cast<status_code>(number), message}));
      CAF_CHECK_EQUAL(static_cast<int>(got.code), number);
      CAF_CHECK_EQUAL(got.message, message);
    }
  }
}

CAF_TEST(an error with a code alone has no message) {
  const auto got = dispatch::to_failure(caf::make_error(status_code::not_found));
  CAF_CHECK(got.code == status_code::not_found);
  CAF_CHECK_EQUAL(got.message, "");
}

CAF_TEST(an error with another context than a text has no message) {
  const auto got = dispatch::to_failure(caf::make_error(status_code::not_found, 7, 8));
  CAF_CHECK(got.code == status_code::not_found);
  CAF_CHECK_EQUAL(got.message, "");
}

CAF_TEST(errors of CAF are internal failures that say what they are) {
  const auto timeout = dispatch::to_failure(caf::make_error(caf::sec::request_timeout));
  CAF_CHECK(timeout.code == status_code::internal);
  CAF_CHECK(timeout.message.find("request_timeout") != std::string::npos);
  const auto killed = dispatch::to_failure(caf::make_error(caf::exit_reason::kill));
  CAF_CHECK(killed.code == status_code::internal);
  CAF_CHECK(killed.message.find("kill") != std::string::npos);
}
