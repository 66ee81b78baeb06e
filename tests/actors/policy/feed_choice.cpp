#define CAF_SUITE feed_choice

#include "actors/policy/feed_choice.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <random>
#include <vector>

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

  /// The calls that are wanted now, which come back one after another.
  void call(duration gap) {
    const auto wanted = choice.calls_wanted(now);
    CAF_REQUIRE_GREATER(wanted, 0u);
    choice.calls_began(wanted, now);
    for (std::size_t i = 0; i < wanted; ++i)
      choice.call_ended(true, now += gap);
  }

  /// The first batch, and one call, which takes long.
  void begin() {
    CAF_REQUIRE(choice.begin_stream(now));
    CAF_REQUIRE_EQUAL(choice.calls_wanted(now), 1u);
    call(2ms);
  }

  /// Decides by calls and by a stream with such gaps.
  void decide(duration call_gap, duration stream_gap) {
    call(call_gap);
    stream(3, stream_gap);
  }

  bool streams() const { return !choice.prefers_calls(); }

  std::size_t wanted() const { return choice.calls_wanted(now); }

  feed_choice choice;
  feed_choice::time_point now{1h};
};

bool is_near(double value, double expected) {
  return std::abs(value - expected) < expected * 1e-6;
}

/// What a dataset service needs for a batch, in seconds: some that pass however many batches it makes at a time, and
/// some of the one processor that all of these share.
struct service {
  double stream_latency;
  double call_latency;
  double stream_work;
  double call_work;
  /// The first batch of each kind takes so many times as long.
  double cold = 1;
};

service one_interpreter(double work, double cold = 1) {
  return {0, work / 20, work, 1.2 * work, cold};
}

service plain_latency(double latency) {
  return {latency, latency, latency / 100, latency / 100};
}

service far_away(double round_trip, double work) {
  return {0, round_trip, work, work};
}

/// Feeds a choice with what a service does until it has decided.
class trial_run {
public:
  trial_run(const service& of, std::uint64_t seed) : of_(of), random_(seed) { start_stream(); }

  /// Returns whether the stream goes on.
  bool decide() {
    while (!subject_.choice.has_decided() && streamed_ < 1000)
      step();
    return subject_.streams();
  }

  std::size_t called() const { return called_; }

  /// In batches' time of the service.
  double seconds() const { return seconds_; }

private:
  struct work_item {
    double latency;
    double work;
    bool is_stream;
  };

  double noise() { return std::uniform_real_distribution<double>{0.9, 1.1}(random_); }

  void start_stream() {
    const auto factor = noise() * (streamed_ == 0 ? of_.cold : 1);
    items_.push_back({factor * of_.stream_latency, factor * of_.stream_work, true});
  }

  void start_calls() {
    const auto wanted = subject_.wanted();
    if (wanted == 0)
      return;
    subject_.choice.calls_began(wanted, subject_.now);
    for (std::size_t i = 0; i < wanted; ++i) {
      const auto factor = noise() * (called_++ == 0 ? of_.cold : 1);
      items_.push_back({factor * of_.call_latency, factor * of_.call_work, false});
    }
  }

  /// To the end of an item, or of the latency of one, or of a wait that decides.
  void step() {
    start_calls();
    const auto sharing = std::max<std::size_t>(
      std::count_if(items_.begin(), items_.end(), [](const auto& each) { return each.latency <= 0; }), 1);
    auto next = 1e9;
    for (const auto& each : items_)
      next = std::min(next, each.latency > 0 ? each.latency : each.work * static_cast<double>(sharing));
    const auto until = subject_.choice.longest_wait(waited_since_);
    if (until)
      next = std::min(next, std::max(std::chrono::duration<double>(*until - subject_.now).count(), 1e-6));
    pass(next, sharing);
    subject_.choice.stream_waited(waited_since_, subject_.now);
  }

  void pass(double seconds, std::size_t sharing) {
    seconds_ += seconds;
    subject_.now += std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
    std::vector<work_item> ended;
    for (auto& each : items_) {
      auto& left = each.latency > 0 ? each.latency : each.work;
      left -= each.latency > 0 ? seconds : seconds / static_cast<double>(sharing);
      if (left < 1e-12)
        left = 0;
      if (each.latency <= 0 && each.work <= 0)
        ended.push_back(each);
    }
    items_.erase(std::remove_if(items_.begin(), items_.end(),
                                [](const auto& each) { return each.latency <= 0 && each.work <= 0; }),
                 items_.end());
    for (const auto& each : ended)
      end(each);
  }

