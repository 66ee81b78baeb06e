#define CAF_SUITE feed_choice

#include "actors/policy/feed_choice.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>

using dispatch::policy::feed_choice;
using dispatch::policy::fetch_mode;
using namespace std::chrono_literals;

namespace {

using duration = feed_choice::duration;

/// A choice and the time that passes while it is fed.
struct simulation {
  explicit simulation(fetch_mode mode = fetch_mode::automatic) : choice(options_of(mode)) {}

  static feed_choice::options options_of(fetch_mode mode) {
    feed_choice::options result;
    result.mode = mode;
    return result;
  }

  /// So many batches of a stream, each of which was waited for from the one before on.
  void stream(int batches, duration gap) {
    for (auto i = 0; i < batches; ++i) {
      const auto before = now;
      now += gap;
      choice.stream_brought(before, now);
    }
  }

  void call(int batches, duration gap) {
    for (auto i = 0; i < batches; ++i)
      choice.call_brought(now += gap);
  }

  /// A stream that is slow, so that calls are tried now.
  void begin_trial(duration gap = 4ms) { stream(2, gap); }

  bool streams() const { return choice.prefers_stream() && !choice.prefers_calls(); }

  bool tries_calls() const { return !choice.prefers_stream() && !choice.prefers_calls(); }

  bool calls() const { return !choice.prefers_stream() && choice.prefers_calls(); }

  bool may_open_stream() { return choice.may_open_stream(now); }

  feed_choice choice;
  feed_choice::time_point now{1h};
};

bool is_near(double value, double expected) {
  return std::abs(value - expected) < expected * 1e-6;
}

} // namespace

// -- modes ------------------------------------------------------------------------------------------------------------

CAF_TEST(a pass begins with a stream) {
  simulation subject;
  CAF_CHECK(subject.may_open_stream());
  CAF_CHECK(subject.streams());
  CAF_CHECK_EQUAL(subject.choice.stream_rate(), 0.0);
  CAF_CHECK_EQUAL(subject.choice.call_rate(), 0.0);
}

CAF_TEST(mode get opens no stream ever) {
  simulation subject{fetch_mode::get};
  CAF_CHECK(!subject.may_open_stream());
  subject.call(1000, 100ms);
  CAF_CHECK(!subject.may_open_stream());
  subject.now += 24h;
  CAF_CHECK(!subject.may_open_stream());
}

CAF_TEST(mode stream tries no calls however slow the stream is) {
  simulation subject{fetch_mode::stream};
  for (auto i = 0; i < 1000; ++i) {
    subject.stream(1, 5s);
    CAF_REQUIRE(subject.streams());
  }
  CAF_CHECK(subject.may_open_stream());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 0.2));
}

// -- when calls are tried ---------------------------------------------------------------------------------------------

CAF_TEST(calls are tried after two batches of a slow stream) {
  simulation subject;
  subject.stream(1, 4ms);
  CAF_CHECK(subject.streams());
  subject.stream(1, 4ms);
  CAF_CHECK(subject.tries_calls());
  CAF_CHECK(!subject.may_open_stream());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 250));
}

CAF_TEST(calls are tried after a second of a fast stream) {
  simulation subject;
  subject.stream(999, 1ms);
  CAF_CHECK(subject.streams());
  subject.stream(1, 1ms);
  CAF_CHECK(subject.tries_calls());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 1000));
}

CAF_TEST(a gap of just the limit is not slow) {
  simulation subject;
  subject.stream(10, 3500us);
  CAF_CHECK(subject.streams());
}

CAF_TEST(one batch that came fast does not make a stream fast) {
  for (const auto fast : {0, 1}) {
    simulation subject;
    for (auto i = 0; i < 3; ++i)
      subject.stream(1, i == fast ? 1ms : 80ms);
    CAF_CHECK(subject.streams());
    subject.stream(1, 80ms);
    CAF_CHECK(subject.tries_calls());
  }
}

CAF_TEST(what an upstream had sent ahead does not make a stream fast) {
  simulation subject;
  subject.stream(100, 10us);
  subject.stream(5, 5ms);
  CAF_CHECK(subject.streams());
  subject.stream(1, 5ms);
  CAF_CHECK(subject.tries_calls());
  // Of the last eight, two were there already.
  CAF_CHECK(is_near(subject.choice.stream_rate(), 8 / 0.03002));
}

