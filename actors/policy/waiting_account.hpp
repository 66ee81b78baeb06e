#pragma once

#include <chrono>
#include <cstdint>

namespace dispatch::policy {

/// Whom a consumer waits for.
enum class waiting_for : std::uint8_t {
  /// It has all it wanted.
  nobody,
  /// Nothing can be sent, because the next batch is not there.
  upstream,
  /// The next batch has come and is being encoded.
  encoding,
  /// Frames were sent that its socket has not taken yet.
  socket,
};

/// Keeps account of what one consumer has waited for. It waits for one thing at a time: the one that holds up its pass.
class waiting_account {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  template <class T>
  struct split {
    T upstream{};
    T encoding{};
    T socket{};
  };

  /// It waits for `whom` from `now` on.
  waiting_account(time_point now, waiting_for whom) noexcept : began_(now), at_(now), moved_at_(now), whom_(whom) {}

  /// From now on it waits for `whom`, perhaps the same as before.
  /// @param encoding how long it took to encode the batch that ended a wait for the upstream; the end of the wait, or
  /// all of it, counts as that
  void change(time_point now, waiting_for whom, duration encoding = duration::zero()) noexcept;

  /// Its socket has taken something.
  void moved(time_point now) noexcept { moved_at_ = now; }

  /// Since the beginning.
  split<duration> totals(time_point now) const noexcept;

  /// Shares of the last ten seconds or so, in which the newest count most. They sum up to at most 1.
  split<double> lately(time_point now) const noexcept;

  /// What it has waited for longest in the last ten seconds or so; `nobody` where each wait takes hardly any time.
  waiting_for slowest(time_point now) const noexcept;

  /// How long it has waited for the upstream without a break.
  duration waited_for_upstream(time_point now) const noexcept;

  /// How long its socket has taken nothing although batches wait for it.
  duration stalled_for(time_point now) const noexcept;

private:
  void charge(time_point now, waiting_for whom) noexcept;

  time_point began_;
  /// Until when all is accounted for.
  time_point at_;
  time_point moved_at_;
  waiting_for whom_;
  split<duration> totals_;
  split<double> decayed_;
};

} // namespace dispatch::policy
