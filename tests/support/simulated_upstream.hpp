#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include "actors/policy/concurrency_limit.hpp"

namespace dispatch::test {

/// How a dataset service behaves that exists in simulated time only.
struct upstream_model {
  /// Batches per second, of all calls together, while so many are being served.
  std::function<double(std::size_t)> rate;
  /// So many calls are served at a time, the others wait for their turn.
  std::size_t workers = std::numeric_limits<std::size_t>::max();
  /// How much the work for one batch varies: the sigma of a log-normal distribution with mean 1.
  double noise = 0.2;
  /// So many of the calls fail.
  double failing = 0.0;
  /// So many of the calls end in a sign of overload.
  double overloaded = 0.0;
  /// So many of the calls are lost with whoever made them.
  double lost = 0.0;
  /// More calls than this at a time are turned away, which takes half a millisecond.
  std::size_t turns_away_above = std::numeric_limits<std::size_t>::max();
};

/// Every call takes the same time in seconds, however many there are.
inline upstream_model fixed_latency(double seconds, double noise = 0.2) {
  return {[seconds](std::size_t calls) { return static_cast<double>(calls) / seconds; },
          std::numeric_limits<std::size_t>::max(), noise};
}

/// So many workers, each of which needs so many seconds for a batch; who finds none free waits.
inline upstream_model workers(std::size_t count, double seconds, double noise = 0.2) {
  return {[seconds](std::size_t calls) { return static_cast<double>(calls) / seconds; }, count, noise};
}

/// The rates measured with 1, 2, 4, 8, ... calls, straight lines between them and level behind the last.
inline upstream_model measured(std::vector<double> rates, double noise = 0.2) {
  const auto rate = [rates = std::move(rates)](std::size_t calls) {
    const auto place = std::log2(static_cast<double>(calls));
    const auto left = static_cast<std::size_t>(place);
    if (left + 1 >= rates.size())
      return rates.back();
    return rates[left] + (rates[left + 1] - rates[left]) * (place - static_cast<double>(left));
  };
  return {rate, std::numeric_limits<std::size_t>::max(), noise};
}

/// A call takes some seconds by itself, and some more in a part that serves one at a time.
inline upstream_model partly_serial(double seconds, double serial_seconds, double noise = 0.2) {
  return {[=](std::size_t calls) {
            const auto n = static_cast<double>(calls);
            return n / (seconds + n * serial_seconds);
          },
          std::numeric_limits<std::size_t>::max(), noise};
}

/// One upstream, the policy that limits its calls, and whoever wants its batches, event by event in simulated time.
/// @tparam Limit `policy::concurrency_limit`, or what is compared with it
template <class Limit>
class simulation {
public:
  using outcome = policy::concurrency_limit::outcome;
  using time_point = policy::concurrency_limit::time_point;

  simulation(Limit limit, upstream_model model, std::uint64_t seed)
    : limit_(std::move(limit)),
      model_(std::move(model)),
      random_(seed) {}

  /// The upstream is another one from now on, also for the calls that it is serving.
  void becomes(upstream_model model) { model_ = std::move(model); }

  /// So many batches are wanted at a time from now on.
  void wants(std::size_t calls) { wanted_ = calls; }

  /// So many batches a second are wanted from now on, at random times, and not more at a time than `wants` says.
  void wants_per_second(double rate) {
    arrivals_ = rate;
    queued_ = 0;
    next_arrival_ = seconds_ + pause();
  }

  /// The policy's clock moves in steps of so many seconds; 0: it shows the time.
  void clock_steps(double seconds) { clock_step_ = seconds; }

  /// Simulates until so many more batches are done. Returns how many seconds that took.
  double run_batches(std::size_t count) {
    const auto begin = seconds_;
    for (const auto target = batches_ + count; batches_ < target;)
      step(std::numeric_limits<double>::infinity());
    return seconds_ - begin;
  }

  /// Simulates a pass of so many batches, until the last one is done, with nothing wanted but these, nor after. Returns
  /// how many seconds that took.
  double run_pass(std::size_t count) {
    const auto begin = seconds_;
    for (const auto target = batches_ + count; batches_ < target;) {
      wanted_ = std::min(wanted_, target - batches_);
      step(std::numeric_limits<double>::infinity());
    }
    wanted_ = 0;
    return seconds_ - begin;
  }

  /// Simulates so many seconds. Returns how many batches a second were done.
  double run_seconds(double seconds) {
    const auto begin = batches_;
    const auto end = seconds_ + seconds;
    while (seconds_ < end)
      step(end);
    return static_cast<double>(batches_ - begin) / seconds;
  }

  const Limit& limit() const { return limit_; }

