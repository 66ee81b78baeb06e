#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "actors/policy/backoff.hpp"
#include "actors/policy/pool_ids.hpp"
#include "messages/fetcher.hpp"
#include "messages/reports.hpp"

namespace dispatch::pool {

/// The place of one fetcher at an upstream. It outlives the fetchers that fill it, its incarnations. Between two of
/// them it pauses. A closed slot gets no fetcher any more.
class fetcher_slot {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  /// One fetcher in its slot.
  struct incarnation {
    fetcher_actor fetcher;
    policy::fetcher_id id;
    time_point started_at;
    /// Since when it is given work; nothing before its health check has ended well.
    std::optional<time_point> ready_since{};
    /// Calls that ended well.
    std::uint64_t calls = 0;

    /// Zero where it never was ready.
    milliseconds ready_for(time_point now) const;
  };

  /// @param number among the slots of the upstream
  fetcher_slot(policy::upstream_id upstream, std::size_t number, const policy::backoff::options& restart)
    : upstream_(upstream),
      number_(number),
      restarts_(restart) {}

  policy::upstream_id upstream() const noexcept { return upstream_; }

  /// Where its report stands among those of its upstream, and what the log calls it.
  std::size_t number() const noexcept { return number_; }

  // -- its fetcher

  /// Nothing while the slot pauses or is closed.
  const std::optional<incarnation>& current() const noexcept { return current_; }

  bool is_filled_by(policy::fetcher_id id) const noexcept { return current_ && current_->id == id; }

  bool is_ready() const noexcept { return current_ && current_->ready_since; }

  /// A fetcher starts in it.
  void fill(fetcher_actor fetcher, policy::fetcher_id id, time_point now);

  /// The fetcher's health check has ended well. Returns whether it follows one that has failed nothing.
  bool become_ready(time_point now);

  /// A call of the fetcher's has ended well.
  void count_call() noexcept { ++current_->calls; }

  /// The fetcher has failed nothing and leaves the slot for the next one.
  incarnation renew();

  /// The fetcher has failed and is gone.
  /// @param what as text, for its report
  incarnation fail(const std::string& what);

  // -- pauses

  /// How long to pause after a fetcher has failed (`policy::backoff`).
  /// @param uniform a random number in [0, 1)
  milliseconds pause_after(const incarnation& failed, double uniform, time_point now) {
    return restarts_.next(failed.ready_for(now), failed.calls, uniform);
  }

  /// Fetchers that have failed in a row.
  int failures() const noexcept { return restarts_.failures(); }

  /// A pause begins, or takes the place of the one that the slot is in.
  /// @param pause names it; no other pause has this number
  void begin_pause(std::uint64_t pause, time_point ends) noexcept;

  /// The next fetcher is to start. Returns whether that is a restart: the fetcher before has failed. Nothing where the
  /// slot is not in this pause (any more).
  std::optional<bool> end_pause(std::uint64_t pause) noexcept;

  bool is_paused() const noexcept { return !current_ && !is_closed_; }

  // -- its end

  /// It gets no fetcher any more. Returns the one that it had.
  std::optional<incarnation> close();

  bool is_closed() const noexcept { return is_closed_; }

  /// Without the row of the actor, and without calls that are under way.
  fetcher_report report(time_point now) const;

private:
  incarnation take_out();

  policy::upstream_id upstream_;
  std::size_t number_;
  policy::backoff restarts_;
  std::optional<incarnation> current_;
  bool is_closed_ = false;
  /// Whether the fetcher before has failed nothing; until the next one is ready.
  bool renews_ = false;
  /// The latest pause.
  std::uint64_t pause_ = 0;
  time_point pause_ends_{};
  /// Calls that ended well in incarnations before.
  std::uint64_t calls_before_ = 0;
  std::uint64_t restarts_so_far_ = 0;
  std::string last_failure_;
};

} // namespace dispatch::pool
