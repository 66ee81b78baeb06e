#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "actors/client_account.hpp"
#include "actors/consumer_end.hpp"
#include "actors/metrics.hpp"
#include "actors/policy/ack/unacked_batches.hpp"
#include "actors/session/batch_supply.hpp"
#include "actors/session/client_lines.hpp"
#include "actors/session/session_group.hpp"
#include "actors/session/session_opening.hpp"
#include "actors/session/session_output.hpp"
#include "actors/session/session_position.hpp"
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
  /// @returns whether there was one
  bool read_line();
  void on_line(std::string_view line);
  void on_message(hello&& said);
  void on_message(ack&& said);
  void on_message(ping said);
  void on_message(bye said);

  /// Finds out what the dataset is.
  void open();
  void begin(policy::session_plan plan);
  /// Says welcome, and starts.
  void begin_pass(std::unique_ptr<policy::session_pass> pass);
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
  void say_wait(waiting_note why);
  void on_peer_stalled(const peer_stalled& stall);
  void on_drain(const begin_drain& request);

  // The session of a group, or of a position that is kept:

  void take_position();
  void on_position(const std::string& cursor);
  void join_group(const policy::session_plan& plan);
  void on_joined(const policy::session_plan& plan);
  void on_group_closed(const group_closed& closed);
  /// Takes what the group says.
  template <class Message>
  void on_group(const Message& message);
  void pump_group();
  void note_departed(const policy::session_pass::ready_batch& batch);
  /// Whether its client holds as many batches as it may, and gets no more before it acknowledges some.
  bool is_held_back() const;
  /// Takes no more from a group, and gives back what has not departed.
  void drain_member();
  /// Ends the session when its client has acknowledged what it has, and its pings are answered.
  void end_when_acked(pass_outcome how);
  void end_if_acked();
  /// Has the group say when all is kept that was acknowledged before the pings that are open now.
  void record_for_pings();
  void answer_ping();
  void leave_group();
  /// The client of a member has closed its sending side, and can acknowledge nothing more: others get what it has.
  void on_member_silent();
  /// The store is away: the session waits for it, and `again` is called then.
  void wait_for_store(const failure& reason, std::function<void()> again);

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

  /// When what is next was asked for; nothing while nothing is awaited.
  std::optional<clock::time_point> asked_at() const;
  /// Since when the client has waited for a batch, or for its welcome; nothing while it does not.
  std::optional<clock::time_point> waits_since() const;
  /// Whether it is a member of a group that waits for the group to hand out a batch.
  bool is_idle_member() const;
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
  session_group group_;
  session_position position_;
  std::optional<hello> hello_;
  session_output output_;
  /// Null before the session has begun.
  session_plan_ptr plan_;
  /// Nothing where the client acknowledges none.
  std::optional<policy::unacked_batches> unacked_;
  /// How it ends when all is acknowledged, and since when that is awaited; nothing: it goes on.
  std::optional<pass_outcome> ending_;
  /// Since when all is acknowledged.
  std::optional<clock::time_point> settled_since_;
  /// Why the session cannot begin yet; empty: the store does not keep it from that.
  std::string store_problem_;
  /// Whether the store was asked for what the session begins with, and has not answered.
  bool asks_store_ = false;
  clock::time_point ending_since_{};
  /// Pings whose answers wait for the store, and how many of them the group has been asked for.
  std::size_t open_pings_ = 0;
  std::size_t recorded_pings_ = 0;
  bool is_reading_ = false;
  /// When the client has said hello, or when a batch or an end has last left.
  clock::time_point served_at_{};
  order_metrics metrics_;
};

using session_impl = session_actor::stateful_impl<session_state>;

} // namespace dispatch
