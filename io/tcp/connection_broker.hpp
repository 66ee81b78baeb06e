#pragma once

#include <caf/disposable.hpp>
#include <caf/io/all.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

#include "io/tcp/outbox.hpp"
#include "io/tcp/peer_patience.hpp"
#include "io/tcp/socket_options.hpp"
#include "messages/connection.hpp"
#include "messages/run_clock.hpp"
#include "messages/server.hpp"

namespace dispatch::io {

struct connection_options {
  socket_options socket;
  /// How many bytes go to the kernel until other connections have their turn.
  std::size_t burst_bytes = std::size_t{512} << 10;
  /// The same for the first turn: of many consumers who come at once, none waits long for its first frame.
  std::size_t first_burst_bytes = std::size_t{128} << 10;
  /// How long a peer that has everything has to close its side.
  std::chrono::milliseconds linger{5000};
  /// How long a peer may take nothing although bytes wait for it. Zero: for ever.
  std::chrono::milliseconds stall_timeout{0};
  /// How many bytes of the beginning of the stream the peer was sent already.
  std::size_t begun_bytes = 0;
  /// How often peers are looked at.
  std::chrono::milliseconds look_interval{1000};
  /// A peer is judged by time that was run; null: all was.
  run_clock_ptr ran = nullptr;
};

/// A connection as CAF's multiplexer sees it.
using connection_broker_actor = connection_actor::extend<
  /// Nothing that a client sends means anything yet.
  caf::result<void>(caf::io::new_data_msg),
  /// The peer is gone, or the socket failed.
  caf::result<void>(caf::io::connection_closed_msg),
  /// The kernel took bytes.
  caf::result<void>(caf::io::data_transferred_msg),
  /// From itself: the peer had its time to close.
  caf::result<void>(linger_over)>;

/// See `connection_actor`. Runs in the multiplexer's thread, where it neither encodes nor copies: the kernel gets
/// frames straight from the memory that all share. CAF's write buffer serves to wait for room only, with a few bytes in
/// it.
///
/// It does not read during the stream, so that a peer that closes its sending side still gets everything: CAF takes a
/// half-close for the end of a connection. It reads once the stream is over, to close in order: a socket that is closed
/// with unread bytes is reset, and the reset can overtake the last frames.
class connection_broker_state {
public:
  static inline const char* name = "connection";

  connection_broker_state(connection_broker_actor::broker_pointer self, caf::io::connection_handle handle,
                          connection_options options, std::string client_id);

  connection_broker_actor::behavior_type make_behavior();

private:
  void on_attach(const attach_client& request);
  void on_write_frames(write_frames& request);
  void on_write_line(write_line& request);
  void on_cut_short(const cut_short& request);
  void on_look();
  void on_finish();
  void on_abort();
  void on_client_down();
  void on_transferred(const caf::io::data_transferred_msg& msg);
  /// CAF delivers the end of a socket from outside of what it guards against exceptions.
  void on_closed() noexcept;
  void on_linger_over();
  caf::error on_exception(const std::exception_ptr& problem);

  /// Gives the kernel what it takes.
  void write_some();
  /// Has the multiplexer say when the kernel has room again, or that the socket has failed.
  void wait_for_room();
  /// Moves the next piece, at most `limit` bytes of it, into CAF's buffer.
  void buffer_next(std::size_t limit);
  void report_written();
  void give_credit();
  /// Queues an error frame behind what is queued, and the end behind that.
  void end_with_error(const failure& reason);
  void end_in_order();
  /// Gives the peer time to close.
  void linger();
  void leave();
  void start_reading();
  /// Leaves to CAF, which writes on when the broker is gone: the rest of the frame that has begun to leave, and an
  /// error frame.
  void leave_last_words();
  /// Lets the kernel end the connection of a peer that does not answer, and of no other.
  void choose_user_timeout();

  connection_broker_actor::broker_pointer self_;
  caf::io::connection_handle handle_;
  connection_options options_;
  std::string client_id_;
  peer_patience patience_;
  client_actor client_;
  outbox outbox_;
  /// Index of the batch behind the last frame that was queued.
  std::int32_t next_index_ = 0;
  /// CAF's buffer holds bytes that the kernel has not taken.
  bool waiting_ = false;
  /// The kernel has taken bytes since the last look.
  bool took_some_ = false;
  bool had_first_turn_ = false;
  bool finishing_ = false;
  bool reading_ = false;
  bool has_user_timeout_ = true;
  /// How many bytes the peer had sent when it was last looked at.
  std::uint64_t received_ = 0;
  caf::disposable linger_timer_;
};

using connection_broker_impl = connection_broker_actor::stateful_broker_base<connection_broker_state>;

} // namespace dispatch::io