  void end(const work_item& ended) {
    if (!ended.is_stream)
      return subject_.choice.call_ended(true, subject_.now);
    ++streamed_;
    subject_.choice.stream_brought(waited_since_, subject_.now);
    waited_since_ = subject_.now;
    start_stream();
  }

  service of_;
  std::mt19937_64 random_;
  simulation subject_;
  feed_choice::time_point waited_since_ = subject_.now;
  std::vector<work_item> items_;
  std::size_t streamed_ = 0;
  std::size_t called_ = 0;
  double seconds_ = 0;
};

} // namespace

// -- modes ------------------------------------------------------------------------------------------------------------

CAF_TEST(a pass begins with a stream) {
  simulation subject;
  CAF_CHECK(subject.choice.begin_stream(subject.now));
  CAF_CHECK(subject.streams());
  CAF_CHECK_EQUAL(subject.choice.alone(), 0.0);
  CAF_CHECK_EQUAL(subject.choice.beside(), 0.0);
}

CAF_TEST(mode get opens no stream ever) {
  simulation subject{fetch_mode::get};
  CAF_CHECK(!subject.choice.begin_stream(subject.now));
  subject.now += 24h;
  CAF_CHECK(!subject.choice.begin_stream(subject.now));
}

CAF_TEST(mode stream tries no calls however slow the stream is) {
  simulation subject{fetch_mode::stream};
  for (auto i = 0; i < 1000; ++i) {
    subject.stream(1, 5s);
    CAF_REQUIRE(subject.streams());
    CAF_REQUIRE_EQUAL(subject.wanted(), 0u);
  }
  CAF_CHECK(subject.choice.begin_stream(subject.now));
  CAF_CHECK(is_near(subject.choice.alone(), 0.2));
}

// -- trials -----------------------------------------------------------------------------------------------------------

CAF_TEST(one call is made at first and then four) {
  simulation subject;
  subject.begin();
  CAF_CHECK_EQUAL(subject.wanted(), 4u);
  CAF_CHECK(!subject.choice.has_decided());
  subject.choice.calls_began(4, subject.now);
  CAF_CHECK_EQUAL(subject.wanted(), 0u);
}

CAF_TEST(three batches of the stream behind a trial decide) {
  simulation subject;
  subject.begin();
  subject.stream(5, 100ms);
  subject.call(1ms);
  subject.stream(2, 2ms);
  CAF_CHECK(!subject.choice.has_decided());
  subject.stream(1, 2ms);
  CAF_CHECK(subject.choice.has_decided());
  CAF_CHECK(!subject.choice.has_decided());
  CAF_CHECK(!subject.streams());
  CAF_CHECK(is_near(subject.choice.beside(), 1000));
  CAF_CHECK(is_near(subject.choice.alone(), 500));
}

CAF_TEST(batches that the stream brings meanwhile count for the calls) {
  simulation subject;
  subject.begin();
  subject.choice.calls_began(4, subject.now);
  subject.stream(4, 2ms);
  for (auto i = 0; i < 4; ++i)
    subject.choice.call_ended(true, subject.now);
  CAF_CHECK(is_near(subject.choice.beside(), 1000));
  subject.stream(3, 1ms);
  CAF_CHECK(is_near(subject.choice.alone(), 1000));
  CAF_CHECK(subject.streams());
}

CAF_TEST(where the stream was fast once nine of its batches decide for calls) {
  simulation subject;
  subject.begin();
  subject.call(1ms);
  subject.stream(1, 500us);
  subject.stream(7, 1900us);
  CAF_CHECK(!subject.choice.has_decided());
  subject.stream(1, 1900us);
  CAF_CHECK(subject.choice.has_decided());
  CAF_CHECK(!subject.streams());
}

CAF_TEST(a stream that lets wait for long twice behind a trial is replaced) {
  simulation subject;
  subject.begin();
  subject.stream(1, 6ms);
  subject.call(1ms);
  subject.stream(1, 3ms);
  const auto since = subject.now;
  CAF_CHECK(subject.choice.longest_wait(since) == since + 3ms);
  subject.choice.stream_waited(since, since + 3ms - 1ns);
  CAF_CHECK(!subject.choice.has_decided());
  subject.choice.stream_waited(since, since + 3ms);
  CAF_CHECK(subject.choice.has_decided());
  CAF_CHECK(!subject.streams());
}

