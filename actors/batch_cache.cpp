#include "actors/batch_cache.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/end_of_wait.hpp"
#include "actors/every.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch {

namespace {

/// How often what takes too long is looked after.
constexpr std::chrono::milliseconds tick_interval{250};

cache_warming::options warming_of(const batch_cache_options& options) {
  const auto is_on = options.is_warmed && options.capacity_bytes > 0;
  return {is_on ? options.dataset : std::string{}, options.batch_size, options.capacity_bytes};
}

} // namespace

batch_cache_state::batch_cache_state(batch_cache_actor::pointer self, batch_cache_options options,
                                     fetcher_pool_actor pool, event_log_ptr log)
  : self_(self),
    options_(options),
    pool_(std::move(pool)),
    log_(std::move(log)),
    store_(options.capacity_bytes),
    prefetch_(
      self, options.prefetch, pool_, log_,
      [this](const batch_key& key, const batch_ptr& got) { on_streamed(key, got); },
      [this](const batch_key& key) { return on_not_streamed(key); }),
    warming_(warming_of(options),
             {[this](const batch_key& key) { return store_.find(key) != nullptr; },
              [this](const batch_key& key) { start(key); },
              [this](const batch_key& key) {
                if (!waiting_.anyone_for(key))
                  stop(key);
              },
              [this] { return now(); }},
             log_),
    expected_(self, {options.dataset, options.upstreams, options.is_warmed, options.ran}, pool_, log_,
              [this](const described_dataset& said) { datasets_.learn(options_.dataset, said); }),
    datasets_(
      self, {options.description_timeout, options.ran}, pool_, log_,
      [this](const known_datasets::news& said) { on_news(said); },
      [this](const std::string& dataset, const failure& reason) { expected_.not_described(dataset, reason); }),
    layouts_(log_),
    ends_(
      options.capacity_bytes > 0, datasets_, layouts_, [this](const batch_key& key) { return store_.find(key); },
      [this](const known_ends::end& known) { answer_behind(known); }),
    metrics_(self->system().metrics()),
    started_at_(now()) {}

batch_cache_actor::behavior_type batch_cache_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_requester_down(msg); });
  every(self_, tick_interval, [this] { on_tick(); });
  self_->send(pool_, watch_upstreams{upstream_watcher_actor{self_}});
  return {
    [this](const describe_dataset& request) { return on_describe(request); },
    [this](const want_batches& request) { on_want(request); },
    [this](get_batch_cache_report) { return on_get_report(); },
    [this](get_latest_batch) { return on_get_latest(); },
    [this](upstreams_changed) { on_upstreams_changed(); },
    [this](upstreams_away) { datasets_.give_known(); },
  };
}

caf::result<dataset_description> batch_cache_state::on_describe(const describe_dataset& request) {
  warming_.yield();
  return datasets_.describe(request, watch(self_->current_sender()));
}

// -- what becomes outdated --------------------------------------------------------------------------------------------

void batch_cache_state::on_upstreams_changed() {
  ends_.forget();
  warming_.connected();
  expected_.connected();
}

void batch_cache_state::on_news(const known_datasets::news& said) {
  expected_.given(said.dataset);
  if (said.has_changed || std::exchange(keeps_undescribed_, false))
    forget_batches(said);
  warming_.described(said.description, said.has_changed);
}

void batch_cache_state::forget_batches(const known_datasets::news& said) {
  const auto& kept = said.fingerprints;
  const auto is_outdated = [&](const batch_key& key) {
    return key.dataset == said.dataset && std::find(kept.begin(), kept.end(), key.fingerprint) == kept.end();
  };
  // A pass that began before anything was described goes on with what is under way.
  const auto is_at_end = [&](const batch_key& key) {
    return is_outdated(key) && (said.is_other || key.fingerprint.is_known());
  };
  store_.erase_if(is_outdated);
  layouts_.forget(said.dataset);
  ends_.forget(said.dataset);
  // Before the prefetch gives back what was left to its stream: those calls are made anew.
  for (auto& [key, call] : calls_)
    call.outdated = call.outdated || is_at_end(key);
  prefetch_.end_if(is_at_end);
}

// -- batches ----------------------------------------------------------------------------------------------------------

