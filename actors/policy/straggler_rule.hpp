#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

namespace dispatch::policy {

/// The rule for stragglers: calls that take much longer than calls do where they are fastest (ADR 17).
///
///     allowed      = max(10 * usual, 200 ms), or 1 s while `usual` is not known
///     straggler    = a call that has taken `allowed` and goes on
///     uncounted    = min(stragglers, max(limit, 2))
///     room         = in_flight < limit + uncounted
///     unresponsive = in_flight > 0 and stragglers == in_flight
///     hedged       = work of a straggler that is asked of one more upstream; the first answer counts
///
/// `usual` is how long a call takes at the fastest upstream; the other values are of one upstream.
struct straggler_rule {
  using duration = std::chrono::steady_clock::duration;

  /// How long a call may take before it is a straggler. Any upstream may pause for the least of it.
  static constexpr duration allowed(std::optional<duration> usual) noexcept {
    constexpr int times_usual = 10;
    constexpr duration least = std::chrono::milliseconds{200};
    constexpr duration if_unknown = std::chrono::seconds{1};
    return usual ? std::max(least, times_usual * *usual) : if_unknown;
  }

  /// Whether an upstream has room for one more call. A straggler holds up no other call, but an upstream that answers
  /// nothing at all does not get more and more of them.
  static constexpr bool has_room(std::size_t in_flight, std::size_t stragglers, std::size_t limit) noexcept {
    constexpr std::size_t least_uncounted = 2;
    return in_flight < limit + std::min(stragglers, std::max(limit, least_uncounted));
  }

  /// Whether an upstream answers nothing of what it has been given.
  static constexpr bool is_unresponsive(std::size_t in_flight, std::size_t stragglers) noexcept {
    return in_flight > 0 && stragglers == in_flight;
  }

  /// Whether work may have one more call beside those that are under way.
  static constexpr bool may_hedge(std::size_t calls_under_way) noexcept { return calls_under_way == 1; }
};

} // namespace dispatch::policy