CAF_TEST(a stream that lets wait for long once is not replaced) {
  simulation subject;
  subject.begin();
  subject.call(1ms);
  subject.stream(1, 6ms);
  subject.stream(1, 1ms);
  const auto since = subject.now;
  subject.choice.stream_waited(since, since + 3ms);
  CAF_CHECK(!subject.choice.has_decided());
  subject.stream(1, 1ms);
  CAF_CHECK(subject.choice.has_decided());
  CAF_CHECK(subject.streams());
}

CAF_TEST(any stream may let wait for two milliseconds) {
  simulation subject;
  subject.begin();
  subject.call(10us);
  CAF_CHECK(!subject.choice.longest_wait(subject.now));
  subject.stream(1, 2ms);
  CAF_CHECK(subject.choice.longest_wait(subject.now - 1h) == subject.now);
  CAF_CHECK(subject.choice.longest_wait(subject.now) == subject.now + 2ms);
}

CAF_TEST(a stream that is as fast as consumers read is compared with nothing) {
  simulation subject;
  CAF_REQUIRE(subject.choice.begin_stream(subject.now));
  subject.call(500us);
  CAF_CHECK_EQUAL(subject.wanted(), 0u);
  subject.stream(2, 200us);
  CAF_CHECK_EQUAL(subject.wanted(), 0u);
  subject.stream(1, 200us);
  CAF_CHECK_EQUAL(subject.wanted(), 0u);
  CAF_CHECK(subject.choice.has_decided());
  CAF_CHECK(subject.streams());
  subject.now += 1h;
  CAF_CHECK_EQUAL(subject.wanted(), 0u);
}

CAF_TEST(long waits behind a short trial have to come behind a second one as well) {
  simulation subject;
  subject.begin();
  for (const auto is_second : {false, true}) {
    subject.call(100us);
    subject.stream(1, 2ms);
    const auto since = subject.now;
    subject.choice.stream_waited(since, since + 2ms);
    CAF_CHECK_EQUAL(subject.choice.has_decided(), is_second);
  }
  CAF_CHECK(!subject.streams());
}

CAF_TEST(calls that fail bring nothing) {
  simulation subject;
  subject.begin();
  subject.choice.calls_began(4, subject.now);
  for (auto i = 0; i < 4; ++i)
    subject.choice.call_ended(false, subject.now + 1us);
  subject.stream(4, 1ms);
  CAF_CHECK(subject.streams());
  CAF_CHECK(subject.choice.has_decided());
}

CAF_TEST(a trial whose stream has ended says nothing) {
  simulation subject;
  subject.begin();
  subject.stream(3, 4ms);
  subject.choice.calls_began(4, subject.now);
  subject.choice.stream_ended();
  for (auto i = 0; i < 4; ++i)
    subject.choice.call_ended(true, subject.now + 1us);
  CAF_CHECK(!subject.choice.has_decided());
  CAF_CHECK_EQUAL(subject.wanted(), 4u);
}

CAF_TEST(batches that come at once are no division by zero) {
  simulation subject;
  subject.begin();
  subject.stream(2, 0ms);
  subject.call(0ms);
  subject.stream(3, 0ms);
  CAF_CHECK(subject.choice.has_decided());
  CAF_CHECK(std::isfinite(subject.choice.alone()));
  CAF_CHECK(std::isfinite(subject.choice.beside()));
}

// -- services ---------------------------------------------------------------------------------------------------------

CAF_TEST(each kind of service is found out whatever its speed) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    for (auto work = 0.0003; work < 1; work *= 1.5) {
      for (const auto cold : {1.0, 5.0}) {
        trial_run interpreter{one_interpreter(work, cold), seed};
        CAF_CHECK(interpreter.decide());
        CAF_CHECK_EQUAL(interpreter.called(), 5u);
      }
      trial_run latency{plain_latency(work), seed};
      CAF_CHECK(!latency.decide());
      CAF_CHECK_EQUAL(latency.called(), 5u);
      CAF_CHECK_LESS(latency.seconds(), work < 0.002 ? 15 * work : 5 * work);
      trial_run far{far_away(20 * work, work), seed};
      CAF_CHECK(far.decide());
    }
}

