#include "actors/policy/feed_choice.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace dispatch::policy {

namespace {

/// The middle one of so many waits is no accident.
constexpr std::size_t waits_to_compare = 3;

/// Where one of them was as short as this, more of them have to show that calls are better.
constexpr std::chrono::microseconds short_wait{500};

/// What is further back than so many waits is forgotten.
constexpr std::size_t waits_remembered = 9;

constexpr std::size_t calls_of_trial = 4;

/// Calls that bring so much more replace the stream: it costs the upstream less, and noise must not decide.
constexpr double worthwhile = 1.3;

/// Batches per second: consumers hardly read faster.
constexpr double fast = 5000;

/// A decision for the stream, which comes from few batches, is good for so many at first.
constexpr double batches_of_decision = 100;

/// A trial that is shorter may owe its result to an accident.
constexpr std::chrono::milliseconds short_trial{2};

/// A wait is long that is so many times as long as a batch takes with calls beside the stream.
constexpr double long_wait = 3;

/// Any stream may let wait for less, now and then.
constexpr std::chrono::milliseconds least_long_wait{2};

double seconds(feed_choice::duration time) {
  return std::max(std::chrono::duration<double>(time).count(), 1e-9);
}

feed_choice::duration from_seconds(double time) {
  return std::chrono::duration_cast<feed_choice::duration>(std::chrono::duration<double>(time));
}

} // namespace

bool feed_choice::begin_stream(time_point now) {
  if (options_.mode == fetch_mode::get)
    return false;
  // What was found is old: this pass shows what a stream brings now.
  if (prefers_calls_ && is_old(now)) {
    prefers_calls_ = false;
    decided_at_.reset();
    waits_.clear();
  }
  return !prefers_calls_;
}

// -- calls beside the stream ------------------------------------------------------------------------------------------

std::size_t feed_choice::calls_wanted(time_point now) const {
  if (options_.mode != fetch_mode::automatic || prefers_calls_ || trial_ || to_compare_since_)
    return 0;
  if (!one_call_)
    return 1;
  const auto is_doubted = !decided_at_ || is_old(now);
  // Where a call takes long, the stream need not show that first.
  const auto is_slow = waits_.size() >= waits_to_compare ? !is_fast() : !decided_at_ && *one_call_ >= short_trial;
  return is_doubted && is_slow ? calls_of_trial : 0;
}

bool feed_choice::is_fast() const {
  return alone_ >= fast;
}

void feed_choice::calls_began(std::size_t count, time_point now) {
  trial_ = trial{count, now};
}

void feed_choice::call_ended(bool has_brought, time_point now) {
  if (!trial_)
    return;
  trial_->brought += has_brought ? 1 : 0;
  if (++trial_->ended == trial_->calls)
    end_trial(now);
}

void feed_choice::end_trial(time_point now) {
  const auto ended = *std::exchange(trial_, std::nullopt);
  if (ended.calls == 1) {
    one_call_ = now - ended.began;
    return;
  }
  is_short_ = now - ended.began < short_trial;
  beside_ = static_cast<double>(ended.brought) / seconds(now - ended.began);
  to_compare_since_ = now;
  long_waits_ = 0;
  // The waits before it are those of an upstream that may have been cold.
  waits_.clear();
}

// -- the stream -------------------------------------------------------------------------------------------------------

void feed_choice::stream_brought(time_point waited_since, time_point now) {
  if (trial_) {
    ++trial_->brought;
    return;
  }
  const auto since = std::max(waited_since, to_compare_since_.value_or(waited_since));
  // A wait that began before the trial was over shows something only where it is long all the same.
  if (since > waited_since && now - since < shortest_long_wait())
    return;
  waits_.push_back(now - since);
  if (waits_.size() > waits_remembered)
    waits_.pop_front();
  long_waits_ = waits_.back() >= shortest_long_wait() ? long_waits_ + 1 : 0;
  compare(now);
}

feed_choice::duration feed_choice::shortest_long_wait() const {
  return std::max<duration>(from_seconds(long_wait / std::max(beside_, 1e-9)), least_long_wait);
}

std::optional<feed_choice::time_point> feed_choice::longest_wait(time_point waited_since) const {
  if (!to_compare_since_ || long_waits_ == 0)
    return std::nullopt;
  return std::max(waited_since, *to_compare_since_) + shortest_long_wait();
}

void feed_choice::stream_waited(time_point waited_since, time_point now) {
  const auto longest = longest_wait(waited_since);
  if (!longest || now < *longest)
    return;
  alone_ = 1 / seconds(now - std::max(waited_since, *to_compare_since_));
  if (is_short_ && !std::exchange(awaits_confirmation_, true))
    to_compare_since_.reset();
  else
    decide(true, now);
}

void feed_choice::no_streams(time_point now) {
  decide(true, now);
  is_new_ = false;
}

void feed_choice::compare(time_point now) {
  if (waits_.size() < waits_to_compare)
    return;
  // A first batch takes longer, and batches that were sent while the stream was not read are not waited for: the median
  // shows the stream's speed.
  std::vector<duration> waits(waits_.begin(), waits_.end());
  const auto middle = waits.begin() + static_cast<std::ptrdiff_t>(waits.size() / 2);
  std::nth_element(waits.begin(), middle, waits.end());
  alone_ = 1 / seconds(*middle);
  const auto calls_are_better = beside_ >= worthwhile * alone_ && !is_fast();
  const auto is_sure =
    !calls_are_better || waits.size() == waits_remembered || *std::min_element(waits.begin(), waits.end()) > short_wait;
  if (to_compare_since_) {
    if (is_sure)
      decide(calls_are_better, now);
  } else if (!decided_at_) {
    if (is_fast() && options_.mode == fetch_mode::automatic)
      decide(false, now);
  } else if (calls_are_better && waits_.size() == waits_remembered) {
    decided_at_.reset();
  }
}

// -- what was found ---------------------------------------------------------------------------------------------------

void feed_choice::decide(bool for_calls, time_point now) {
  decision_lasts_ = last_decision_ == for_calls ? std::min(4 * decision_lasts_, options_.decision_lasts_at_most)
                    : for_calls                 ? options_.calls_last
                                                : from_seconds(batches_of_decision / alone_);
  last_decision_ = for_calls;
  prefers_calls_ = for_calls;
  decided_at_ = now;
  is_new_ = true;
  trial_.reset();
  to_compare_since_.reset();
  awaits_confirmation_ = false;
  if (!for_calls)
    waits_.clear();
}

bool feed_choice::has_decided() noexcept {
  return std::exchange(is_new_, false);
}

} // namespace dispatch::policy
