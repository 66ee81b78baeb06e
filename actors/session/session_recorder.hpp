#pragma once

#include <caf/fwd.hpp>

#include <chrono>

#include "actors/policy/session_book.hpp"
#include "messages/session_recorder.hpp"

namespace dispatch {

/// See `session_recorder_actor`. What is kept, and for how long, is decided by `policy::session_book`.
class session_recorder_state {
public:
  static inline const char* name = "session_recorder";

  explicit session_recorder_state(session_recorder_actor::pointer self);

  session_recorder_actor::behavior_type make_behavior();

private:
  void on_heard(const session_heard& news);
  void on_over(const session_over& news);
  session_history_report on_get_history(const get_session_history& request) const;

  session_recorder_actor::pointer self_;
  policy::session_book book_;
  std::chrono::steady_clock::time_point started_at_;
};

using session_recorder_impl = session_recorder_actor::stateful_impl<session_recorder_state>;

} // namespace dispatch
