#include "actors/policy/trial_plan.hpp"

#include <cmath>

namespace dispatch::policy {

namespace {

using namespace std::chrono_literals;

/// A rise that brings this share of its doublings is worth a longer one.
constexpr double most_of_a_rise = 0.75;

/// What was compared with fewer batches than this is not a known place to come from.
constexpr double enough_to_know = 8;

constexpr std::size_t factor = 2;
constexpr std::size_t long_factor = 4;

constexpr int slices_for_each_tried = 16;
constexpr int most_slices = 128;
constexpr trial_plan::duration first_pause = 50ms;
constexpr trial_plan::duration longest_pause = 1s;

/// After so many, a rise that there was no demand for is tried again, since there may be demand now.
constexpr int slices_without_demand = 4;

} // namespace

trial_plan::trial_plan(std::size_t least, std::size_t most) : least_(least), most_(most), pause_(first_pause) {}

// -- what is next -----------------------------------------------------------------------------------------------------

std::optional<trial_plan::move> trial_plan::unknown(std::size_t calls, std::size_t held) const {
  for (const auto is_rise : {!has_fallen(), has_fallen()})
    if (!knows(is_rise))
      if (const auto found = to(is_rise, calls, held))
        return found;
  return std::nullopt;
}

std::optional<trial_plan::move> trial_plan::next(std::size_t calls, std::size_t held, time_point now) {
  if (const auto found = unknown(calls, held))
    return found;
  if (lacks_demand_ && passed_ >= slices_without_demand)
    if (const auto found = to(true, calls, held))
      return found;
  if (passed_ < slices_ || now < until_)
    return std::nullopt;
  // That the upstream has become slower is no reason any more to look for fewer calls first.
  if (has_fallen())
    phase_ = phase::settled;
  auto found = to(next_is_rise_, calls, held);
  if (!found)
    found = to(!next_is_rise_, calls, held);
  if (found) {
    next_is_rise_ = !found->is_rise;
    pause_ = std::min(2 * pause_, longest_pause);
  }
  return found;
}

/// Nothing where it leads nowhere, or where demand does not reach.
std::optional<trial_plan::move> trial_plan::to(bool is_rise, std::size_t calls, std::size_t held) const {
  if (calls == 0 || (is_rise && calls < held))
    return std::nullopt;
  const auto fallen = calls / (has_fallen() ? long_factor : factor);
  const auto target = std::clamp(is_rise ? risen(calls) : fallen, least_, most_);
  return target == calls ? std::nullopt : std::optional{move{is_rise, target}};
}

std::size_t trial_plan::risen(std::size_t calls) const {
  if (phase_ != phase::soaring)
    return factor * calls;
  return std::max(long_factor * calls, static_cast<std::size_t>(std::min(bears_, static_cast<double>(most_))));
}

// -- what happens -----------------------------------------------------------------------------------------------------

void trial_plan::accept(bool is_rise, const rate_measure& from, const rate_measure& to, double bears, time_point now) {
  bears_ = bears;
  const auto octaves = std::log2(static_cast<double>(to.calls) / static_cast<double>(from.calls));
  const auto brought_most = is_rise && std::log2(to.rate() / from.rate()) > most_of_a_rise * octaves;
  // What lies between was jumped over. But where each call brings as much as the first one, fewer are worse.
  const auto knows_back =
    brought_most || (from.batches >= enough_to_know && phase_ != phase::fallen && phase_ != phase::soaring);
  knows_rise_ = !is_rise && knows_back;
  knows_fall_ = is_rise && knows_back;
  if (is_climbing())
    phase_ = brought_most ? phase::soaring : phase::rising;
  pause_ = first_pause;
  wait(slices_for_each_tried, now);
}

void trial_plan::reject(bool is_rise, int slices, time_point now) noexcept {
  // Of a rise that was too long nothing is known but that.
  const auto was_long = is_rise && phase_ == phase::soaring;
  if (is_climbing())
    phase_ = phase::settled;
  if (!was_long)
    (is_rise ? knows_rise_ : knows_fall_) = true;
  wait(std::min(slices_for_each_tried * slices, most_slices), now);
}

void trial_plan::reject_rises() noexcept {
  phase_ = phase::settled;
  knows_rise_ = true;
  passed_ = 0;
}

void trial_plan::forget(bool is_slower) noexcept {
  phase_ = is_slower ? phase::fallen : phase::settled;
  knows_rise_ = knows_fall_ = false;
  pause_ = first_pause;
}

void trial_plan::wait(int slices, time_point now) noexcept {
  passed_ = 0;
  slices_ = slices;
  until_ = now + pause_;
}

} // namespace dispatch::policy
