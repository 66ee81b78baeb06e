#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "actors/batch_counter.hpp"
#include "messages/batch_stream.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

struct batch_stream_options {
  /// The deadline of the call for the dataset's description.
  std::chrono::milliseconds call_timeout{10000};
  /// Null: its batches are not counted.
  batch_counter brought{};
};

/// See `batch_stream_actor`.
class batch_stream_state {
public:
  static inline const char* name = "batch_stream";

  /// @param owner the stream ends with it; null: none
  batch_stream_state(batch_stream_actor::pointer self, std::unique_ptr<batch_source> source, const open_stream& request,
                     const caf::strong_actor_ptr& owner, batch_stream_options options);

  /// Its owner outlives it, and CAF would remember every stream that ever watched.
  ~batch_stream_state();

  batch_stream_state(const batch_stream_state&) = delete;
  batch_stream_state& operator=(const batch_stream_state&) = delete;

  batch_stream_actor::behavior_type make_behavior();

private:
  /// Not in the constructor: answers come from other threads, and CAF sets up what counts an actor's messages only when
  /// that is over.
  void start();
  caf::result<batch_ptr> on_next();
  void on_description(const description_result& result);
  void on_batch(batch_result& result);
  void open();
  void read();
  void end(const failure& reason);

  batch_stream_actor::pointer self_;
  std::unique_ptr<batch_source> source_;
  std::unique_ptr<batch_reader> reader_; // goes before its source; null until the fingerprint is known
  open_stream request_;
  batch_stream_options options_;
  caf::actor_addr owner_;
  std::deque<caf::typed_response_promise<batch_ptr>> waiting_;
  /// How many of those that wait are not read for yet.
  std::size_t unread_ = 0;
  call_id next_read_ = 0;
  /// Index of the batch that the next answer to a read must bring.
  std::int32_t position_ = 0;
  std::chrono::steady_clock::time_point started_at_;
};

using batch_stream_impl = batch_stream_actor::stateful_impl<batch_stream_state>;

} // namespace dispatch
