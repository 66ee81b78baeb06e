#pragma once

#include <caf/disposable.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/io/all.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "io/tcp/outbox.hpp"
#include "io/tcp/peer_check.hpp"
#include "io/tcp/socket_options.hpp"
#include "io/tcp/watched_socket.hpp"
#include "io/unique_fd.hpp"
#include "messages/connection.hpp"
#include "messages/run_clock.hpp"
#include "messages/server.hpp"

namespace dispatch::io {

struct connection_options {
  socket_options socket;
  /// The most bytes that may wait unsent in the kernel, where there are few connections; at least `least_unsent`.
  std::size_t most_unsent = least_unsent;
  /// How many bytes go to the kernel until other connections have their turn, or as many as may wait there unsent.
  std::size_t burst_bytes = std::size_t{512} << 10;
  /// The same for the first turn: of many consumers that come at once, none waits long for its first frame.
  std::size_t first_burst_bytes = std::size_t{128} << 10;
  /// How long a peer that has everything has to close its side.
  std::chrono::milliseconds linger{5000};
  /// How long a peer may take nothing although bytes wait for it. Zero: for ever.
  std::chrono::milliseconds stall_timeout{0};
  /// How many bytes of the first message the peer was sent already.
  std::size_t begun_bytes = 0;
  /// How often peers are checked.
  std::chrono::milliseconds check_interval{1000};
  /// A peer is judged by time that was run; null: all was.
  run_clock_ptr ran = nullptr;
};

/// A connection as CAF's multiplexer sees it.
using connection_broker_actor = connection_actor::extend<
  /// The peer has sent bytes, or has closed its sending side.
  caf::result<void>(socket_readable),
  /// The kernel has room for bytes again.
  caf::result<void>(socket_writable),
  /// The peer is gone.
  caf::result<void>(socket_failed),
  /// From itself: the peer had its time to close.
  caf::result<void>(linger_over)>;

/// See `connection_actor`. Runs in the multiplexer's thread, where it neither encodes nor copies what it sends: the
/// kernel gets bytes straight from the memory that all share.
///
/// The orderly end: it closes its sending side, then reads and drops what comes until the peer has closed too. A socket
/// that is closed with unread bytes is reset, and the reset can overtake the last messages.
class connection_broker_state {
public:
  static inline const char* name = "connection";

  connection_broker_state(connection_broker_actor::broker_pointer self, unique_fd socket, connection_options options);

  ~connection_broker_state();

  connection_broker_state(const connection_broker_state&) = delete;
  connection_broker_state& operator=(const connection_broker_state&) = delete;

  connection_broker_actor::behavior_type make_behavior();

private:
  void on_send(send_pieces& request);
  void on_allow_input(const allow_input& request);
  unsent_dropped on_drop_unsent();
  void on_check_peer(check_peer check);
  void on_finish();
  void on_abort();
  void on_readable();
  void on_linger_over();

  /// Gives the kernel what it takes, and has the multiplexer say when there is room for the rest.
  void write_some();
  void report_sent();
  void give_room();
  void read_input();
  /// Reads what comes behind the end, to drop it.
  void drop_input();
  void end_in_order();
  /// Gives the peer time to close.
  void linger();
  /// Ends where the peer is gone.
  /// @param why empty where both sides have closed
  void lose(const std::string& why);
  void leave();

  connection_broker_actor::broker_pointer self_;
  connection_options options_;
  peer_check peer_;
  caf::intrusive_ptr<watched_socket> socket_;
  /// Null: what happens is not told.
  connection_owner_actor owner_;
  outbox outbox_;
  /// Messages since the beginning, without those that were dropped.
  std::uint64_t messages_ = 0;
  /// How many bytes may be read.
  std::size_t input_credit_ = 0;
  bool has_input_ended_ = false;
  /// How many bytes may wait unsent in the kernel.
  std::size_t unsent_limit_ = least_unsent;
  /// The kernel has taken bytes since the last check.
  bool took_some_ = false;
  bool had_first_turn_ = false;
  /// No more messages will come.
  bool is_finishing_ = false;
  /// The sending side is closed.
  bool is_ending_ = false;
  caf::disposable linger_timer_;
};

using connection_broker_impl = connection_broker_actor::stateful_broker_base<connection_broker_state>;

} // namespace dispatch::io
