#include <caf/all.hpp>

#include <string>

#include "actors/final_error.hpp"
#include "actors/session/session.hpp"
#include "wire/session/server_lines.hpp"

/// @file
/// How a session ends.

namespace dispatch {

void session_state::finish(pass_outcome how) {
  end_.come(how);
  supply_.stop();
  self_->send(connection_, finish_sending{});
}

void session_state::fail(const failure& reason) {
  if (end_.has_come())
    return;
  note_end(reason, pass_outcome::error);
  send_line(encode_session_error(reason, output_.cursor()));
  self_->send(connection_, finish_sending{});
}

void session_state::fail_at_once(const failure& reason) {
  replace_unsent(self_, connection_, [this, reason](std::uint64_t left) {
    output_.dropped_behind(left);
    send_line(encode_session_error(reason, output_.cursor()));
    self_->send(connection_, finish_sending{});
  });
}

void session_state::note_end(const failure& reason, pass_outcome how) {
  end_.come(reason, how);
  supply_.stop();
  account_.waits_at(stage(), now());
}

void session_state::on_peer_stalled(const peer_stalled& stall) {
  const auto reason = stalled_failure(stall);
  note_end(reason, pass_outcome::stalled);
  fail_at_once(reason);
}

void session_state::on_drain(const begin_drain& request) {
  if (end_.has_come() || ending_)
    return;
  if (group_.has_joined())
    drain_member();
  send_line(
    encode_drain("the dispatcher is stopping: " + request.why, group_.has_joined() ? std::string{} : output_.cursor()));
  // What the client has is to be acknowledged here: elsewhere it would be delivered again.
  end_when_acked(pass_outcome::drained);
}

void session_state::on_end_pass(const end_pass& request) {
  const failure reason{request.code, request.message};
  if (!end_.has_come())
    note_end(reason, pass_outcome::drained);
  fail_at_once(reason);
}

void session_state::on_connection_down(const caf::error& reason) {
  account_.publish_waiting(now());
  const auto cursor = output_.cursor_of_left();
  end_.log(reason, "session_end", output_.unsent() == 0, now(), {{"cursor", cursor}});
  account_.count_session_end(final_outcome());
  record_end();
  leave_group();
  self_->quit();
}

} // namespace dispatch