void batch_cache_state::on_want(const want_batches& request) {
  keeps_received_ = keeps_received_ || request.needs_received;
  warming_.yield();
  batches_arrived at_hand;
  auto key = request.first;
  const auto behind = std::int64_t{key.index} + request.count;
  const auto* none_from = ends_.find(key);
  for (const auto end = none_from != nullptr ? std::min<std::int64_t>(behind, none_from->index) : behind;
       std::int64_t{key.index} < end; ++key.index) {
    if (const auto* found = find(key, request.needs_received))
      at_hand.batches.push_back(*found);
    else
      wait_for(key, request.taker, request.until);
  }
  if (!at_hand.batches.empty()) {
    metrics_.hits->inc(static_cast<std::int64_t>(at_hand.batches.size()));
    self_->send(request.taker, std::move(at_hand));
  }
  for (; std::int64_t{key.index} < behind; ++key.index)
    self_->send(request.taker, batch_failed{key.index, none_from->reason});
}

const batch_ptr* batch_cache_state::find(const batch_key& key, bool needs_received) {
  const auto* found = store_.find(key);
  return found != nullptr && needs_received && !(*found)->keep_received(text_bytes_) ? nullptr : found;
}

void batch_cache_state::wait_for(const batch_key& key, const batch_taker_actor& taker, deadline until) {
  if (waiting_.join(key, watch(caf::actor_cast<caf::strong_actor_ptr>(taker)), until, taker))
    start(key);
}

void batch_cache_state::start(const batch_key& key) {
  const auto is_called = calls_.count(key) > 0;
  // What no consumer waits for is asked of an upstream once, and not so that something is learnt.
  if (!is_called && !prefetch_.take(key, waiting_.anyone_for(key)))
    ask_pool(key);
}

void batch_cache_state::on_streamed(const batch_key& key, const batch_ptr& got) {
  // A call for it is tried again elsewhere, and says in the end what is wrong.
  if (layout_of(key).misfit(*got)) {
    on_not_streamed(key);
    return;
  }
  metrics_.streamed->inc();
  deliver(key, got);
}

bool batch_cache_state::on_not_streamed(const batch_key& key) {
  const auto wanted = is_wanted(key);
  if (wanted)
    ask_pool(key);
  return wanted;
}

bool batch_cache_state::is_wanted(const batch_key& key) const {
  return waiting_.anyone_for(key) || warming_.wants(key);
}

deadline batch_cache_state::due(const batch_key& key) const {
  if (waiting_.anyone_for(key) || options_.give_up_after.count() == 0)
    return waiting_.first_due(key);
  return now() + options_.give_up_after;
}

void batch_cache_state::ask_pool(const batch_key& key) {
  if (!calls_.emplace(key, call{}).second)
    return;
  self_->request(pool_, caf::infinite, fetch_batch{key, due(key), layout_of(key)})
    .then([this, key](const batch_ptr& got) { on_batch(key, got); },
          [this, key](const caf::error& reason) { on_batch_failure(key, reason); });
}

void batch_cache_state::on_batch(const batch_key& key, const batch_ptr& got) {
  const auto ended = calls_.extract(key);
  prefetch_.call_ended(key, !ended.mapped().outdated);
  if (ended.mapped().outdated) {
    if (is_wanted(key))
      ask_pool(key);
    return;
  }
  deliver(key, got);
}

void batch_cache_state::deliver(const batch_key& key, const batch_ptr& got) {
  if (!learn_layout(key, got))
    return ask_pool(key);
  if (keeps_received_ || (options_.has_sessions && warming_.wants(key)))
    got->keep_received(text_bytes_);
  keep(key, got);
  const auto takers = waiting_.take(key);
  for (const auto& taker : takers)
    self_->send(taker, batches_arrived{{got}});
  if (!known_ends::is_no_batch(*got))
    count_fetched(takers.size());
  expected_.given(key.dataset);
  ends_.given(key, *got);
  warm(key, got);
}

void batch_cache_state::warm(const batch_key& key, const batch_ptr& got) {
  if (!warming_.wants(key))
    return;
  const auto text = got->classic_text().size();
  warming_.given(key, got->footprint() + (options_.has_sessions ? text : 0), layout_of(key).batches().value_or(0));
}

void batch_cache_state::count_fetched(std::size_t takers) {
  if (takers == 0)
    return;
  metrics_.misses->inc();
  if (takers > 1)
    metrics_.joins->inc(static_cast<std::int64_t>(takers - 1));
}

void batch_cache_state::keep(const batch_key& key, const batch_ptr& got) {
  latest_key_ = key;
  latest_ = got->received();
  keeps_undescribed_ = keeps_undescribed_ || !key.fingerprint.is_known();
  count_evicted(store_.insert(key, got, got->footprint()));
}

void batch_cache_state::count_evicted(policy::lru_store<batch_key, batch_ptr, batch_key_hash>::eviction evicted) {
  if (evicted.values == 0)
    return;
  metrics_.evictions->inc(static_cast<std::int64_t>(evicted.values));
  metrics_.evicted_bytes->inc(static_cast<std::int64_t>(evicted.bytes));
}

