#define CAF_SUITE ack_window

#include "actors/policy/ack/ack_window.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>

using namespace std::chrono_literals;
using dispatch::policy::ack_window;

namespace {

struct fixture {
  ack_window::time_point now{1000s};
  ack_window window{{2, 64}, now};

  void work(int batches, std::chrono::milliseconds each) {
    for (int i = 0; i < batches; ++i) {
      now += each;
      window.acknowledged(1, now);
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ack_window_tests, fixture)

CAF_TEST(a member holds what it works on in a second) {
  CAF_CHECK_EQUAL(window.limit(), 2u);
  work(10, 100ms);
  CAF_CHECK_EQUAL(window.limit(), 10u);
  work(200, 1ms);
  CAF_CHECK_EQUAL(window.limit(), 64u);
}

CAF_TEST(a slow member holds few) {
  work(200, 1ms);
  work(64, 1000ms);
  CAF_CHECK_EQUAL(window.limit(), 2u);
  work(10, 30'000ms);
  CAF_CHECK_EQUAL(window.limit(), 2u);
}

CAF_TEST(acknowledgements at the same moment are no division by zero) {
  window.acknowledged(2, now);
  CAF_CHECK_EQUAL(window.limit(), 64u);
}

CAF_TEST(a window that was said stays) {
  ack_window said{{7, 7}, now};
  said.acknowledged(1000, now + 1ms);
  CAF_CHECK_EQUAL(said.limit(), 7u);
}

CAF_TEST_FIXTURE_SCOPE_END()
