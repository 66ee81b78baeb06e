#include "io/tcp/peer_check.hpp"

#include <algorithm>

namespace dispatch::io {

namespace {

/// Packets get lost: this many in a row do not.
constexpr std::uint32_t enough_attempts = 3;

/// The kernel's times are counted in its ticks; what is no later than this is the same time.
constexpr std::chrono::milliseconds imprecision{100};

} // namespace

peer_check::peer_check(options opts, time_point now) : options_(opts), taken_at_(now), answered_at_(now) {}

peer_verdict peer_check::check(const peer_sample& seen, time_point now) {
  if (seen.closed)
    return peer_verdict::gone;
  note_progress(seen, now);
  note_answer(seen, now);
  return has_vanished(seen, now) ? peer_verdict::gone : judge_stall(now);
}

void peer_check::note_progress(const peer_sample& seen, time_point now) {
  if (seen.pending && seen.acknowledged == acknowledged_)
    return;
  acknowledged_ = seen.acknowledged;
  taken_at_ = now;
}

void peer_check::note_answer(const peer_sample& seen, time_point now) {
  // There is no answer where nothing is asked.
  const auto answered_at = seen.pending ? now - seen.silent : now;
  if (answered_at <= answered_at_ + imprecision)
    return;
  answered_at_ = answered_at;
  retransmitted_ = seen.retransmitted;
}

bool peer_check::has_vanished(const peer_sample& seen, time_point now) const {
  const auto attempts = seen.unanswered_probes + (seen.retransmitted - retransmitted_);
  return seen.pending && now - answered_at_ >= options_.dead_after && attempts >= enough_attempts;
}

peer_verdict peer_check::judge_stall(time_point now) {
  if (options_.stalled_after == duration::zero())
    return peer_verdict::present;
  if (told_at_)
    return now - std::max(*told_at_, taken_at_) >= options_.final_error_timeout ? peer_verdict::gone
                                                                                : peer_verdict::present;
  if (now - taken_at_ < options_.stalled_after)
    return peer_verdict::present;
  told_at_ = now;
  return peer_verdict::stalled;
}

} // namespace dispatch::io
