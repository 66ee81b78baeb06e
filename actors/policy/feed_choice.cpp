#include "actors/policy/feed_choice.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace dispatch::policy {

namespace {

/// So many batches that come slowly are no accident, if they are more than two thirds of the last ones.
constexpr std::ptrdiff_t gaps_to_be_slow = 2;

/// What is further back than so many batches does not say whether a stream is slow.
constexpr std::size_t gaps_remembered = 8;

/// A stream that is doubted shows first what it brings now.
constexpr std::int64_t batches_to_doubt = 3;

/// Calls that are so much faster replace the stream: it costs the upstream less, and noise must not decide.
constexpr double worthwhile = 1.1;

double seconds(feed_choice::duration time) {
  return std::max(std::chrono::duration<double>(time).count(), 1e-9);
}

} // namespace

bool feed_choice::may_open_stream(time_point now) {
  if (options_.mode == fetch_mode::get)
    return false;
  // What was found is old: this pass shows what a stream brings now.
  if (state_ == state::calling && is_old(now)) {
    state_ = state::streaming;
    decided_at_.reset();
    forget_measures();
  }
  return state_ == state::streaming;
}

void feed_choice::stream_brought(time_point waited_since, time_point now) {
  const auto gap = now - waited_since;
  ++streamed_;
  stream_time_ += gap;
  recent_.push_back(gap);
  if (recent_.size() > gaps_remembered)
    recent_.pop_front();
  if (is_trial_due(now))
    begin_trial(now);
  else if (stream_time_ >= options_.trial_after)
    take_stream_rate();
}

bool feed_choice::is_slow() const {
  const auto slow =
    std::count_if(recent_.begin(), recent_.end(), [this](duration gap) { return gap > options_.slow_gap; });
  return slow >= gaps_to_be_slow && 3 * slow > 2 * static_cast<std::ptrdiff_t>(recent_.size());
}

bool feed_choice::is_trial_due(time_point now) const {
  if (options_.mode != fetch_mode::automatic || state_ != state::streaming)
    return false;
  if (decided_at_)
    return is_old(now) && streamed_ >= batches_to_doubt;
  return stream_time_ >= options_.trial_after || is_slow();
}

void feed_choice::forget_measures() {
  streamed_ = 0;
  stream_time_ = {};
  recent_.clear();
}

void feed_choice::take_stream_rate() {
  const auto batches = is_slow() ? static_cast<std::int64_t>(recent_.size()) : streamed_;
  const auto time = is_slow() ? std::accumulate(recent_.begin(), recent_.end(), duration{}) : stream_time_;
  stream_rate_ = static_cast<double>(batches) / seconds(time);
  forget_measures();
}

void feed_choice::begin_trial(time_point now) {
  take_stream_rate();
  state_ = state::trying_calls;
  trial_began_ = now;
  called_ = 0;
}

void feed_choice::call_brought(time_point now) {
  if (state_ != state::trying_calls)
    return;
  ++called_;
  if (called_ == options_.trial_batches / 2)
    trial_half_ = now;
  const auto is_hopeless =
    called_ >= options_.trial_batches / 4 && called_ / seconds(now - trial_began_) < stream_rate_ / 2;
  if (called_ >= options_.trial_batches || is_hopeless)
    end_trial(now);
}

void feed_choice::end_trial(time_point now) {
  // The number of calls at a time grows while they are tried, so the second half says what they can do.
  const auto is_whole = called_ >= options_.trial_batches;
  const auto batches = is_whole ? called_ - options_.trial_batches / 2 : called_;
  call_rate_ = batches / seconds(now - (is_whole ? trial_half_ : trial_began_));
  decide(call_rate_ > stream_rate_ * worthwhile ? state::calling : state::streaming, now);
}

void feed_choice::no_streams(time_point now) {
  decide(state::calling, now);
}

void feed_choice::decide(state decision, time_point now) {
  decision_lasts_ = last_decision_ == decision ? std::min(2 * decision_lasts_, options_.decision_lasts_at_most)
                                               : options_.decision_lasts;
  last_decision_ = decision;
  state_ = decision;
  decided_at_ = now;
}

} // namespace dispatch::policy
