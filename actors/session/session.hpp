#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "actors/client_account.hpp"
#include "actors/consumer_end.hpp"
#include "actors/metrics.hpp"
#include "actors/session/batch_supply.hpp"
#include "actors/session/client_lines.hpp"
#include "actors/session/session_opening.hpp"
#include "actors/session/session_output.hpp"
#include "actors/session/session_types.hpp"
#include "actors/session/wait_notice.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"

namespace dispatch {

/// One client of the session protocol (docs/protocol.md); see `consumer_actor`. What it is given is decided by
/// `policy::session_plan`, what to ask for and what to send next by `policy::session_pass`.
class session_state {
public:
  static inline const char* name = "session";

  session_state(session_actor::pointer self, session_options options, const batch_provider& source,
                order_directory_actor orders, pool_report_actor pool, connection_actor connection,
                std::string client_id, event_log_ptr log, client_metrics_ptr metrics);

  session_state(const session_state&) = delete;
  session_state& operator=(const session_state&) = delete;
  ~session_state();

  session_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;

  void on_input(const input_received& input);
  void on_input_ended();
  /// Reads what the client has sent, as far as answers find room.
  void read_lines();
  void on_line(std::string_view line);
  void on_message(hello&& said);
  void on_message(ping said);
  void on_message(bye said);

  void begin(policy::session_plan plan);
  /// How far it may be ahead of its socket.
  policy::lookahead::options window() const;

  void on_blocks(const batches_arrived& arrived);
  void on_block_failed(const batch_failed& failed);
  /// Takes what has come from elsewhere.
  template <class Answer>
  void on_answer(const Answer& answer);
  /// Asks for what there is room for and sends what is ready.
  void pump();
  /// @returns how long the encoding took
  clock::duration send_ready();

  void on_sent(const messages_sent& sent);
  void on_tick();
  /// Says for whom the client waits.
  void say_wait(const std::string& why);
  void on_peer_stalled(const peer_stalled& stall);
  void on_drain(const begin_drain& request);
  void on_end_pass(const end_pass& request);
  void on_connection_down(const caf::error& reason);
  client_report on_get_report();
  session_report report_place() const;

  void send_line(std::string line);
  /// Ends the session with an error behind all that was sent.
  void fail(const failure& reason);
  /// Ends it with an error in the place of what has not begun to leave.
  void fail_at_once(const failure& reason);
  /// Notes the end before its time.
  void note_end(const failure& reason, pass_outcome how);
  void finish(pass_outcome how);
  void log_start() const;
  /// How it has ended, once its connection is down.
  pass_outcome final_outcome() const { return end_.outcome(output_.unsent() == 0); }
  /// Tells where the session is, or was at its end, for what is kept over time. Only where it has a name.
  void record_progress();
  void record_end();

  /// Since when the client has waited for a batch, or for its welcome; nothing while it does not.
  std::optional<clock::time_point> waits_since() const;
  consumer_stage stage() const;
  clock::time_point now() const;

  session_actor::pointer self_;
  session_options options_;
  connection_actor connection_;
  std::string client_id_;
  event_log_ptr log_;
  client_account account_;
  consumer_end end_;
  client_lines lines_;
  session_opening opening_;
  batch_supply supply_;
  wait_notice wait_;
  std::optional<hello> hello_;
  session_output output_;
  /// Null before the session has begun.
  session_plan_ptr plan_;
  /// When the client has said hello, or when a batch or an end has last left.
  clock::time_point served_at_{};
  order_metrics metrics_;
};

using session_impl = session_actor::stateful_impl<session_state>;

} // namespace dispatch
