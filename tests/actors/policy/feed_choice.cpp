#define CAF_SUITE feed_choice

#include "actors/policy/feed_choice.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
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

  /// So many batches of calls, one after another.
  void call(int batches, duration gap) {
    for (auto i = 0; i < batches; ++i)
      choice.call_brought(now += gap);
  }

  /// A stream that has shown how slow it is, so that calls are tried now.
  void begin_trial(duration gap = 4ms) { stream(3, gap); }

  bool streams() const { return choice.prefers_stream() && !choice.prefers_calls(); }

  bool tries_calls() const { return !choice.prefers_stream() && !choice.prefers_calls(); }

  bool calls() const { return !choice.prefers_stream() && choice.prefers_calls(); }

  bool begin_stream() { return choice.begin_stream(now); }

  feed_choice choice;
  feed_choice::time_point now{1h};
};

/// What a dataset service needs for a batch, in seconds: of a stream, and of each of so many calls at a time.
struct service {
  double stream_gap;
  std::function<double(std::size_t)> call_time;
};

/// One interpreter under one lock: more calls at a time only get in each other's way.
service one_interpreter(double work, double overhead = 0.0005) {
  return {work, [=](std::size_t calls) {
            const auto n = static_cast<double>(calls);
            return n * (work + overhead) * (1 + 0.1 * (n - 1));
          }};
}

/// Each batch takes so long, however many there are.
service plain_latency(double latency) {
  return {latency, [=](std::size_t) { return latency; }};
}

/// Calls travel for so long each; a stream sends ahead.
service far_away(double round_trip, double work) {
  return {work, [=](std::size_t calls) { return std::max(round_trip, work * static_cast<double>(calls)); }};
}

/// What becomes of a pass that such a service feeds.
struct outcome {
  bool streams;
  int streamed;
  int called;
};

bool is_near(double value, double expected) {
  return std::abs(value - expected) < expected * 1e-6;
}

} // namespace

// -- modes ------------------------------------------------------------------------------------------------------------

CAF_TEST(a pass begins with a stream) {
  simulation subject;
  CAF_CHECK(subject.begin_stream());
  CAF_CHECK(subject.streams());
  CAF_CHECK_EQUAL(subject.choice.stream_rate(), 0.0);
  CAF_CHECK_EQUAL(subject.choice.call_rate(), 0.0);
}

CAF_TEST(mode get opens no stream ever) {
  simulation subject{fetch_mode::get};
  CAF_CHECK(!subject.begin_stream());
  subject.call(1000, 100ms);
  subject.now += 24h;
  CAF_CHECK(!subject.begin_stream());
}

CAF_TEST(mode stream tries no calls however slow the stream is) {
  simulation subject{fetch_mode::stream};
  for (auto i = 0; i < 1000; ++i) {
    subject.stream(1, 5s);
    CAF_REQUIRE(subject.streams());
  }
  CAF_CHECK(subject.begin_stream());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 0.2));
}

// -- trials -----------------------------------------------------------------------------------------------------------

CAF_TEST(calls are tried after three batches of a stream and one at a time) {
  simulation subject;
  subject.stream(2, 4ms);
  CAF_CHECK(subject.streams());
  subject.stream(1, 4ms);
  CAF_CHECK(subject.tries_calls());
  CAF_CHECK(!subject.begin_stream());
  CAF_CHECK_EQUAL(subject.choice.calls_at_a_time(), 1u);
  CAF_CHECK(is_near(subject.choice.stream_rate(), 250));
}

CAF_TEST(a batch that waited for the connection and one that was there already do not say how fast a stream is) {
  simulation subject;
  subject.stream(1, 1s);
  subject.stream(1, 4ms);
  subject.stream(1, 1us);
  CAF_CHECK(is_near(subject.choice.stream_rate(), 250));
}

CAF_TEST(calls outside of a trial decide nothing) {
  simulation subject;
  subject.stream(1, 4ms);
  subject.call(1000, 1us);
  CAF_CHECK(subject.streams());
  CAF_CHECK_EQUAL(subject.choice.call_rate(), 0.0);
}

CAF_TEST(calls at a time are doubled as long as that brings more) {
  simulation subject;
  subject.begin_trial(4ms);
  subject.call(2, 20ms);
  CAF_CHECK_EQUAL(subject.choice.calls_at_a_time(), 2u);
  subject.call(4, 10ms);
  CAF_CHECK_EQUAL(subject.choice.calls_at_a_time(), 4u);
  subject.call(7, 5ms);
  CAF_CHECK(subject.tries_calls());
  subject.call(1, 5ms);
  CAF_CHECK_EQUAL(subject.choice.calls_at_a_time(), 8u);
  subject.call(16, 2500us);
  CAF_CHECK(subject.calls());
  CAF_CHECK(is_near(subject.choice.call_rate(), 400));
}