  std::size_t batches() const { return batches_; }

  /// The most calls that were ever under way.
  std::size_t peak() const { return peak_; }

  /// For how many seconds the limit was so high; the index is the limit.
  const std::vector<double>& seconds_at() const { return seconds_at_; }

  void forget_seconds_at() { seconds_at_.clear(); }

private:
  struct call {
    /// What the upstream will have done for each call by the time this one is done.
    double done_at;
    time_point started;
    bool operator>(const call& other) const { return done_at > other.done_at; }
  };

  struct waiting_call {
    double work;
    time_point started;
  };

  struct turned_away_call {
    double ends_at;
    time_point started;
  };

  double pause() { return std::exponential_distribution<double>{arrivals_}(random_); }

  time_point now() const {
    const auto shown = clock_step_ > 0 ? std::floor(seconds_ / clock_step_) * clock_step_ : seconds_;
    return time_point{} + std::chrono::hours{1000} + std::chrono::nanoseconds{static_cast<std::int64_t>(shown * 1e9)};
  }

  std::size_t in_flight() const { return serving_.size() + waiting_.size() + turned_away_.size(); }

  void start_all() {
    while (in_flight() < limit_.limit() && in_flight() < wanted_ && (arrivals_ <= 0 || queued_ > 0)) {
      if (arrivals_ > 0)
        --queued_;
      limit_.started(now());
      if (serving_.size() + waiting_.size() < model_.turns_away_above)
        waiting_.push_back({work(), now()});
      else
        turned_away_.push_back({seconds_ + 0.0005, now()});
      peak_ = std::max(peak_, in_flight());
      serve_waiting();
    }
  }

  double work() {
    const auto sigma = model_.noise;
    return std::lognormal_distribution<double>{-sigma * sigma / 2, sigma}(random_);
  }

  void serve_waiting() {
    while (!waiting_.empty() && serving_.size() < model_.workers) {
      serving_.push({done_ + waiting_.front().work, waiting_.front().started});
      waiting_.pop_front();
    }
  }

  double next_completion() const {
    if (serving_.empty())
      return std::numeric_limits<double>::infinity();
    const auto for_each = model_.rate(serving_.size()) / static_cast<double>(serving_.size());
    return seconds_ + std::max(0.0, serving_.top().done_at - done_) / for_each;
  }

  void advance(double until) {
    if (!serving_.empty())
      done_ += (until - seconds_) * model_.rate(serving_.size()) / static_cast<double>(serving_.size());
    if (seconds_at_.size() <= limit_.limit())
      seconds_at_.resize(limit_.limit() + 1);
    seconds_at_[limit_.limit()] += until - seconds_;
    seconds_ = until;
  }

  /// To the next event, or to the end where that comes first.
  void step(double end) {
    start_all();
    const auto completion = next_completion();
    if (!turned_away_.empty() && turned_away_.front().ends_at < std::min(completion, end)) {
      advance(std::max(seconds_, turned_away_.front().ends_at));
      const auto ended = turned_away_.front();
      turned_away_.pop_front();
      limit_.completed(ended.started, now(), outcome::overloaded);
    } else if (arrivals_ > 0 && next_arrival_ < std::min(completion, end)) {
      advance(next_arrival_);
      ++queued_;
      next_arrival_ = seconds_ + pause();
    } else if (completion < end) {
      advance(completion);
      complete();
    } else {
      advance(end);
    }
  }

  void complete() {
    const auto ended = serving_.top();
    serving_.pop();
    serve_waiting();
    const auto random = std::uniform_real_distribution<double>{}(random_);
    if (random >= 1 - model_.lost) {
      limit_.abandoned();
      return;
    }
    const auto how = outcome_of(random);
    batches_ += how == outcome::ok ? 1 : 0;
    limit_.completed(ended.started, now(), how);
  }

  outcome outcome_of(double random) const {
    if (random < model_.failing)
      return outcome::failed;
    return random < model_.failing + model_.overloaded ? outcome::overloaded : outcome::ok;
  }

  Limit limit_;
  upstream_model model_;
  std::mt19937_64 random_;
  std::priority_queue<call, std::vector<call>, std::greater<>> serving_;
  std::deque<waiting_call> waiting_;
  std::deque<turned_away_call> turned_away_;
  std::vector<double> seconds_at_;
  double seconds_ = 0;
  /// What has been done for each call that has been served all the time.
  double done_ = 0;
  double clock_step_ = 0;
  double arrivals_ = 0;
  double next_arrival_ = 0;
  std::size_t queued_ = 0;
  std::size_t wanted_ = 1000;
  std::size_t batches_ = 0;
  std::size_t peak_ = 0;
};

} // namespace dispatch::test
