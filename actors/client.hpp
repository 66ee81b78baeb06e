#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "actors/client_account.hpp"
#include "actors/consumer_end.hpp"
#include "actors/metrics.hpp"
#include "actors/policy/pass.hpp"
#include "messages/batch_provider.hpp"
#include "messages/connection.hpp"
#include "messages/consumer.hpp"
#include "messages/event_log.hpp"
#include "messages/run_clock.hpp"
#include "wire/classic_protocol.hpp"

namespace dispatch {

struct client_options {
  std::string dataset = "mnist";
  /// Samples in a batch, at least 1.
  std::int32_t batch_size = 30;
  /// Batches that may be requested or unsent at a time.
  policy::lookahead::options window;
  /// How long a client waits for one batch until its pass ends with an error; zero: without a limit. Each question to
  /// the batch provider has this as its deadline, and the provider's answer says what is wrong. Where no answer comes,
  /// the client ends the pass itself a little later.
  std::chrono::milliseconds give_up_after{60000};
  /// Deadlines are kept in time that was run; null: all was.
  run_clock_ptr ran = nullptr;
};

/// A consumer actor also takes batches.
using client_actor = consumer_actor::extend_with<batch_taker_actor>;

/// One consumer of the classic protocol, which makes one pass; see `consumer_actor`. What to ask for, what to send next
/// and how the pass ends is decided by `policy::pass`; what the consumer gets and waits for is noted by
/// `client_account`.
class client_state {
public:
  static inline const char* name = "client";

  client_state(client_actor::pointer self, client_options options, batch_provider source, connection_actor connection,
               std::string client_id, classic_protocol_ptr protocol, event_log_ptr log, client_metrics_ptr metrics);

  client_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;

  void on_described(const dataset_description& description);
  void on_not_described(const caf::error& reason);
  void on_arrived(const batches_arrived& arrived);
  void on_batch_failed(const batch_failed& failed);
  void on_sent(const messages_sent& sent);
  void on_tick();
  void on_peer_stalled(const peer_stalled& stall);
  void on_end_pass(const end_pass& request);
  void on_connection_down(const caf::error& reason);
  client_report on_get_report();

  /// Begins the pass, with what is known of the dataset.
  void begin_pass();
  /// Asks for what the window has room for and sends what is ready.
  void pump();
  void request_missing();
  void request(std::int32_t first, std::int32_t count);
  /// @returns how long the encoding took
  clock::duration send_ready();
  clock::duration send_batches(const std::vector<policy::pass::batch_window::delivery>& batches);
  /// Ends the pass with an error message behind all that was sent.
  void send_failure(const failure& reason);
  /// Notes the end before its time.
  void note_end(const failure& reason, pass_outcome how);

  consumer_stage stage() const;
  void report_progress(client_report& result) const;

  /// When what is asked for now is to be answered.
  deadline deadline_from_now() const;
  clock::time_point now() const;

  client_actor::pointer self_;
  client_options options_;
  batch_provider source_;
  connection_actor connection_;
  std::string client_id_;
  classic_protocol_ptr protocol_;
  event_log_ptr log_;
  policy::pass pass_;
  client_account account_;
  consumer_end end_;
  /// Bytes that the consumer has sent since the last tick.
  std::size_t input_bytes_ = 0;
};

using client_impl = client_actor::stateful_impl<client_state>;

} // namespace dispatch
