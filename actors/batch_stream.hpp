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

/// See `batch_stream_actor`.
class batch_stream_state {
public:
  static inline const char* name = "batch_stream";

  /// @param source leads to the dataset that is asked for
  /// @param owner the stream ends with it; null: none
  /// @param brought counts its batches; null: they are not counted
  batch_stream_state(batch_stream_actor::pointer self, batch_source_ptr source, const open_stream& request,
                     const caf::strong_actor_ptr& owner, batch_counter brought);

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
  void on_batch(batch_result& result);
  void end(const failure& reason);

  batch_stream_actor::pointer self_;
  batch_source_ptr source_;
  open_stream request_;
  std::unique_ptr<batch_reader> reader_; // goes before its source; null until the stream starts
  caf::actor_addr owner_;
  batch_counter brought_;
  std::deque<caf::typed_response_promise<batch_ptr>> waiting_;
  call_id next_read_ = 0;
  /// Index of the batch that the next answer to a read must bring.
  std::int32_t position_ = 0;
  std::chrono::steady_clock::time_point started_at_;
};

using batch_stream_impl = batch_stream_actor::stateful_impl<batch_stream_state>;

} // namespace dispatch
