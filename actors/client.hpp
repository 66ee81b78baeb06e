#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "actors/client_account.hpp"
#include "actors/metrics.hpp"
#include "actors/policy/pass.hpp"
#include "messages/client.hpp"
#include "messages/connection.hpp"
#include "messages/event_log.hpp"
#include "messages/frame_source.hpp"
#include "messages/run_clock.hpp"

namespace dispatch {

struct client_options {
  std::string dataset = "mnist";
  /// Samples in a batch, at least 1.
  std::int32_t batch_size = 30;
  /// Batches that may be requested or unsent at a time.
  policy::lookahead::options window;
  /// How long one batch may be awaited before the stream ends with an error frame. Zero: for ever. The frame source
  /// keeps the same time and knows what is wrong, so it answers first; this is for a source that does not answer.
  std::chrono::milliseconds give_up_after{60000};
  /// Deadlines are kept in time that was run; null: all was.
  run_clock_ptr ran = nullptr;
};

/// See `client_actor`. What to ask for, what to send next and how the pass ends is decided by `policy::pass`; what the
/// consumer gets and whom it waits for is noted by `client_account`.
class client_state {
public:
  static inline const char* name = "client";

  client_state(client_actor::pointer self, client_options options, frame_source source, connection_actor connection,
               std::string client_id, event_log_ptr log, client_metrics_ptr metrics);

  client_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;

  void on_described(const dataset_description& description);
  void on_not_described(const failure& reason);
  /// Begins the pass, with what is known of the dataset.
  void begin_pass();
  void on_run(std::int32_t first, std::int32_t count, const frame_run& run);
  void on_frame(const frame_ptr& frame);
  void on_frame_failure(std::int32_t index, const failure& reason);
  void on_written(const frames_written& written);
  void on_tick();
  void on_peer_stalled(const peer_stalled& stall);
  void on_end_stream(const end_stream& request);
  void on_connection_down(const caf::error& reason);
  client_report on_get_report();

  /// Asks for what the window has room for and sends what is ready.
  /// @param encoding how long it took to encode what has just come
  void pump(clock::duration encoding = {});
  void request_missing();
  void request_run(std::int32_t first, std::int32_t count);
  void request_frame(std::int32_t index);
  void send_ready();
  void send_frames(std::vector<policy::pass::frame_window::delivery> frames);
  /// Ends the stream with an error frame behind all that was sent.
  void send_failure(const failure& reason);
  /// Notes the end before its time. Returns false where the stream had ended before.
  bool end_with(const failure& reason, stream_outcome how);
  void note_end(const failure& reason, stream_outcome how);
  void log_end() const;

  policy::waiting_for waits_for() const;
  std::string state_name(clock::time_point time) const;
  void report_progress(client_report& result) const;

  batch_key key_of(std::int32_t index) const;
  clock::time_point now() const;

  client_actor::pointer self_;
  client_options options_;
  frame_source source_;
  connection_actor connection_;
  std::string client_id_;
  event_log_ptr log_;
  frame_tail_ptr tail_;
  frame_tail_ptr last_tail_;
  policy::pass pass_;
  client_account account_;
  bool ended_ = false;
  stream_outcome outcome_ = stream_outcome::lost;
};

using client_impl = client_actor::stateful_impl<client_state>;

} // namespace dispatch
