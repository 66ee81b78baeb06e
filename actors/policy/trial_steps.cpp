#include "actors/policy/trial_steps.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace dispatch::policy {

namespace {

/// A rise that brings this share of its doublings is worth a longer one.
constexpr double most_of_a_rise = 0.75;

/// What was compared with fewer batches than this is not a known place to come from.
constexpr double enough_to_know = 8;

constexpr double long_factor = 4;

using step = trial_steps::step;

constexpr unsigned bit(step which) {
  return 1u << static_cast<unsigned>(which);
}

constexpr unsigned opposite_bit(step which) {
  return 1u << (static_cast<unsigned>(which) ^ 1u);
}

constexpr bool leads_up(step which) {
  return which == step::twice || which == step::more;
}

constexpr bool leads_far(step which) {
  return which == step::twice || which == step::half;
}

} // namespace

// -- what is next -----------------------------------------------------------------------------------------------------

std::optional<trial_steps::move> trial_steps::to(step which, std::size_t calls, std::size_t held) const {
  const auto target = target_of(which, calls, held);
  return target > 0 ? std::optional{move{which, target}} : std::nullopt;
}

std::optional<trial_steps::move> trial_steps::unknown(std::size_t calls, std::size_t held) const {
  constexpr std::array usually{step::twice, step::half, step::more, step::less};
  constexpr std::array after_fall{step::half, step::twice, step::less, step::more};
  for (const auto which : has_fallen() ? after_fall : usually)
    if ((known_ & bit(which)) == 0)
      if (const auto next = to(which, calls, held))
        return next;
  return std::nullopt;
}

std::optional<trial_steps::move> trial_steps::in_turn(std::size_t calls, std::size_t held) {
  for (auto i = 0; i < 4; ++i)
    if (const auto next = to(static_cast<step>(turn_++ % 4), calls, held))
      return next;
  return std::nullopt;
}

/// 0: nowhere, or where demand does not reach, or where another step leads too.
std::size_t trial_steps::target_of(step which, std::size_t calls, std::size_t held) const {
  const auto up = leads_up(which);
  if (calls == 0 || (up && calls < held))
    return 0;
  auto target = unclamped_target(which, calls);
  if (target == calls)
    target = up ? calls + 1 : calls - 1;
  target = std::clamp(target, least_, most_);
  const auto same = !leads_far(which) && target == target_of(up ? step::twice : step::half, calls, held);
  return target == calls || same ? 0 : target;
}

std::size_t trial_steps::unclamped_target(step which, std::size_t calls) const {
  const auto up = leads_up(which);
  const auto is_long = phase_ == (up ? phase::soaring : phase::fallen);
  const auto factor = !leads_far(which) ? std::sqrt(2.0) : is_long ? long_factor : 2.0;
  const auto n = static_cast<double>(calls);
  const auto up_to = is_long ? std::max(n * factor, bears_) : n * factor;
  return static_cast<std::size_t>(std::lround(up ? std::min(up_to, static_cast<double>(most_)) : n / factor));
}

// -- what is known ----------------------------------------------------------------------------------------------------

void trial_steps::accept(step which, const rate_measure& from, const rate_measure& to, double bears) {
  bears_ = bears;
  const auto octaves = std::log2(static_cast<double>(to.calls) / static_cast<double>(from.calls));
  const auto brought_most = octaves > 0 && std::log2(to.rate() / from.rate()) > most_of_a_rise * octaves;
  // What lies between was jumped over. But where each call brings as much as the first one, fewer are worse.
  const auto is_known = from.batches >= enough_to_know && phase_ != phase::fallen && phase_ != phase::soaring;
  const auto back = is_known || brought_most ? opposite_bit(which) : 0u;
  known_ = leads_far(which) ? back : ((known_ & ~bit(which)) | back);
  if (brought_most)
    known_ |= bit(step::less);
  if (phase_ == phase::rising || phase_ == phase::soaring)
    phase_ = brought_most ? phase::soaring : phase::rising;
}

void trial_steps::reject(step which) noexcept {
  // Of a rise that was too long nothing is known but that.
  const auto was_long = which == step::twice && phase_ == phase::soaring;
  end_rise();
  if (!was_long)
    known_ |= bit(which);
}

void trial_steps::reject_rises() noexcept {
  phase_ = phase::settled;
  known_ |= bit(step::twice) | bit(step::more);
}

void trial_steps::forget_all(bool is_slower) noexcept {
  phase_ = is_slower ? phase::fallen : phase::settled;
  known_ = 0;
}

void trial_steps::forget_fall() noexcept {
  if (phase_ == phase::fallen)
    phase_ = phase::settled;
}

void trial_steps::end_rise() noexcept {
  if (phase_ == phase::rising || phase_ == phase::soaring)
    phase_ = phase::settled;
}

} // namespace dispatch::policy
