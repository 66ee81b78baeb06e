#include "actors/policy/concurrency_limit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace dispatch::policy {

namespace {

using namespace std::chrono_literals;

// What makes one rate better than another, as a logarithm, for each doubling of the number of calls. More calls must
// earn more than fewer calls may lose: between the two, nothing moves.
constexpr double gain_wanted = 0.05;
constexpr double loss_allowed = 0.02;
constexpr double loss_allowed_after_fall = 0.1;

// A rise that brings this share of its doublings is worth a longer one.
constexpr double most_of_a_rise = 0.75;

// In standard deviations. A wrong no costs a wait, a wrong yes a trial back.
constexpr double sure_enough_for_yes = 2.0;
constexpr double sure_enough_for_no = 1.5;

constexpr double noise_at_first = 0.05;
constexpr double noise_floor = 0.002;

// What a measure remembers: enough batches for this relative precision, if that is not too many.
constexpr double precision_wanted = 0.04;
constexpr double most_for_precision = 600;
constexpr double slices_remembered = 16;

constexpr std::size_t least_in_slice = 4;
constexpr auto shortest_slice = 2ms;

// A fall in the rate that is smaller is found by the next trial.
constexpr double least_surprise = 0.25;

// Between trials. They cost at most half the rate, for a slice; the waits keep the cost at some 5% for an upstream that
// is so slow that the pauses in time do not count, and below 1% for others. A trial that took long found little to
// choose, which is no reason to wait for ever: what changes meanwhile may not be enough for a surprise.
constexpr int slices_for_each_tried = 16;
constexpr int most_slices_to_wait = 128;
constexpr int slices_without_demand = 4;
constexpr concurrency_limit::duration first_pause = 50ms;
constexpr concurrency_limit::duration longest_pause = 1s;

// What was compared with fewer batches than this is not a known place to come from.
constexpr double enough_to_know = 8;

double seconds(concurrency_limit::duration span) {
  return std::chrono::duration<double>(span).count();
}

template <class Step>
constexpr unsigned bit(Step which) {
  return 1u << static_cast<unsigned>(which);
}

template <class Step>
constexpr unsigned opposite_bit(Step which) {
  return 1u << (static_cast<unsigned>(which) ^ 1u);
}

} // namespace

concurrency_limit::concurrency_limit(options opts) : options_(opts), noise_(noise_at_first), pause_(first_pause) {
  options_.least = std::max<std::size_t>(options_.least, 1);
  options_.most = std::max(options_.most, options_.least);
  held_ = std::clamp(options_.initial, options_.least, options_.most);
}

void concurrency_limit::started(time_point now) {
  // After a silence that is longer than what was before it in the slice, that would say nothing any more.
  if (in_flight_ == 0 && now - last_ >= last_ - slice_.begin)
    begin_slice(now);
  pass(now);
  ++in_flight_;
  slice_.peak = std::max(slice_.peak, std::min(in_flight_, limit()));
}

void concurrency_limit::completed(time_point started_at, time_point now, outcome how) {
  pass(now);
  abandoned();
  if (unsettled_ > 0) {
    if (--unsettled_ == 0)
      begin_slice(now);
    return;
  }
  slice_.ok += how == outcome::ok ? 1 : 0;
  slice_.failed += how == outcome::failed ? 1 : 0;
  // A call that began under another limit does not speak against this one.
  slice_.overloaded += how == outcome::overloaded && started_at >= changed_at_ ? 1 : 0;
  if (overload_shows())
    step_down(now);
  else if (slice_is_over(now))
    close_slice(now);
}

void concurrency_limit::abandoned() noexcept {
  if (in_flight_ > 0)
    --in_flight_;
}

// -- measuring --------------------------------------------------------------------------------------------------------

void concurrency_limit::pass(time_point now) {
  if (now <= last_)
    return;
  slice_.call_seconds += seconds(now - last_) * static_cast<double>(std::min(in_flight_, limit()));
  last_ = now;
}

void concurrency_limit::begin_slice(time_point now) {
  last_ = std::max(last_, now);
  slice_ = {};
  slice_.begin = last_;
  slice_.peak = std::min(in_flight_, limit());
}

bool concurrency_limit::slice_is_over(time_point now) const {
  // Calls may come back all together, once a round trip: only whole rounds show the rate. While nothing is known, one
  // round is better than nothing.
  const auto round = std::max<std::size_t>(slice_.peak, 1);
  const auto least = base_.calls == 0 ? 1 : least_in_slice;
  const auto long_enough = slice_.ok >= least || slice_.ended() >= 4 * std::max(least, round);
  return long_enough && slice_.ended() % round == 0 && now - slice_.begin >= shortest_slice;
}

bool concurrency_limit::overload_shows() const {
  return slice_.overloaded >= 2 && slice_.overloaded * 8 > std::max(limit(), least_in_slice);
}

