#define CAF_SUITE fault_plan

#include "io/dataset/fault_plan.hpp"

#include <caf/test/dsl.hpp>

#include <stdexcept>
#include <string>

namespace dispatch::dataset {

namespace {

CAF_TEST(no plan means no faults) {
  fault_plan plan;
  for (std::uint64_t number = 1; number <= 1000; ++number)
    CAF_CHECK(plan.fate_of(number) == fault::none);
}

CAF_TEST(every nth batch fails) {
  fault_plan plan;
  plan.failures.every = 3;
  for (std::uint64_t number = 1; number <= 30; ++number)
    CAF_CHECK(plan.fate_of(number) == (number % 3 == 0 ? fault::fail : fault::none));
  plan.failures.every = 1;
  CAF_CHECK(plan.fate_of(1) == fault::fail);
}

CAF_TEST(a batch that should fail and hang hangs) {
  fault_plan plan;
  plan.failures.every = 2;
  plan.hang_every = 3;
  CAF_CHECK(plan.fate_of(1) == fault::none);
  CAF_CHECK(plan.fate_of(2) == fault::fail);
  CAF_CHECK(plan.fate_of(3) == fault::hang);
  CAF_CHECK(plan.fate_of(4) == fault::fail);
  CAF_CHECK(plan.fate_of(6) == fault::hang);
}

CAF_TEST(a failure rule is a number and a code) {
  auto rule = parse_failure_rule("50");
  CAF_CHECK_EQUAL(rule.every, 50u);
  CAF_CHECK(rule.code == grpc::StatusCode::UNAVAILABLE);
  rule = parse_failure_rule("1:RESOURCE_EXHAUSTED");
  CAF_CHECK_EQUAL(rule.every, 1u);
  CAF_CHECK(rule.code == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CAF_CHECK(parse_failure_rule("2:CANCELLED").code == grpc::StatusCode::CANCELLED);
  CAF_CHECK(parse_failure_rule("2:INTERNAL").code == grpc::StatusCode::INTERNAL);
  CAF_CHECK(parse_failure_rule("2:UNAUTHENTICATED").code == grpc::StatusCode::UNAUTHENTICATED);
}

CAF_TEST(other texts are refused with what they should be) {
  for (std::string text : {"", "0", "-1", "x", "1:", ":UNAVAILABLE", "1:OK", "1:unavailable", "1:NO_SUCH_CODE", "1 ",
                           "1.5", "1:INTERNAL:", "99999999999999999999"}) {
    std::string message;
    try {
      parse_failure_rule(text);
    } catch (const std::invalid_argument& problem) {
      message = problem.what();
    }
    CAF_CHECK_EQUAL(message.rfind("'" + text + "' is neither N nor N:CODE", 0), 0u);
  }
}

} // namespace

} // namespace dispatch::dataset
