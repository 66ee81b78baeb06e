#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "actors/session/session_group.hpp"
#include "actors/session/session_types.hpp"
#include "messages/fetcher_pool.hpp"
#include "wire/session/server_lines.hpp"

namespace dispatch {

/// Finds out why the client of a session waits, a second after it has begun to, and every few seconds then.
class wait_notice {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param pool is asked for the reason; null: the client is told that the reason is unknown
  /// @param say called with the reason
  wait_notice(session_actor::pointer self, pool_report_actor pool, std::function<void(waiting_note why)> say);

  /// The client waits at `now`, and has since `since`.
  /// @param group that it waits for; null: it waits for the upstreams
  void waits(time_point since, time_point now, const session_group* group);

  /// The same where it cannot begin because of the store.
  void waits_for_store(time_point since, time_point now, const std::string& why);

  /// The same where it gets no more before it acknowledges some of what it holds.
  void waits_for_acks(time_point since, time_point now, std::size_t unacked);

  /// It has got something.
  void served() noexcept { said_at_.reset(); }

private:
  /// Whether it is time to say something.
  bool is_due(time_point since, time_point now);
  void ask_pool();
  void ask_group(const session_group& group);

  session_actor::pointer self_;
  pool_report_actor pool_;
  std::function<void(waiting_note)> say_;
  std::optional<time_point> said_at_;
};

} // namespace dispatch
