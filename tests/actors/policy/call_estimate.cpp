#define CAF_SUITE call_estimate

#include "actors/policy/call_estimate.hpp"

#include <caf/test/unit_test.hpp>

using namespace std::chrono_literals;
using dispatch::policy::call_estimate;

namespace {

const call_estimate::time_point start = call_estimate::time_point{} + 1h;

/// Has had calls that took so long.
call_estimate after(std::initializer_list<call_estimate::duration> calls) {
  call_estimate result;
  for (const auto time : calls)
    result.took(time);
  return result;
}

} // namespace

CAF_TEST(nothing is expected before the first call) {
  call_estimate subject;
  subject.started(start);
  CAF_CHECK(!subject.usual());
  CAF_CHECK(!subject.expected(start + 10s));
}

CAF_TEST(an estimate follows the calls slowly) {
  CAF_CHECK(after({8ms}).usual() == 8ms);
  CAF_CHECK(after({8ms, 16ms}).usual() == 9ms);
  auto subject = after({8ms});
  for (auto i = 0; i < 100; ++i)
    subject.took(16ms);
  CAF_CHECK(subject.usual() > 15ms);
}

CAF_TEST(an upstream that is much faster at once is believed) {
  CAF_CHECK(after({100ms, 5ms}).usual() == 5ms);
  CAF_CHECK(after({100ms, 50ms}).usual() > 90ms);
}

CAF_TEST(an upstream that is unresponsive takes as long as it is unresponsive) {
  auto subject = after({5ms});
  subject.started(start);
  subject.started(start + 10ms);
  CAF_CHECK(subject.expected(start + 3ms) == 5ms);
  CAF_CHECK(subject.expected(start + 700ms) == 700ms);
  subject.answered(start + 700ms);
  subject.ended();
  CAF_CHECK(subject.expected(start + 710ms) == 10ms);
  subject.ended();
  CAF_CHECK(subject.expected(start + 10s) == 5ms);
}

CAF_TEST(a straggler raises the estimate) {
  auto subject = after({5ms});
  subject.note_straggler(200ms);
  CAF_CHECK(subject.usual() == 200ms);
  subject.note_straggler(100ms);
  CAF_CHECK(subject.usual() == 200ms);
  call_estimate unknown;
  unknown.note_straggler(1s);
  CAF_CHECK(unknown.usual() == 1s);
}

CAF_TEST(what was not asked for a while may have changed) {
  auto subject = after({5ms});
  subject.started(start);
  CAF_CHECK(!subject.is_stale(start + 10s));
  subject.answered(start + 10s);
  subject.ended();
  CAF_CHECK(!subject.is_stale(start + 10'900ms));
  CAF_CHECK(subject.is_stale(start + 11s));
}