bool batch_cache_state::learn_layout(const batch_key& key, const batch_ptr& got) {
  if (key.index != 0 || got->is_empty())
    return true;
  const auto description = datasets_.description_of(key.dataset);
  return key.fingerprint != fingerprint_of(description) || layouts_.learn(key, description, got->data_bytes());
}

batch_layout batch_cache_state::layout_of(const batch_key& key) const {
  if (const auto* known = layouts_.find(key))
    return *known;
  const auto description = datasets_.description_of(key.dataset);
  return key.fingerprint == fingerprint_of(description) ? batch_layout{description, key.batch_size} : batch_layout{};
}

void batch_cache_state::on_batch_failure(const batch_key& key, const caf::error& reason) {
  const auto ended = calls_.extract(key);
  prefetch_.call_ended(key, false);
  if (!is_wanted(key))
    return;
  const auto what = to_failure(reason);
  const auto was_withdrawn = what.code == status_code::cancelled && ended.mapped().withdrawn;
  if (!was_withdrawn && !ended.mapped().outdated) {
    const auto takers = waiting_.take_due(key, due_after(reason, waiting_.first_due(key), now()));
    for (const auto& taker : takers)
      self_->send(taker, batch_failed{key.index, what});
    const auto is_no_batch = what.code == status_code::out_of_range;
    if (!is_no_batch)
      count_fetched(takers.size());
    if (!is_no_batch || !ends_.refused(key, what))
      doubt_layout(key);
    warming_.failed(key, what);
  }
  if (is_wanted(key))
    ask_pool(key);
}

void batch_cache_state::doubt_layout(const batch_key& key) {
  if (!layouts_.doubt(key))
    return;
  auto first = key;
  first.index = 0;
  store_.erase_if([&first](const batch_key& candidate) { return candidate == first; });
}

void batch_cache_state::answer_behind(const known_ends::end& known) {
  for (const auto& key : waiting_.keys_if([this](const batch_key& wanted) { return ends_.is_behind(wanted); })) {
    for (const auto& taker : waiting_.take(key))
      self_->send(taker, batch_failed{key.index, known.reason});
    stop(key);
  }
}

// -- requesters -------------------------------------------------------------------------------------------------------

caf::actor_id batch_cache_state::watch(const caf::strong_actor_ptr& requester) {
  if (requester == nullptr)
    return 0;
  if (watched_.insert(requester->id()).second)
    self_->monitor(caf::actor_cast<caf::actor>(requester));
  return requester->id();
}

void batch_cache_state::on_requester_down(const caf::down_msg& msg) {
  watched_.erase(msg.source.id());
  datasets_.leave(msg.source.id());
  for (const auto& key : waiting_.leave(msg.source.id()))
    stop(key);
}

void batch_cache_state::stop(const batch_key& key) {
  const auto call = calls_.find(key);
  if (call == calls_.end()) {
    prefetch_.drop(key);
  } else {
    call->second.withdrawn = true;
    self_->send(pool_, withdraw_fetch{key});
  }
}

// -- everything around it ---------------------------------------------------------------------------------------------

void batch_cache_state::on_tick() {
  count_evicted(store_.reserve(*text_bytes_));
  prefetch_.on_tick();
  warming_.on_tick();
  datasets_.on_tick();
  expected_.on_tick();
}

batch_cache_report batch_cache_state::on_get_report() {
  batch_cache_report result;
  result.actor = row_of(self_, name, "serving", started_at_);
  result.stream = prefetch_.stream();
  auto& cache = result.cache;
  cache.up = true;
  cache.batches = store_.size();
  cache.bytes = store_.bytes() + *text_bytes_;
  cache.capacity_bytes = options_.capacity_bytes;
  cache.hits = count_of(metrics_.hits);
  cache.joins = count_of(metrics_.joins);
  cache.misses = count_of(metrics_.misses);
  cache.streamed = count_of(metrics_.streamed);
  cache.evictions = count_of(metrics_.evictions);
  cache.evicted_bytes = count_of(metrics_.evicted_bytes);
  cache.unknown_dataset = expected_.trouble();
  return result;
}

caf::result<latest_batch> batch_cache_state::on_get_latest() const {
  if (latest_ == nullptr)
    return make_error(failure{status_code::not_found, "no batch has come yet"});
  return latest_batch{latest_, latest_key_.batch_size, datasets_.description_of(latest_key_.dataset)};
}

batch_cache_state::clock::time_point batch_cache_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
