#define CAF_SUITE lookahead

#include "actors/policy/lookahead.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <random>

using dispatch::policy::lookahead;
using namespace std::chrono_literals;

namespace {

const lookahead::time_point start{};

constexpr std::uint64_t batch = 125'000;

/// A consumer that takes everything at once, for so many batches.
void take_at_once(lookahead& subject, int batches, std::uint64_t bytes = batch) {
  for (auto i = 0; i < batches; ++i)
    subject.written(start, 1, bytes, 0);
}

} // namespace

CAF_TEST(a consumer that waits for its batches gets more of them with every round) {
  lookahead subject{{8, 64}};
  CAF_CHECK_EQUAL(subject.size(), 8u);
  take_at_once(subject, 7);
  CAF_CHECK_EQUAL(subject.size(), 8u);
  take_at_once(subject, 1);
  CAF_CHECK_EQUAL(subject.size(), 16u);
  take_at_once(subject, 16);
  CAF_CHECK_EQUAL(subject.size(), 32u);
  take_at_once(subject, 1000);
  CAF_CHECK_EQUAL(subject.size(), 64u);
}

CAF_TEST(a consumer that takes bursts counts as fast) {
  lookahead subject{{8, 64}};
  for (auto round = 0; round < 20; ++round) {
    const auto burst = subject.size();
    subject.written(start, burst / 2, batch * (burst / 2), burst - burst / 2);
    subject.written(start, burst - burst / 2, batch * (burst - burst / 2), 0);
  }
  CAF_CHECK_EQUAL(subject.size(), 64u);
}

CAF_TEST(a consumer that never catches up keeps what it has while it is fast) {
  lookahead subject{{8, 64}};
  take_at_once(subject, 1000);
  for (auto i = 0; i < 1000; ++i)
    subject.written(start + i * 10ms, 1, batch, 1);
  CAF_CHECK_EQUAL(subject.size(), 64u);
}

CAF_TEST(a slow consumer loses what it had gained) {
  lookahead subject{{8, 64}};
  take_at_once(subject, 1000);
  for (auto i = 0; i < 1000; ++i)
    subject.written(start + i * 50ms, 1, batch, 1);
  CAF_CHECK_EQUAL(subject.size(), 16u); // 16 batches in 800 ms
  for (auto i = 1000; i < 2000; ++i)
    subject.written(start + i * 1s, 1, batch, 1);
  CAF_CHECK_EQUAL(subject.size(), 8u);
}

CAF_TEST(large batches are not multiplied) {
  lookahead subject{{8, 64, 16'000'000}};
  take_at_once(subject, 1000, 500'000);
  CAF_CHECK_EQUAL(subject.size(), 32u);
  lookahead huge{{8, 64, 16'000'000}};
  take_at_once(huge, 1000, 130'000'000);
  CAF_CHECK_EQUAL(huge.size(), 8u);
}

CAF_TEST(a consumer counts as fast at first as far as the size of its batches allows) {
  lookahead subject{{8, 64, 16'000'000}};
  subject.begin(batch);
  CAF_CHECK_EQUAL(subject.size(), 64u);
  lookahead large{{8, 64, 16'000'000}};
  large.begin(500'000);
  CAF_CHECK_EQUAL(large.size(), 32u);
  lookahead huge{{8, 64, 16'000'000}};
  huge.begin(130'000'000);
  CAF_CHECK_EQUAL(huge.size(), 8u);
  lookahead odd{{8, 50, 16'000'000}};
  odd.begin(1);
  CAF_CHECK_EQUAL(odd.size(), 50u);
}

CAF_TEST(a fixed number is fixed) {
  lookahead subject{{5, 5}};
  take_at_once(subject, 1000);
  CAF_CHECK_EQUAL(subject.size(), 5u);
  for (auto i = 0; i < 100; ++i)
    subject.written(start + i * 1s, 1, batch, 5);
  CAF_CHECK_EQUAL(subject.size(), 5u);
}

CAF_TEST(it stays within its bounds whatever comes) {
  std::mt19937_64 random{7};
  for (auto round = 0; round < 200; ++round) {
    const auto least = 1 + random() % 20;
    const auto most = least + random() % 100;
    lookahead subject{{least, most}};
    for (auto i = 0; i < 500; ++i) {
      subject.written(start + std::chrono::milliseconds{i * (random() % 500)}, random() % 10, random() % 2'000'000,
                      random() % 4 == 0 ? random() % 100 : 0);
      if (subject.size() < least || subject.size() > most)
        CAF_FAIL("round " << round << ": " << subject.size() << " is not within " << least << " and " << most);
    }
  }
}
