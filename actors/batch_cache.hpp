#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/cache_warming.hpp"
#include "actors/expected_dataset.hpp"
#include "actors/known_datasets.hpp"
#include "actors/known_ends.hpp"
#include "actors/known_layouts.hpp"
#include "actors/metrics.hpp"
#include "actors/policy/lru_store.hpp"
#include "actors/policy/waiting_list.hpp"
#include "actors/stream_prefetch.hpp"
#include "messages/batch_cache.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/run_clock.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

struct batch_cache_options {
  /// How many bytes of batches are kept; 0 keeps none.
  std::size_t capacity_bytes = std::size_t{256} << 20;
  /// Deadlines are kept in time that was run; null: all was.
  run_clock_ptr ran = nullptr;
  stream_prefetch_options prefetch;
  /// See `known_datasets::options`.
  std::chrono::milliseconds description_timeout{2000};
  /// See `expected_dataset::options`.
  std::string dataset{};
  std::vector<std::string> upstreams{};
  /// Whether the dataset is read before consumers want it (`cache_warming`), in batches of `batch_size`.
  bool is_warmed = false;
  std::int32_t batch_size = 0;
  /// Whether what is read so may be wanted as received, and not as classic text alone.
  bool has_sessions = true;
  /// How long a batch that is read ahead may take: as long as a consumer waits for one. Zero: no limit.
  std::chrono::milliseconds give_up_after{60'000};
};

/// See `batch_cache_actor`. What is kept is decided by `policy::lru_store`, which requests wait for what by
/// `policy::waiting_list`.
class batch_cache_state {
public:
  static inline const char* name = "frame_cache";

  batch_cache_state(batch_cache_actor::pointer self, batch_cache_options options, fetcher_pool_actor pool,
                    event_log_ptr log);

  batch_cache_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;

  /// A request to the pool that is not answered yet.
  struct call {
    /// The dataset has become another since.
    bool outdated = false;
    /// The pool was told that it is not wanted any more.
    bool withdrawn = false;
  };

  caf::result<dataset_description> on_describe(const describe_dataset& request);
  void on_want(const want_batches& request);
  /// A batch that is kept in the form that is wanted; null where there is none.
  const batch_ptr* find(const batch_key& key, bool needs_received);
  batch_cache_report on_get_report();
  caf::result<latest_batch> on_get_latest() const;

  void on_batch(const batch_key& key, const batch_ptr& got);
  void on_batch_failure(const batch_key& key, const caf::error& reason);
  void on_streamed(const batch_key& key, const batch_ptr& got);
  bool on_not_streamed(const batch_key& key);
  void on_requester_down(const caf::down_msg& msg);
  void on_upstreams_changed();
  void on_tick();

  /// Has the cache told when a requester is down. Returns its id.
  caf::actor_id watch(const caf::strong_actor_ptr& requester);
  /// Answers the taker when the batch has come.
  void wait_for(const batch_key& key, const batch_taker_actor& taker, deadline until);
  /// Has a batch fetched that a taker waits for.
  void start(const batch_key& key);
  void ask_pool(const batch_key& key);
  /// Whether a taker or the warming waits for the batch.
  bool is_wanted(const batch_key& key) const;
  /// When the batch that is wanted is due.
  deadline due(const batch_key& key) const;
  /// Gives up fetching a batch: no taker waits for it any more.
  void stop(const batch_key& key);
  /// Answers all takers that wait for the batch, and keeps it.
  void deliver(const batch_key& key, const batch_ptr& got);
  void keep(const batch_key& key, const batch_ptr& got);
  /// Has the batch there in each form that a first consumer may want, where it was read before consumers want it.
  void warm(const batch_key& key, const batch_ptr& got);
  void count_evicted(policy::lru_store<batch_key, batch_ptr, batch_key_hash>::eviction evicted);
  /// Counts a fetch that is over: one taker has missed, the others have joined.
  void count_fetched(std::size_t takers);
  /// Takes note of what a first batch shows. Returns false where it is to be asked for once more.
  bool learn_layout(const batch_key& key, const batch_ptr& got);
  /// What a batch has to fit; columns also before the first batch has come.
  batch_layout layout_of(const batch_key& key) const;
  /// Takes the first batch anew for the next pass, since the others were measured by it.
  void doubt_layout(const batch_key& key);
  /// Answers the takers of batches behind an end.
  void answer_behind(const known_ends::end& known);
  void on_news(const known_datasets::news& said);
  /// Drops a dataset's batches but those with fingerprints that upstreams have.
  void forget_batches(const known_datasets::news& said);

  clock::time_point now() const;

  batch_cache_actor::pointer self_;
  batch_cache_options options_;
  fetcher_pool_actor pool_;
  event_log_ptr log_;
  policy::lru_store<batch_key, batch_ptr, batch_key_hash> store_;
  /// Whether batches are kept as received also when they have become classic text. True once a session has asked.
  bool keeps_received_ = false;
  /// What texts take beside what was received.
  text_bytes_ptr text_bytes_ = std::make_shared<std::atomic<std::size_t>>(0);
  policy::waiting_list<batch_key, batch_taker_actor, batch_key_hash> waiting_;
  std::unordered_map<batch_key, call, batch_key_hash> calls_;
  stream_prefetch prefetch_;
  cache_warming warming_;
  expected_dataset expected_;
  known_datasets datasets_;
  known_layouts layouts_;
  known_ends ends_;
  /// Whether batches were kept of a dataset that was not described by then.
  bool keeps_undescribed_ = false;
  std::unordered_set<caf::actor_id> watched_;
  cache_metrics metrics_;
  /// The batch that came last, as it came. Its bytes stay for the preview when the batch itself has become text.
  batch_key latest_key_;
  std::shared_ptr<const received_batch> latest_;
  clock::time_point started_at_;
};

using batch_cache_impl = batch_cache_actor::stateful_impl<batch_cache_state>;

} // namespace dispatch