CAF_TEST(some batches that come slowly do not make a stream slow) {
  simulation subject;
  for (auto i = 0; i < 10; ++i)
    subject.stream(1, i % 2 == 0 ? 10ms : 1ms);
  CAF_CHECK(subject.streams());
}

CAF_TEST(time in which nobody waited does not count) {
  simulation subject;
  for (auto i = 0; i < 999; ++i) {
    subject.now += 1min;
    subject.stream(1, 1ms);
  }
  CAF_CHECK(subject.streams());
  subject.now += 1min;
  subject.stream(1, 1ms);
  CAF_CHECK(subject.tries_calls());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 1000));
}

CAF_TEST(calls outside of a trial decide nothing) {
  simulation subject;
  subject.stream(1, 4ms);
  subject.call(1000, 1us);
  CAF_CHECK(subject.streams());
  CAF_CHECK_EQUAL(subject.choice.call_rate(), 0.0);
  subject.stream(1, 4ms);
  CAF_CHECK(subject.tries_calls());
}

// -- what a trial comes to --------------------------------------------------------------------------------------------

CAF_TEST(calls that are faster win) {
  simulation subject;
  subject.begin_trial();
  subject.call(31, 1ms);
  CAF_CHECK(subject.tries_calls());
  subject.call(1, 1ms);
  CAF_CHECK(subject.calls());
  CAF_CHECK(!subject.may_open_stream());
  CAF_CHECK(is_near(subject.choice.call_rate(), 1000));
  CAF_CHECK(is_near(subject.choice.stream_rate(), 250));
}

CAF_TEST(calls win by more than noise or not at all) {
  simulation hardly;
  hardly.begin_trial();
  hardly.call(32, 3800us);
  CAF_CHECK(hardly.streams());
  CAF_CHECK(hardly.may_open_stream());
  simulation clearly;
  clearly.begin_trial();
  clearly.call(32, 3300us);
  CAF_CHECK(clearly.calls());
}

CAF_TEST(the second half of a trial decides) {
  simulation faster;
  faster.begin_trial();
  faster.call(16, 6ms);
  CAF_CHECK(faster.tries_calls());
  faster.call(16, 1ms);
  CAF_CHECK(faster.calls());
  CAF_CHECK(is_near(faster.choice.call_rate(), 1000));
  simulation slower;
  slower.begin_trial();
  slower.call(16, 1ms);
  slower.call(16, 4ms);
  CAF_CHECK(slower.streams());
  CAF_CHECK(is_near(slower.choice.call_rate(), 250));
}

CAF_TEST(a trial of calls that are far too slow ends early) {
  simulation subject;
  subject.begin_trial();
  subject.call(7, 10ms);
  CAF_CHECK(subject.tries_calls());
  subject.call(1, 10ms);
  CAF_CHECK(subject.streams());
  CAF_CHECK(subject.may_open_stream());
  CAF_CHECK(is_near(subject.choice.call_rate(), 100));
}

CAF_TEST(a trial that becomes hopeless ends then) {
  simulation subject;
  subject.begin_trial();
  subject.call(10, 4ms);
  CAF_CHECK(subject.tries_calls());
  subject.call(1, 10s);
  CAF_CHECK(subject.streams());
}

CAF_TEST(batches that come at once are no division by zero) {
  simulation subject;
  subject.begin_trial();
  subject.call(32, 0ms);
  CAF_CHECK(subject.calls());
  CAF_CHECK(std::isfinite(subject.choice.call_rate()));
}

CAF_TEST(a stream has no trial again soon) {
  simulation subject;
  subject.begin_trial();
  subject.call(8, 10ms);
  subject.stream(100, 99ms);
  CAF_CHECK(subject.streams());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 1 / 0.099));
}

// -- no streams at all ------------------------------------------------------------------------------------------------

CAF_TEST(an upstream without streams is called for as long as a decision lasts) {
  for (const auto mode : {fetch_mode::automatic, fetch_mode::stream}) {
    simulation subject{mode};
    subject.choice.no_streams(subject.now);
    CAF_CHECK(subject.calls());
    subject.call(1000, 1ms);
    CAF_CHECK(subject.calls());
    subject.now += 9s - 1ms;
    CAF_CHECK(!subject.may_open_stream());
    subject.now += 1ms;
    CAF_CHECK(subject.may_open_stream());
    CAF_CHECK(subject.streams());
  }
}

