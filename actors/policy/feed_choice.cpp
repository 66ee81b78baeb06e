#include "actors/policy/feed_choice.hpp"

#include <algorithm>
#include <vector>

namespace dispatch::policy {

namespace {

/// A stream that is compared shows first what it brings now. The middle one of so many batches is no accident.
constexpr std::size_t batches_to_compare = 3;

/// What is further back than so many batches is forgotten.
constexpr std::size_t gaps_remembered = 9;

/// So many batches for each call at a time show what they bring.
constexpr std::size_t batches_for_each_call = 2;

/// Calls that are so much faster replace the stream: it costs the upstream less, and noise must not decide.
constexpr double worthwhile = 1.2;

/// Calls that are so much faster need no further trial: the pool finds how many of them are best.
constexpr double clearly_faster = 1.5;

/// A trial has no more calls at a time than this.
constexpr std::size_t most_calls = 16;

double seconds(feed_choice::duration time) {
  return std::max(std::chrono::duration<double>(time).count(), 1e-9);
}

} // namespace

bool feed_choice::begin_stream(time_point now) {
  if (options_.mode == fetch_mode::get)
    return false;
  // What was found is old: this pass shows what a stream brings now.
  if (state_ == state::calling && is_old(now)) {
    state_ = state::streaming;
    decided_at_.reset();
    recent_.clear();
  }
  return state_ == state::streaming;
}

void feed_choice::stream_brought(time_point waited_since, time_point now) {
  recent_.push_back(now - waited_since);
  if (recent_.size() > gaps_remembered)
    recent_.pop_front();
  if (is_trial_due(now))
    begin_trial(now);
  else if (recent_.size() == gaps_remembered)
    take_stream_rate();
}

bool feed_choice::is_trial_due(time_point now) const {
  return options_.mode == fetch_mode::automatic && state_ == state::streaming && recent_.size() >= batches_to_compare
         && (!decided_at_ || is_old(now));
}

void feed_choice::take_stream_rate() {
  // The median gap shows the stream's speed. The first gap includes the connection, and batches that were sent while
  // the stream was not read have none.
  std::vector<duration> gaps(recent_.begin(), recent_.end());
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  stream_rate_ = 1 / seconds(*middle);
}

void feed_choice::begin_trial(time_point now) {
  take_stream_rate();
  recent_.clear();
  state_ = state::trying_calls;
  rate_before_ = 0;
  begin_stage(1, now);
}

void feed_choice::begin_stage(std::size_t calls, time_point now) {
  calls_at_a_time_ = calls;
  stage_began_ = now;
  called_ = 0;
}

void feed_choice::call_brought(time_point now) {
  if (state_ == state::trying_calls && ++called_ >= batches_for_each_call * calls_at_a_time_)
    end_stage(now);
}

void feed_choice::end_stage(time_point now) {
  call_rate_ = static_cast<double>(called_) / seconds(now - stage_began_);
  const auto brings_more = call_rate_ > worthwhile * rate_before_;
  if (calls_at_a_time_ > 1 && call_rate_ > clearly_faster * stream_rate_)
    return decide(state::calling, now);
  if (!brings_more || 2 * calls_at_a_time_ > most_calls)
    return decide(call_rate_ > worthwhile * stream_rate_ ? state::calling : state::streaming, now);
  rate_before_ = call_rate_;
  begin_stage(2 * calls_at_a_time_, now);
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
