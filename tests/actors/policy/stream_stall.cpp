#define CAF_SUITE stream_stall

#include "actors/policy/stream_stall.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>

using namespace std::chrono_literals;
using dispatch::policy::stream_stall;

namespace {

/// A stream that took `gap` for each of so many batches.
stream_stall with_gaps(std::chrono::milliseconds gap, int count) {
  stream_stall result{500ms, 10s};
  for (auto i = 0; i < count; ++i)
    result.note(gap);
  return result;
}

} // namespace

CAF_TEST(a stream that was fast may take the least) {
  CAF_CHECK(with_gaps(0ms, 0).allowed() == 500ms);
  CAF_CHECK(with_gaps(10ms, 100).allowed() == 500ms);
}

CAF_TEST(a stream may take ten times as long as usual) {
  // The first gap counts an eighth.
  CAF_CHECK(with_gaps(800ms, 1).allowed() == 1000ms);
  CAF_CHECK(with_gaps(800ms, 2).allowed() == 1875ms);
  CAF_CHECK(std::chrono::abs(with_gaps(800ms, 200).allowed() - 8s) < 1ms);
}

CAF_TEST(no stream may take longer than a call) {
  CAF_CHECK(with_gaps(8s, 3).allowed() == 10s);
  CAF_CHECK(stream_stall(20s, 10s).allowed() == 10s);
}

CAF_TEST(a new stream has no history) {
  auto subject = with_gaps(800ms, 8);
  subject.begin();
  CAF_CHECK(subject.allowed() == 500ms);
}