// -- decisions grow old -----------------------------------------------------------------------------------------------

CAF_TEST(calls that have won are doubted after a while) {
  simulation subject;
  subject.begin_trial();
  subject.call(32, 1ms);
  subject.now += 10s - 1ms;
  CAF_CHECK(!subject.may_open_stream());
  CAF_CHECK(subject.calls());
  subject.now += 1ms;
  // Without a pass that begins, there is nothing to compare with.
  CAF_CHECK(subject.calls());
  CAF_CHECK(subject.may_open_stream());
  CAF_CHECK(subject.streams());
  // What is known of before is forgotten.
  subject.stream(1, 4ms);
  CAF_CHECK(subject.streams());
  subject.stream(1, 4ms);
  CAF_CHECK(subject.tries_calls());
}

CAF_TEST(a stream that has won is doubted after a while) {
  simulation subject;
  subject.begin_trial();
  subject.call(8, 10ms);
  const auto decided_at = subject.now;
  while (subject.now + 100ms < decided_at + 10s) {
    subject.stream(1, 100ms);
    CAF_REQUIRE(subject.streams());
  }
  subject.stream(5, 100ms);
  CAF_CHECK(subject.tries_calls());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 10));
  subject.call(32, 1ms);
  CAF_CHECK(subject.calls());
}

CAF_TEST(a stream that is doubted shows first what it brings now) {
  simulation subject;
  subject.begin_trial();
  subject.call(8, 10ms);
  subject.now += 11min;
  subject.stream(2, 1ms);
  CAF_CHECK(subject.streams());
  subject.stream(1, 1ms);
  CAF_CHECK(subject.tries_calls());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 1000));
}

CAF_TEST(a decision that is confirmed is good for twice as long each time) {
  simulation subject;
  auto expected = duration{10s};
  for (auto i = 0; i < 10; ++i) {
    subject.begin_trial();
    subject.call(32, 1ms);
    CAF_REQUIRE(subject.calls());
    subject.now += expected - 1ms;
    CAF_CHECK(!subject.may_open_stream());
    subject.now += 1ms;
    CAF_CHECK(subject.may_open_stream());
    expected = std::min<duration>(2 * expected, 10min);
  }
}

CAF_TEST(a decision that is reversed begins anew) {
  simulation subject;
  for (auto i = 0; i < 3; ++i) {
    subject.begin_trial();
    subject.call(32, 1ms);
    subject.now += 1min;
    CAF_REQUIRE(subject.may_open_stream());
  }
  subject.begin_trial();
  subject.call(8, 10ms);
  CAF_REQUIRE(subject.streams());
  subject.now += 10s;
  subject.stream(3, 1ms);
  CAF_CHECK(subject.tries_calls());
}

// -- any upstream -----------------------------------------------------------------------------------------------------

CAF_TEST(what is clearly faster is found) {
  constexpr std::uint64_t seed = 54;
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> noise{0.9, 1.1};
  std::uniform_real_distribution<double> decades{-4, -1};
  for (auto round = 0; round < 500; ++round) {
    const auto stream_gap = std::pow(10.0, decades(random));
    const auto are_calls_faster = random() % 2 == 0;
    // With this noise on both sides, ratios between 0.9 and 1.35 may be found to be anything.
    std::uniform_real_distribution<double> ratios{are_calls_faster ? 1.4 : 0.05, are_calls_faster ? 40 : 0.85};
    const auto call_gap = stream_gap / ratios(random);
    const auto noisy = [&](double gap) {
      return std::chrono::duration_cast<duration>(std::chrono::duration<double>(gap * noise(random)));
    };
    simulation subject;
    auto streamed = 0;
    for (; subject.streams() && streamed < 20'000; ++streamed)
      subject.stream(1, noisy(stream_gap));
    auto called = 0;
    for (; subject.tries_calls() && called < 100; ++called)
      subject.call(1, noisy(call_gap));
    if (called == 0 || called > 32 || subject.calls() != are_calls_faster || subject.streams() == are_calls_faster)
      CAF_FAIL("seed " << seed << ", round " << round << ": a stream with " << stream_gap << " s and calls with "
                       << call_gap << " s a batch, " << streamed << " streamed, " << called << " called");
  }
}