void concurrency_limit::close_slice(time_point now) {
  const auto closed = slice_;
  const auto span = seconds(now - closed.begin);
  begin_slice(now);
  const auto steady = closed.call_seconds >= 0.9 * static_cast<double>(closed.peak) * span;
  const auto working = closed.ok > 0;
  const measure seen{closed.peak, static_cast<double>(closed.ok), span};
  if (steady && working && trying_)
    tried_slice(seen, now);
  else if (steady && working)
    held_slice(seen, now);
  else if (trying_ && working)
    give_up(now);
  else if (trying_)
    reject(now);
}

void concurrency_limit::learn_noise(const measure& seen) {
  if (previous_.calls == seen.calls) {
    const auto change = std::log(seen.rate() / previous_.rate());
    const auto variance = change * change / (1 / seen.batches + 1 / previous_.batches);
    // A change of the upstream is no noise; noise that has grown is learnt all the same, in a few slices more.
    noise_ = std::max(noise_floor, noise_ + 0.1 * (std::min(variance, 4 * noise_) - noise_));
  }
  previous_ = seen;
}

double concurrency_limit::enough(std::size_t calls) const {
  const auto for_precision = 2 * noise_ / (precision_wanted * precision_wanted);
  const auto for_slices = slices_remembered * static_cast<double>(std::max(calls, least_in_slice));
  return std::max(for_slices, std::min(for_precision, most_for_precision));
}

void concurrency_limit::refine(measure& known, const measure& seen) const {
  const auto kept = std::min(1.0, enough(seen.calls) / (known.batches + seen.batches));
  known.calls = seen.calls;
  known.batches = kept * (known.batches + seen.batches);
  known.seconds = kept * (known.seconds + seen.seconds);
}

// -- while a number is held -------------------------------------------------------------------------------------------

void concurrency_limit::held_slice(const measure& seen, time_point now) {
  learn_noise(seen);
  ++quiet_slices_;
  if (base_.calls != seen.calls) {
    base_ = seen;
    surprises_ = 0;
    suspended_ = false;
  } else if (!surprises(seen)) {
    refine(base_, seen);
    surprises_ = 0;
  } else if (++surprises_ >= 2) {
    upstream_changed(seen);
  }
  if (surprises_ == 0)
    explore(now);
}

bool concurrency_limit::surprises(const measure& seen) const {
  const auto deviation = std::sqrt(noise_ * (1 / seen.batches + 1 / base_.batches));
  return std::abs(std::log(seen.rate() / base_.rate())) > std::max(least_surprise, 3 * deviation);
}

void concurrency_limit::upstream_changed(const measure& seen) {
  no_longer_rises();
  fell_ = seen.rate() < base_.rate();
  base_ = seen;
  known_ = 0;
  surprises_ = 0;
  suspended_ = false;
  pause_ = first_pause;
}

void concurrency_limit::explore(time_point now) {
  if (suspended_) {
    if (base_.batches >= std::min(trial_.batches, 0.9 * enough(base_.calls))) {
      trying_ = true;
      limit_changed(now);
    }
    return;
  }
  if (try_remaining(now))
    return;
  if (demand_lacked_ && quiet_slices_ >= slices_without_demand && try_step(step::twice, now))
    return;
  if (quiet_slices_ < slices_to_wait_ || now < quiet_until_)
    return;
  fell_ = false;
  for (auto i = 0; i < 4; ++i)
    if (try_step(static_cast<step>(next_++ % 4), now)) {
      pause_ = std::min(2 * pause_, longest_pause);
      return;
    }
}

bool concurrency_limit::try_remaining(time_point now) {
  constexpr std::array usually{step::twice, step::half, step::more, step::less};
  constexpr std::array after_fall{step::half, step::twice, step::less, step::more};
  for (const auto which : fell_ ? after_fall : usually)
    if ((known_ & bit(which)) == 0 && try_step(which, now))
      return true;
  return false;
}

bool concurrency_limit::try_step(step which, time_point now) {
  const auto target = target_of(which);
  if (target == 0)
    return false;
  step_ = which;
  target_ = target;
  trial_ = {};
  trial_slices_ = 0;
  trying_ = true;
  limit_changed(now);
  early_ = target_ > held_;
  if (early_)
    unsettled_ = 0;
  return true;
}

/// Where a step leads. 0: nowhere, or where demand does not reach, or where another step leads too.
std::size_t concurrency_limit::target_of(step which) const {
  const auto calls = base_.calls;
  const auto up = which == step::twice || which == step::more;
  const auto far = which == step::twice || which == step::half;
  if (calls == 0 || (up && calls < held_))
    return 0;
  // After a fall, the way down may be long and each step on it slow.
  const auto long_way = up ? soaring_ : fell_;
  const auto factor = !far ? std::sqrt(2.0) : long_way ? 4.0 : 2.0;
  const auto n = static_cast<double>(calls);
  auto target = static_cast<std::size_t>(std::lround(up ? n * factor : n / factor));
  if (target == calls)
    target = up ? calls + 1 : calls - 1;
  target = std::clamp(target, options_.least, options_.most);
  const auto same = !far && target == target_of(up ? step::twice : step::half);
  return target == calls || same ? 0 : target;
}

