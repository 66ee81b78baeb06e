#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "actors/policy/feed_choice.hpp"
#include "actors/policy/stream_plan.hpp"
#include "actors/policy/stream_stall.hpp"
#include "messages/batch_cache.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/run_clock.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

struct stream_prefetch_options {
  policy::feed_choice::options choice;
  /// The longest that a stream may take for one batch (`stream_stall`).
  std::chrono::milliseconds call_timeout{10000};
  /// How long a fast stream may take for one batch (`stream_stall`): where calls go elsewhere, they are better than to
  /// wait for it.
  std::chrono::milliseconds stall_timeout{10000};
  /// Deadlines are kept in time that was run; null: all was.
  run_clock_ptr ran = nullptr;
  /// How long a stream that is not read is kept.
  std::chrono::milliseconds idle_timeout{5000};
};

/// The part of the batch cache that has batches come by one stream, where that pays: one for a pass that begins with
/// batch 0, at most one at a time. What a stream does not bring, the cache asks the pool for.
class stream_prefetch {
public:
  /// @param deliver takes each batch that a stream brings
  /// @param give_back takes what was left to a stream and does not come by it, and says whether a call brings it now
  stream_prefetch(batch_cache_actor::pointer self, stream_prefetch_options options, fetcher_pool_actor pool,
                  event_log_ptr log, std::function<void(const batch_key&, const batch_ptr&)> deliver,
                  std::function<bool(const batch_key&)> give_back);

  ~stream_prefetch();

  stream_prefetch(const stream_prefetch&) = delete;
  stream_prefetch& operator=(const stream_prefetch&) = delete;

  /// Whether a batch that is wanted is left to a stream.
  /// @param may_try whether calls may be tried beside the stream from now on, which then brings their batches again
  bool take(const batch_key& key, bool may_try);

  /// The batch is not wanted any more.
  void drop(const batch_key& key);

  /// A call to the pool has ended, and brought the batch or not.
  void call_ended(const batch_key& key, bool has_brought);

  /// Ends the stream where its batches are outdated.
  void end_if(const std::function<bool(const batch_key&)>& is_outdated);

  /// The stream that there is now; null: none.
  const batch_stream_actor& stream() const noexcept { return stream_; }

  /// Ends a stream that has stopped answering, or that no request needs.
  void on_tick();

private:
  using clock = std::chrono::steady_clock;

  bool is_open() const noexcept { return family_.batch_size > 0; }
  bool is_of_stream(const batch_key& key) const;
  void open(const batch_key& first);
  void on_opened(std::uint64_t incarnation, const stream_opened& opened);
  void read();
  void on_batch(std::uint64_t incarnation, const batch_ptr& next);
  void on_lost(std::uint64_t incarnation, const caf::error& reason);
  /// Has what is wanted brought as the choice is now.
  void follow_choice();
  void log_decision();
  /// Has calls bring the batches that a trial wants; all others stay with the stream.
  void lend();
  /// Tells the choice of a wait for the stream that lasts for as long as decides (`feed_choice::longest_wait`).
  void watch_wait();
  void give_back(const batch_key& family, const std::vector<std::int32_t>& indices);
  void close();
  clock::time_point now() const;

  batch_cache_actor::pointer self_;
  stream_prefetch_options options_;
  fetcher_pool_actor pool_;
  event_log_ptr log_;
  std::function<void(const batch_key&, const batch_ptr&)> deliver_;
  std::function<bool(const batch_key&)> give_back_;
  policy::feed_choice choice_;
  policy::stream_plan plan_;
  policy::stream_stall stall_;
  /// What it is a stream of; batch size 0: there is none.
  batch_key family_;
  batch_stream_actor stream_;
  bool may_try_ = true;
  /// What calls are to bring beside the stream.
  std::set<std::int32_t> lent_;
  /// Names one stream's incarnation; answers of others are late.
  std::uint64_t incarnation_ = 0;
};

} // namespace dispatch