// -- no streams at all ------------------------------------------------------------------------------------------------

CAF_TEST(an upstream without streams is called for as long as a decision lasts) {
  for (const auto mode : {fetch_mode::automatic, fetch_mode::stream}) {
    simulation subject{mode};
    subject.choice.no_streams(subject.now);
    CAF_CHECK(!subject.streams());
    CAF_CHECK(!subject.choice.has_decided());
    subject.now += 10s - 1ms;
    CAF_CHECK(!subject.choice.begin_stream(subject.now));
    subject.now += 1ms;
    CAF_CHECK(subject.choice.begin_stream(subject.now));
    CAF_CHECK(subject.streams());
  }
}

// -- decisions grow old -----------------------------------------------------------------------------------------------

CAF_TEST(calls that have won are doubted after a while) {
  simulation subject;
  subject.begin();
  subject.decide(1ms, 4ms);
  subject.now += 10s - 1ms;
  CAF_CHECK(!subject.choice.begin_stream(subject.now));
  subject.now += 1ms;
  // Without a pass that begins, there is nothing to compare with.
  CAF_CHECK(!subject.streams());
  CAF_CHECK(subject.choice.begin_stream(subject.now));
  CAF_CHECK(subject.streams());
  CAF_CHECK_EQUAL(subject.wanted(), 4u);
  // What is known of before is forgotten.
  subject.call(1ms);
  subject.stream(2, 4ms);
  CAF_CHECK(subject.streams());
  subject.stream(1, 4ms);
  CAF_CHECK(!subject.streams());
}

CAF_TEST(a stream that has won is doubted after a while) {
  simulation subject;
  subject.begin();
  subject.decide(10ms, 4ms);
  CAF_REQUIRE(subject.streams());
  const auto decided_at = subject.now;
  while (subject.now + 9ms < decided_at + 400ms) {
    subject.stream(1, 9ms);
    CAF_REQUIRE_EQUAL(subject.wanted(), 0u);
  }
  subject.stream(1, 9ms);
  CAF_CHECK(is_near(subject.choice.alone(), 1 / 0.009));
  subject.decide(1ms, 9ms);
  CAF_CHECK(!subject.streams());
}

CAF_TEST(a stream that becomes slower than calls were is doubted at once) {
  simulation subject;
  subject.begin();
  subject.decide(2ms, 1ms);
  CAF_REQUIRE(subject.streams());
  subject.stream(50, 1ms);
  CAF_REQUIRE_EQUAL(subject.wanted(), 0u);
  // The median of nine waits is of the new kind.
  subject.stream(4, 5ms);
  CAF_REQUIRE_EQUAL(subject.wanted(), 0u);
  subject.stream(1, 5ms);
  CAF_CHECK_EQUAL(subject.wanted(), 4u);
  // It may be the upstream that has become slower.
  subject.decide(6ms, 5ms);
  CAF_CHECK(subject.streams());
  CAF_CHECK_EQUAL(subject.wanted(), 0u);
}

CAF_TEST(a decision that is confirmed is good for four times as long each time) {
  simulation subject;
  subject.begin();
  auto expected = duration{10s};
  for (auto i = 0; i < 10; ++i) {
    subject.decide(1ms, 4ms);
    CAF_REQUIRE(!subject.streams());
    subject.now += expected - 1ms;
    CAF_CHECK(!subject.choice.begin_stream(subject.now));
    subject.now += 1ms;
    CAF_CHECK(subject.choice.begin_stream(subject.now));
    expected = std::min<duration>(4 * expected, 10min);
  }
}

CAF_TEST(a decision that is reversed begins anew) {
  simulation subject;
  subject.begin();
  for (auto i = 0; i < 3; ++i) {
    subject.decide(1ms, 4ms);
    subject.now += 10min;
    CAF_REQUIRE(subject.choice.begin_stream(subject.now));
  }
  subject.decide(10ms, 4ms);
  CAF_REQUIRE(subject.streams());
  subject.now += 400ms;
  subject.stream(3, 1ms);
  CAF_CHECK_EQUAL(subject.wanted(), 4u);
}
