#define CAF_SUITE fault_plan

#include "dataset/fault_plan.hpp"

#include <caf/test/dsl.hpp>

#include <stdexcept>
#include <string>

namespace dispatch::dataset {

namespace {

CAF_TEST(no plan means no faults) {
  fault_plan plan;
  for (std::uint64_t number = 1; number <= 1000; ++number)
    CAF_CHECK(plan.fate_of(number, 0) == fault::none);
}

CAF_TEST(every nth batch fails) {
  fault_plan plan;
  plan.failures.every = 3;
  for (std::uint64_t number = 1; number <= 30; ++number)
    CAF_CHECK(plan.fate_of(number, 0) == (number % 3 == 0 ? fault::fail : fault::none));
  plan.failures.every = 1;
  CAF_CHECK(plan.fate_of(1, 0) == fault::fail);
}

CAF_TEST(a batch that should fail and hang hangs) {
  fault_plan plan;
  plan.failures.every = 2;
  plan.hang_every = 3;
  CAF_CHECK(plan.fate_of(1, 0) == fault::none);
  CAF_CHECK(plan.fate_of(2, 0) == fault::fail);
  CAF_CHECK(plan.fate_of(3, 0) == fault::hang);
  CAF_CHECK(plan.fate_of(4, 0) == fault::fail);
  CAF_CHECK(plan.fate_of(6, 0) == fault::hang);
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

CAF_TEST(a poisoned batch fails with its own code and a hanging one hangs whenever they are asked for) {
  fault_plan plan;
  plan.failures = {2, grpc::StatusCode::ABORTED};
  plan.poisoned = poisoned_batch{7, grpc::StatusCode::UNKNOWN};
  plan.hanging_batch = 8;
  CAF_CHECK(plan.fate_of(1, 7) == fault::fail);
  CAF_CHECK(plan.fate_of(2, 7) == fault::fail);
  CAF_CHECK(plan.fate_of(1, 8) == fault::hang);
  CAF_CHECK(plan.fate_of(1, 9) == fault::none);
  CAF_CHECK(plan.code_of(7) == grpc::StatusCode::UNKNOWN);
  CAF_CHECK(plan.code_of(9) == grpc::StatusCode::ABORTED);
}

CAF_TEST(batches are slow for a while) {
  fault_plan plan;
  plan.latency = std::chrono::milliseconds{2};
  plan.slow = parse_slow_time("10-12:300");
  for (std::uint64_t number = 1; number <= 20; ++number)
    CAF_CHECK_EQUAL(plan.latency_of(number).count(), number >= 10 && number <= 12 ? 300 : 2);
}

CAF_TEST(what is sent is distorted as planned) {
  fault_plan plan;
  CAF_CHECK(!plan.any());
  CAF_CHECK(!plan.distortion_of(1, 0).marked_last);
  plan.empty_every = 3;
  plan.empty_batch = 5;
  plan.misnumbered_every = 4;
  plan.marked_last = 6;
  CAF_CHECK(plan.any());
  CAF_CHECK(plan.distortion_of(3, 0).empty);
  CAF_CHECK(plan.distortion_of(1, 5).empty);
  CAF_CHECK(!plan.distortion_of(1, 0).empty);
  CAF_CHECK(plan.distortion_of(4, 0).misnumbered);
  CAF_CHECK(!plan.distortion_of(3, 0).misnumbered);
  CAF_CHECK(plan.distortion_of(1, 6).marked_last == true);
  CAF_CHECK(plan.distortion_of(1, 7).marked_last == false);
}

CAF_TEST(a poisoned batch is an index and a code) {
  CAF_CHECK_EQUAL(parse_poisoned_batch("0").index, 0);
  CAF_CHECK(parse_poisoned_batch("0").code == grpc::StatusCode::INTERNAL);
  CAF_CHECK_EQUAL(parse_poisoned_batch("17:UNKNOWN").index, 17);
  CAF_CHECK(parse_poisoned_batch("17:UNKNOWN").code == grpc::StatusCode::UNKNOWN);
  for (std::string text : {"", "-1", "x", "1:", "1:OK", "1 ", "1:NO_SUCH_CODE", "2147483648"})
    CAF_CHECK_THROWS_AS(parse_poisoned_batch(text), std::invalid_argument);
}

CAF_TEST(a slow time is a range and a latency) {
  const auto slow = parse_slow_time("1-20:500");
  CAF_CHECK_EQUAL(slow.first, 1u);
  CAF_CHECK_EQUAL(slow.last, 20u);
  CAF_CHECK_EQUAL(slow.latency.count(), 500);
  for (std::string text : {"", "5", "0-1:5", "5-4:5", "1-2", "1-2:", "1-2:x", "1-2:5 ", "1-2:3600001", "-2:5"})
    CAF_CHECK_THROWS_AS(parse_slow_time(text), std::invalid_argument);
}

} // namespace

} // namespace dispatch::dataset
