#pragma once

#include <caf/actor_addr.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "actors/policy/ack/ack_window.hpp"
#include "actors/policy/group/group_pass.hpp"
#include "actors/session/session_types.hpp"
#include "messages/group.hpp"
#include "wire/session/client_message.hpp"

namespace dispatch {

/// The part of a session that is a member of a group: asks the group for batches as far as the client keeps up, and
/// tells it which were used.
class session_group {
public:
  using time_point = std::chrono::steady_clock::time_point;

  session_group(session_actor::pointer self, const session_options& options);

  /// Finds the group, and joins it.
  /// @param plan what the session is given where it is the first one
  /// @param on_joined called once
  /// @param on_refused called instead, with the reason
  void join(const hello& asked, const policy::session_plan& plan, const std::string& client,
            std::function<void()> on_joined, std::function<void(const failure&)> on_refused);

  /// Whether there is a group to ask.
  bool has_joined() const noexcept { return joined_ != nullptr; }

  /// The plan of a member: where the group is, and how it ends.
  policy::session_plan plan_of_member(policy::session_plan plan) const;

  group_welcome welcome_line() const;

  std::unique_ptr<policy::session_pass> make_pass(const policy::session_plan& plan, policy::lookahead::options window,
                                                  std::optional<std::size_t> most_unacked, time_point now);

  // From the group:

  void take(const batches_handed& handed);
  void take(const group_moved& moved);

  /// The next batch of the pass departs. @returns which one of the group it is
  group_batch depart();

  /// The client has used batches.
  void used(std::vector<group_batch> batches, time_point now);

  /// The client gives a sign of life on all that it holds.
  void note_alive() noexcept { is_alive_ = true; }

  /// Tells the group what is new, and asks for what there is room for.
  /// @param unacked batches that have departed, and are not acknowledged
  void pump(std::size_t unacked);

  /// Asks for nothing any more, and gives back what has not departed.
  void stop();

  /// Leaves the group, once.
  /// @param unsent batches that have departed, and that the client was not sent
  void leave(std::vector<group_batch> unsent);

  /// Whether it holds as many batches as it may.
  bool is_held_back(std::size_t unacked) const noexcept {
    return window_ && outstanding_ == 0 && unacked + handed_.size() >= window_->limit();
  }

  /// Whether it waits for the group to hand out a batch.
  bool is_idle() const noexcept { return outstanding_ > 0 && handed_.empty(); }

  const group_actor& actor() const { return joined_->group; }
  member_id member() const { return joined_->member; }

private:
  void send_turn(std::size_t wants);

  session_actor::pointer self_;
  const session_options& options_;
  std::string name_;
  std::unique_ptr<joined_group> joined_;
  /// The session's.
  policy::group_pass* pass_ = nullptr;
  /// Came before the pass began.
  std::optional<group_moved> moved_;
  std::optional<policy::ack_window> window_;
  /// Batches that were handed out, and have not departed.
  std::deque<group_batch> handed_;
  /// Batches that were asked for, and not handed out.
  std::size_t outstanding_ = 0;
  std::vector<group_batch> used_;
  bool is_alive_ = false;
  bool is_over_ = false;
  bool has_left_ = false;
};

} // namespace dispatch
