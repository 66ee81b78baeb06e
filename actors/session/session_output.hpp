#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "actors/policy/order/session_pass.hpp"
#include "actors/session/session_types.hpp"
#include "wire/pieces.hpp"
#include "wire/session/batch_encoder.hpp"
#include "wire/session/client_message.hpp"
#include "wire/session/cursor.hpp"
#include "wire/session/server_lines.hpp"

namespace dispatch {

/// What a session sends, message by message, and where another session goes on behind each of them.
class session_output {
public:
  /// Of messages that have left.
  struct tally {
    std::size_t batches = 0;
    /// What the pass has to be told of: batches and ends.
    std::size_t of_pass = 0;
  };

  /// The session begins where its plan says. Appends its welcome.
  /// @param id names the session for people
  /// @param group that it is a member of
  void begin(session_plan_ptr plan, const hello& asked, const std::string& id,
             const std::optional<group_welcome>& group, pieces& out);

  /// Encodes what departs; not before it has begun.
  void append(policy::session_pass::departure&& what, pieces& out);

  /// Adds a message that changes no place.
  void append(std::string line, pieces& out);

  /// Messages have left.
  tally left(std::size_t messages);

  /// Of all messages, those behind the first `messages` were dropped.
  void dropped_behind(std::uint64_t messages);

  std::size_t unsent() const noexcept { return unsent_.size(); }

  /// The number of the first batch that has not left, of this session.
  std::uint64_t first_unsent_batch() const noexcept { return sequence_ - unsent_batches_; }

  /// How many of these are neither batches nor ends.
  std::size_t unsent_lines() const noexcept { return unsent_lines_; }

  /// Of batches and ends that have departed, the place behind them.
  epoch_position place() const noexcept { return place_; }

  /// The same of those that have left.
  epoch_position place_of_left() const noexcept { return left_place_; }

  /// The cursor to go on with behind everything that was appended; empty before it has begun.
  std::string cursor() const { return cursor_at(place_); }

  /// The same behind the messages that have left.
  std::string cursor_of_left() const { return cursor_at(left_place_); }

private:
  struct note {
    enum class kind : std::uint8_t { batch, end, line };
    kind what;
    epoch_position place;
  };

  dispatch::welcome welcome_of(const std::string& id) const;
  void append_batch(policy::session_pass::ready_batch&& next, pieces& out);
  void note_end(epoch_position place);
  std::string cursor_at(epoch_position place) const;

  /// Null before it has begun.
  session_plan_ptr plan_;
  std::optional<batch_encoder> encoder_;
  /// Of the epoch in which the last batch was.
  std::optional<cursor_writer> cursors_;
  std::uint64_t cursors_epoch_ = 0;
  std::uint64_t sequence_ = 0;
  epoch_position place_;
  /// Messages that have left, and the place behind them.
  std::uint64_t left_ = 0;
  epoch_position left_place_;
  std::deque<note> unsent_;
  std::size_t unsent_lines_ = 0;
  std::size_t unsent_batches_ = 0;
};

} // namespace dispatch
