#include "actors/policy/concurrency_limit.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dispatch::policy {

namespace {

// What makes one rate better than another, as a logarithm, for each doubling of the number of calls.
constexpr double gain_wanted = 0.05;
constexpr double loss_allowed = 0.02;
constexpr double loss_allowed_after_fall = 0.1;

// In standard deviations. A wrong no costs a wait, a wrong yes a trial back.
constexpr double sure_enough_for_yes = 2.0;
constexpr double sure_enough_for_no = 1.5;

/// A fall in the rate that is smaller is found by the next trial.
constexpr double least_surprise = 0.25;

std::size_t least_of(const concurrency_limit::options& opts) {
  return std::max<std::size_t>(opts.least, 1);
}

std::size_t most_of(const concurrency_limit::options& opts) {
  return std::max(opts.most, least_of(opts));
}

double octaves_between(const rate_measure& from, const rate_measure& to) {
  return std::log2(static_cast<double>(to.calls) / static_cast<double>(from.calls));
}

} // namespace

concurrency_limit::concurrency_limit(options opts)
  : least_(least_of(opts)),
    held_(std::clamp(opts.initial, least_, most_of(opts))),
    meter_(held_),
    plan_(least_, most_of(opts)) {}

std::size_t concurrency_limit::limit() const noexcept {
  const auto* current = std::get_if<trying>(&state_);
  return current != nullptr ? current->of.step.target : held_;
}

void concurrency_limit::completed(time_point started_at, time_point now, outcome how) {
  meter_.end(started_at, now, how);
  if (meter_.shows_overload())
    step_down(now);
  else if (meter_.is_over(known_.calls == 0, now))
    on_slice(meter_.close(now), now);
}

void concurrency_limit::on_slice(const load_meter::slice& closed, time_point now) {
  const auto is_working = closed.seen.batches > 0;
  auto* current = std::get_if<trying>(&state_);
  if (closed.is_steady && is_working)
    current != nullptr ? on_tried_slice(*current, closed, now) : on_held_slice(closed.seen, now);
  else if (current != nullptr && is_working)
    hold(now);
  else if (current != nullptr)
    reject(trial{current->of}, now);
}

// -- while a number is held -------------------------------------------------------------------------------------------

void concurrency_limit::on_held_slice(const rate_measure& seen, time_point now) {
  noise_.learn(seen);
  plan_.pass_slice();
  if (known_.calls != seen.calls) {
    known_ = seen;
    surprises_ = 0;
    state_ = holding{};
  } else if (!is_surprise(seen)) {
    known_ = noise_.refined(known_, seen);
    surprises_ = 0;
  } else if (++surprises_ >= 2) {
    on_change(seen);
  }
  if (surprises_ > 0)
    return;
  if (const auto* waiting = std::get_if<suspended>(&state_))
    resume_when_known(trial{waiting->of}, now);
  else
    begin_trial(plan_.next(known_.calls, held_, now), now);
}

bool concurrency_limit::is_surprise(const rate_measure& seen) const {
  return std::abs(std::log(seen.rate() / known_.rate())) > std::max(least_surprise, 3 * noise_.deviation(seen, known_));
}

void concurrency_limit::on_change(const rate_measure& seen) {
  plan_.forget(seen.rate() < known_.rate());
  known_ = seen;
  surprises_ = 0;
  state_ = holding{};
}

void concurrency_limit::resume_when_known(const trial& of, time_point now) {
  if (known_.batches < std::min(of.seen.batches, 0.9 * noise_.enough(known_.calls)))
    return;
  state_ = trying{of, false};
  meter_.change_limit(limit(), now);
}

void concurrency_limit::begin_trial(const std::optional<trial_plan::move>& step, time_point now) {
  if (!step)
    return;
  state_ = trying{trial{*step}, step->is_rise};
  if (step->is_rise)
    meter_.raise_limit(limit(), now);
  else
    meter_.change_limit(limit(), now);
}

// -- while another one is tried ---------------------------------------------------------------------------------------

void concurrency_limit::on_tried_slice(trying& current, const load_meter::slice& closed, time_point now) {
  auto& of = current.of;
  const auto& seen = closed.seen;
  const auto is_rise = of.step.is_rise;
  const auto lacks_demand = is_rise ? seen.calls <= known_.calls : seen.calls < of.step.target;
  if (is_rise)
    plan_.note_demand(lacks_demand);
  if (lacks_demand)
    return reject(trial{of}, now);
  const auto before = of.seen.calls == seen.calls ? of.seen : rate_measure{};
  of.seen = noise_.refined(before, seen);
  ++of.slices;
  of.bears = closed.bears;
  const auto result = compare(current);
  if (result == verdict::better)
    return accept(trial{of}, now);
  if (result == verdict::not_better)
    return reject(trial{of}, now);
  if (std::exchange(current.is_rise_fresh, false)) {
    of.seen = before;
  } else if (of.seen.batches > 2 * known_.batches && known_.batches < noise_.enough(known_.calls) / 2) {
    const suspended waiting{of};
    hold(now);
    state_ = waiting;
  }
}

concurrency_limit::verdict concurrency_limit::compare(const trying& current) const {
  const auto& tried = current.of.seen;
  const auto octaves = octaves_between(known_, tried);
  const auto asked = octaves > 0 ? gain_wanted : plan_.has_fallen() ? loss_allowed_after_fall : loss_allowed;
  const auto excess = std::log(tried.rate() / known_.rate()) - octaves * asked;
  const auto deviation = noise_.deviation(known_, tried);
  if (excess > sure_enough_for_yes * deviation)
    return verdict::better;
  // Calls that the upstream has begun and not answered make its rate look too low: good enough for a yes, and for a no
  // only if that does not explain it.
  const auto is_fresh = current.is_rise_fresh;
  const auto begun = is_fresh ? static_cast<double>(tried.calls - known_.calls) / (2 * tried.batches) : 0.0;
  if (excess + std::log1p(begun) < -sure_enough_for_no * deviation)
    return verdict::not_better;
  if (is_fresh || tried.batches < 0.95 * noise_.enough(tried.calls))
    return verdict::unclear;
  return excess > (octaves > 0 ? deviation : 0.0) ? verdict::better : verdict::not_better;
}

void concurrency_limit::accept(const trial& done, time_point now) {
  const auto target = done.step.target;
  plan_.accept(done.step.is_rise, known_, done.seen, done.bears, now);
  noise_.forget_previous();
  // A long rise may lead further than demand does.
  held_ = std::max(std::min(target, 2 * known_.calls), std::min(target, done.seen.calls));
  known_ = done.seen;
  state_ = holding{};
  meter_.cut_unused(held_);
  // What was better once may be better twice: on at once, without a slice in between.
  begin_trial(plan_.unknown(known_.calls, held_), now);
}

void concurrency_limit::reject(const trial& done, time_point now) {
  plan_.reject(done.step.is_rise, done.slices, now);
  hold(now);
  begin_trial(plan_.unknown(known_.calls, held_), now);
}

// -- back to a number -------------------------------------------------------------------------------------------------

void concurrency_limit::step_down(time_point now) {
  if (const auto* current = std::get_if<trying>(&state_); current != nullptr && current->of.step.is_rise)
    return reject(trial{current->of}, now);
  plan_.reject_rises();
  held_ = std::max(least_, limit() / 2);
  known_ = {};
  hold(now);
}

void concurrency_limit::hold(time_point now) {
  state_ = holding{};
  meter_.change_limit(held_, now);
}

} // namespace dispatch::policy