// -- while another one is tried ---------------------------------------------------------------------------------------

void concurrency_limit::tried_slice(const measure& seen, time_point now) {
  const auto up = target_ > held_;
  const auto lacking = up ? seen.calls <= base_.calls : seen.calls < target_;
  if (up)
    demand_lacked_ = lacking;
  if (lacking)
    return reject(now);
  const auto before = trial_.calls == seen.calls ? trial_ : measure{};
  trial_ = before;
  refine(trial_, seen);
  ++trial_slices_;
  const auto result = compare();
  if (result == verdict::better)
    return accept(now);
  if (result == verdict::not_better)
    return reject(now);
  if (early_)
    trial_ = before;
  else if (trial_.batches > 2 * base_.batches && base_.batches < enough(base_.calls) / 2)
    suspend(now);
  early_ = false;
}

concurrency_limit::verdict concurrency_limit::compare() const {
  const auto octaves = std::log2(static_cast<double>(trial_.calls) / static_cast<double>(base_.calls));
  const auto asked = octaves > 0 ? gain_wanted : fell_ ? loss_allowed_after_fall : loss_allowed;
  const auto excess = std::log(trial_.rate() / base_.rate()) - octaves * asked;
  const auto deviation = std::sqrt(noise_ * (1 / base_.batches + 1 / trial_.batches));
  if (excess > sure_enough_for_yes * deviation)
    return verdict::better;
  // In the round after a rise, the upstream has begun the calls that rounds to come get from it. That makes its rate
  // look too low: good enough for a yes, and for a no only if that does not explain it.
  const auto begun = early_ ? static_cast<double>(trial_.calls - base_.calls) / (2 * trial_.batches) : 0.0;
  if (excess + std::log1p(begun) < -sure_enough_for_no * deviation)
    return verdict::not_better;
  if (early_ || trial_.batches < 0.95 * enough(trial_.calls))
    return verdict::unclear;
  return excess > (octaves > 0 ? deviation : 0.0) ? verdict::better : verdict::not_better;
}

void concurrency_limit::accept(time_point now) {
  // What lies between was jumped over.
  const auto is_known = base_.batches >= enough_to_know && !fell_ && !soaring_;
  const auto back = is_known ? opposite_bit(step_) : 0u;
  const auto far = step_ == step::twice || step_ == step::half;
  known_ = far ? back : ((known_ & ~bit(step_)) | back);
  const auto octaves = std::log2(static_cast<double>(trial_.calls) / static_cast<double>(base_.calls));
  soaring_ = only_rose_ && octaves > 0 && std::log2(trial_.rate() / base_.rate()) > most_of_a_rise * octaves;
  // A long rise may lead further than demand does.
  held_ = std::max(std::min(target_, 2 * base_.calls), std::min(target_, trial_.calls));
  base_ = trial_;
  previous_ = {};
  trying_ = false;
  suspended_ = false;
  early_ = false;
  pause_ = first_pause;
  quiet_slices_ = 0;
  slices_to_wait_ = slices_for_each_tried;
  quiet_until_ = now + pause_;
  // What was better once may be better twice: on at once, without a slice in between.
  try_remaining(now);
}

void concurrency_limit::reject(time_point now) {
  no_longer_rises();
  known_ |= bit(step_);
  quiet_slices_ = 0;
  slices_to_wait_ = std::min(slices_for_each_tried * trial_slices_, most_slices_to_wait);
  quiet_until_ = now + pause_;
  give_up(now);
  try_remaining(now);
}

void concurrency_limit::suspend(time_point now) {
  give_up(now);
  suspended_ = true;
}

/// Back to the number held, and nothing learnt.
void concurrency_limit::give_up(time_point now) {
  trying_ = false;
  suspended_ = false;
  early_ = false;
  limit_changed(now);
}

void concurrency_limit::step_down(time_point now) {
  if (trying_ && target_ > held_)
    return reject(now);
  no_longer_rises();
  held_ = std::max(options_.least, limit() / 2);
  base_ = {};
  fell_ = false;
  known_ |= bit(step::twice) | bit(step::more);
  quiet_slices_ = 0;
  give_up(now);
}

void concurrency_limit::no_longer_rises() noexcept {
  only_rose_ = false;
  soaring_ = false;
}

void concurrency_limit::limit_changed(time_point now) {
  changed_at_ = now;
  unsettled_ = in_flight_;
  begin_slice(now);
}

} // namespace dispatch::policy