CAF_TEST(a trial ends when twice as many calls bring no more) {
  simulation subject;
  subject.begin_trial(4ms);
  subject.call(2, 5ms);
  subject.call(3, 5ms);
  CAF_CHECK(subject.tries_calls());
  subject.call(1, 5ms);
  CAF_CHECK(subject.streams());
  CAF_CHECK(subject.begin_stream());
  subject.stream(100, 99ms);
  CAF_CHECK(subject.streams());
}

CAF_TEST(batches that come at once are no division by zero) {
  simulation subject;
  subject.begin_trial(4ms);
  subject.call(6, 0ms);
  CAF_CHECK(subject.calls());
  CAF_CHECK(std::isfinite(subject.choice.call_rate()));
}

// -- services ---------------------------------------------------------------------------------------------------------

CAF_TEST(each kind of service is found out whatever its speed) {
  std::mt19937_64 random{54};
  std::uniform_real_distribution<double> noise{0.95, 1.05};
  const auto run = [&](const service& of) {
    const auto noisy = [&](double gap) {
      return std::chrono::duration_cast<duration>(std::chrono::duration<double>(gap * noise(random)));
    };
    simulation subject;
    outcome result{false, 0, 0};
    for (; subject.streams(); ++result.streamed)
      subject.stream(1, noisy(of.stream_gap));
    for (; subject.tries_calls(); ++result.called) {
      const auto at_a_time = subject.choice.calls_at_a_time();
      subject.call(1, noisy(of.call_time(at_a_time) / static_cast<double>(at_a_time)));
    }
    result.streams = subject.streams();
    return result;
  };
  for (auto work = 0.0001; work < 1; work *= 1.5) {
    const auto interpreter = run(one_interpreter(work));
    CAF_CHECK(interpreter.streams);
    CAF_CHECK_EQUAL(interpreter.called, 6);
    const auto latency = run(plain_latency(work));
    CAF_CHECK(!latency.streams);
    CAF_CHECK_EQUAL(latency.streamed, 3);
    CAF_CHECK_EQUAL(latency.called, 6);
    CAF_CHECK(run(far_away(20 * work, work)).streams);
  }
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
    CAF_CHECK(!subject.begin_stream());
    subject.now += 1ms;
    CAF_CHECK(subject.begin_stream());
    CAF_CHECK(subject.streams());
  }
}

// -- decisions grow old -----------------------------------------------------------------------------------------------

CAF_TEST(calls that have won are doubted after a while) {
  simulation subject;
  subject.begin_trial();
  subject.call(6, 1ms);
  subject.now += 10s - 1ms;
  CAF_CHECK(!subject.begin_stream());
  CAF_CHECK(subject.calls());
  subject.now += 1ms;
  // Without a pass that begins, there is nothing to compare with.
  CAF_CHECK(subject.calls());
  CAF_CHECK(subject.begin_stream());
  CAF_CHECK(subject.streams());
  // What is known of before is forgotten.
  subject.stream(2, 4ms);
  CAF_CHECK(subject.streams());
  subject.stream(1, 4ms);
  CAF_CHECK(subject.tries_calls());
}

CAF_TEST(a stream that has won is doubted after a while) {
  simulation subject;
  subject.begin_trial();
  subject.call(6, 10ms);
  const auto decided_at = subject.now;
  while (subject.now + 100ms < decided_at + 10s) {
    subject.stream(1, 100ms);
    CAF_REQUIRE(subject.streams());
  }
  subject.stream(5, 100ms);
  CAF_CHECK(subject.tries_calls());
  CAF_CHECK(is_near(subject.choice.stream_rate(), 10));
  subject.call(6, 1ms);
  CAF_CHECK(subject.calls());
}

CAF_TEST(a stream that is doubted shows first what it brings now) {
  simulation subject;
  subject.begin_trial();
  subject.call(6, 10ms);
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
    subject.call(6, 1ms);
    CAF_REQUIRE(subject.calls());
    subject.now += expected - 1ms;
    CAF_CHECK(!subject.begin_stream());
    subject.now += 1ms;
    CAF_CHECK(subject.begin_stream());
    expected = std::min<duration>(2 * expected, 10min);
  }
}

CAF_TEST(a decision that is reversed begins anew) {
  simulation subject;
  for (auto i = 0; i < 3; ++i) {
    subject.begin_trial();
    subject.call(6, 1ms);
    subject.now += 1min;
    CAF_REQUIRE(subject.begin_stream());
  }
  subject.begin_trial();
  subject.call(6, 10ms);
  CAF_REQUIRE(subject.streams());
  subject.now += 10s;
  subject.stream(3, 1ms);
  CAF_CHECK(subject.tries_calls());
}
