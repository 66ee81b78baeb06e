#define CAF_SUITE frame

#include "wire/frame.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/allocations.hpp"

using dispatch::frame;
using dispatch::frame_ptr;
using dispatch::test::allocations;

namespace {

frame_ptr frame_of(const std::string& encoded) {
  return frame::make(7, true, 5, encoded.size(), [&](char* out) { std::copy(encoded.begin(), encoded.end(), out); });
}

} // namespace

CAF_TEST(a frame says what it was made of) {
  const auto made = frame_of("{encoded");
  CAF_CHECK_EQUAL(made->index(), 7);
  CAF_CHECK(made->marked_last());
  CAF_CHECK_EQUAL(made->payload_bytes(), 5u);
  CAF_CHECK_EQUAL(made->encoded(), "{encoded");
}

CAF_TEST(a frame is one allocation whatever its size) {
  for (const std::size_t size : {0, 1, 100, 125'000, 10'000'000}) {
    const std::string encoded(size, 'x');
    const auto before = allocations();
    const auto made = frame_of(encoded);
    CAF_CHECK_EQUAL(allocations() - before, 1u);
    CAF_CHECK(made->encoded() == encoded);
  }
}

CAF_TEST(frames do not share their bytes) {
  std::vector<frame_ptr> frames;
  for (std::size_t i = 0; i < 100; ++i)
    frames.push_back(frame_of(std::string(i, static_cast<char>('0' + i % 10))));
  for (std::size_t i = 0; i < frames.size(); ++i)
    CAF_CHECK_EQUAL(frames[i]->encoded(), std::string(i, static_cast<char>('0' + i % 10)));
}

CAF_TEST(the bytes of a frame stay where they were written) {
  const char* written = nullptr;
  auto made = frame::make(0, false, 0, 3, [&](char* out) {
    written = out;
    std::fill_n(out, 3, 'x');
  });
  const auto other = std::move(made);
  CAF_CHECK(other->encoded().data() == written);
}
