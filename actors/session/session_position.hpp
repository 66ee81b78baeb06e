#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "actors/session/session_types.hpp"
#include "messages/group_store.hpp"

namespace dispatch {

/// The part of a session whose place the store keeps under a name: the last session of a name has it. One question is
/// under way at a time, with the latest place.
class session_position {
public:
  /// @param on_lost called when another session has taken the name
  session_position(session_actor::pointer self, const session_options& options,
                   std::function<void(const failure&)> on_lost);

  /// @param on_taken called with the cursor that is kept; empty: none is
  /// @param on_refused called instead, with the reason
  void take(const std::string& name, const std::string& session, std::function<void(const std::string&)> on_taken,
            std::function<void(const failure&)> on_refused);

  /// Has the store keep a place.
  void keep(std::string cursor);

  /// Calls `done` when all that was to be kept is kept.
  void when_kept(std::function<void()> done);

  /// Tries again what the store could not take.
  void on_tick() { send(); }

  /// Why the store keeps nothing; empty: it does.
  const std::string& problem() const noexcept { return problem_; }

private:
  /// Tells the store the latest place, where it does not know that, or where its own crash could lose it.
  void send();
  void on_kept(const std::string& cursor, bool was_awaited);
  void on_not_kept(const caf::error& reason);

  session_actor::pointer self_;
  const session_options& options_;
  std::function<void(const failure&)> on_lost_;
  std::string name_;
  std::int64_t token_ = 0;
  /// What the store does not know yet, and what it is being told.
  std::optional<std::string> next_;
  std::optional<std::string> keeping_;
  /// What the store knows, and could lose; nothing: nothing.
  std::optional<std::string> volatile_;
  std::string problem_;
  std::vector<std::function<void()>> waiting_;
};

} // namespace dispatch
