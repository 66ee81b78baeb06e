#include "actors/policy/feed_choice.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

namespace {

/// So many batches that come slowly are no accident, if they are more than two thirds.
constexpr std::int64_t gaps_to_be_slow = 3;

/// Calls that are so much faster replace the stream: it costs the upstream less, and noise must not decide.
constexpr double worthwhile = 1.1;

double seconds(feed_choice::duration time) {
  return std::max(std::chrono::duration<double>(time).count(), 1e-9);
}

} // namespace

bool feed_choice::may_open_stream(time_point now) {
  if (options_.mode == fetch_mode::get)
    return false;
  // What was found is old: the next pass shows what a stream brings now.
  if (state_ == state::calling && now - *decided_at_ >= options_.decision_lasts)
    *this = feed_choice{options_};
  return state_ == state::streaming;
}

void feed_choice::stream_brought(time_point waited_since, time_point now) {
  const auto gap = now - waited_since;
  ++streamed_;
  stream_time_ += gap;
  slow_gaps_ += gap > options_.slow_gap ? 1 : 0;
  if (is_trial_due(now))
    begin_trial(now);
  else if (stream_time_ >= options_.trial_after)
    take_stream_rate();
}

bool feed_choice::is_trial_due(time_point now) const {
  if (options_.mode != fetch_mode::automatic || state_ != state::streaming)
    return false;
  if (decided_at_)
    return now - *decided_at_ >= options_.decision_lasts && streamed_ >= gaps_to_be_slow;
  return stream_time_ >= options_.trial_after || (slow_gaps_ >= gaps_to_be_slow && 3 * slow_gaps_ > 2 * streamed_);
}

void feed_choice::take_stream_rate() {
  slow_gaps_ = 0;
  stream_rate_ = static_cast<double>(std::exchange(streamed_, 0)) / seconds(std::exchange(stream_time_, duration{}));
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
  state_ = decision;
  decided_at_ = now;
}

} // namespace dispatch::policy
