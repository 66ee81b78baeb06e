#include "actors/frame_cache.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/every.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch {

namespace {

/// How often what takes too long is looked after.
constexpr std::chrono::milliseconds tick_interval{250};

/// A frame source answers with a `failure`, also where the pool is gone and CAF says so.
caf::error as_answer(const caf::error& reason) {
  return make_error(to_failure(reason));
}

} // namespace

frame_cache_state::frame_cache_state(frame_cache_actor::pointer self, frame_cache_options options,
                                     fetcher_pool_actor pool, event_log_ptr log)
  : self_(self),
    options_(options),
    pool_(std::move(pool)),
    log_(std::move(log)),
    store_(options.capacity_bytes),
    feed_(
      self, options.feed, pool_, log_, [this](const batch_key& key, const batch_ptr& got) { on_streamed(key, got); },
      [this](const batch_key& key) { return on_not_streamed(key); }),
    layouts_(log_),
    metrics_(self->system().metrics()),
    started_at_(now()) {}

frame_cache_actor::behavior_type frame_cache_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_requester_down(msg); });
  every(self_, tick_interval, [this] { on_tick(); });
  return {
    [this](const describe_dataset& request) { return on_describe(request); },
    [this](const want_batches& request) { on_want(request); },
    [this](get_frame_cache_report) { return on_get_report(); },
    [this](get_latest_batch) { return on_get_latest(); },
  };
}

// -- descriptions -----------------------------------------------------------------------------------------------------

caf::result<dataset_description> frame_cache_state::on_describe(const describe_dataset& request) {
  auto& record = datasets_[request.dataset];
  // Before the promise is made, which takes the sender away.
  const auto requester = self_->current_sender();
  watch(requester);
  auto promise = self_->make_response_promise<dataset_description>();
  const auto due = record.known ? std::min(request.until, now() + options_.description_timeout) : request.until;
  description_waiters_.join(request.dataset, requester != nullptr ? requester->id() : 0, due, promise);
  if (record.is_asked)
    // What it waits for may be an upstream that is there again.
    self_->send(pool_, hasten_restarts{});
  else
    ask_for_description(request.dataset, record);
  return promise;
}

void frame_cache_state::ask_for_description(const std::string& dataset, dataset_record& record) {
  record.is_asked = true;
  // Where something is known, no request waits for the pool until its deadline.
  const auto until = record.known ? no_deadline : description_waiters_.first_due(dataset);
  self_->request(pool_, caf::infinite, describe_dataset{dataset, until})
    .then([this, dataset](const described_dataset& said) { on_description(dataset, said); },
          [this, dataset](const caf::error& reason) { on_no_description(dataset, reason); });
}

void frame_cache_state::on_description(const std::string& dataset, const described_dataset& said) {
  auto& record = datasets_[dataset];
  const auto is_other = record.known && *record.known != said.description;
  if (is_other)
    log_->write(severity::warning, "dataset_changed",
                {{"dataset", dataset},
                 {"samples_before", record.known->total_samples},
                 {"samples", said.description.total_samples}});
  if (is_other || record.fingerprints != said.fingerprints || std::exchange(keeps_undescribed_, false))
    forget_batches(dataset, said.fingerprints, is_other);
  record.known = said.description;
  record.fingerprints = said.fingerprints;
  record.is_asked = false;
  answer(dataset, record, no_deadline);
}

void frame_cache_state::on_no_description(const std::string& dataset, const caf::error& reason) {
  auto& record = datasets_[dataset];
  record.is_asked = false;
  const auto answer = as_answer(reason);
  for (auto& waiter :
       description_waiters_.take_due(dataset, due_after(reason, description_waiters_.first_due(dataset))))
    waiter.deliver(answer);
  if (description_waiters_.anyone_for(dataset))
    ask_for_description(dataset, record);
}

void frame_cache_state::answer(const std::string& dataset, const dataset_record& record, clock::time_point now) {
  for (auto& waiter : description_waiters_.take_due(dataset, now))
    waiter.deliver(*record.known);
}

void frame_cache_state::forget_batches(const std::string& dataset, const std::vector<fingerprint>& kept,
                                       bool is_other) {
  const auto is_outdated = [&](const batch_key& key) {
    return key.dataset == dataset && std::find(kept.begin(), kept.end(), key.fingerprint) == kept.end();
  };
  // A pass that began before anything was described goes on with what is under way.
  const auto is_at_end = [&](const batch_key& key) {
    return is_outdated(key) && (is_other || key.fingerprint.is_known());
  };
  store_.erase_if(is_outdated);
  layouts_.forget(dataset);
  // Before the feed gives back what was left to its stream: those calls are made anew.
  for (auto& [key, call] : calls_)
    call.outdated = call.outdated || is_at_end(key);
  feed_.end_if(is_at_end);
}

// -- batches ----------------------------------------------------------------------------------------------------------

void frame_cache_state::on_want(const want_batches& request) {
  batches_arrived at_hand;
  auto key = request.first;
  for (const auto end = std::int64_t{key.index} + request.count; std::int64_t{key.index} < end; ++key.index) {
    if (const auto* found = store_.find(key))
      at_hand.batches.push_back(*found);
    else
      wait_for(key, request.taker, request.until);
  }
  if (at_hand.batches.empty())
    return;
  metrics_.hits->inc(static_cast<std::int64_t>(at_hand.batches.size()));
  self_->send(request.taker, std::move(at_hand));
}

void frame_cache_state::wait_for(const batch_key& key, const batch_taker_actor& taker, deadline until) {
  watch(caf::actor_cast<caf::strong_actor_ptr>(taker));
  const auto is_first = waiting_.join(key, taker.id(), until, taker);
  (is_first ? metrics_.misses : metrics_.joins)->inc();
  if (is_first)
    start(key);
}

void frame_cache_state::start(const batch_key& key) {
  const auto is_called = calls_.count(key) > 0;
  if (!is_called && !feed_.take(key))
    ask_pool(key);
}

void frame_cache_state::on_streamed(const batch_key& key, const batch_ptr& got) {
  // A call for it is tried again elsewhere, and says in the end what is wrong.
  if (layouts_.of(key).misfit(key.index, got->data_bytes())) {
    on_not_streamed(key);
    return;
  }
  metrics_.streamed->inc();
  deliver(key, got);
}

bool frame_cache_state::on_not_streamed(const batch_key& key) {
  const auto is_wanted = waiting_.anyone_for(key);
  if (is_wanted)
    ask_pool(key);
  return is_wanted;
}

void frame_cache_state::ask_pool(const batch_key& key) {
  if (!calls_.emplace(key, call{}).second)
    return;
  self_->request(pool_, caf::infinite, fetch_batch{key, waiting_.first_due(key), layouts_.of(key)})
    .then([this, key](const batch_ptr& got) { on_batch(key, got); },
          [this, key](const caf::error& reason) { on_batch_failure(key, reason); });
}

void frame_cache_state::on_batch(const batch_key& key, const batch_ptr& got) {
  const auto ended = calls_.extract(key);
  feed_.call_ended(key, !ended.mapped().outdated);
  if (ended.mapped().outdated) {
    if (waiting_.anyone_for(key))
      ask_pool(key);
    return;
  }
  deliver(key, got);
}

void frame_cache_state::deliver(const batch_key& key, const batch_ptr& got) {
  if (!learn_layout(key, got))
    return ask_pool(key);
  keep(key, got);
  for (const auto& taker : waiting_.take(key))
    self_->send(taker, batches_arrived{{got}});
}

void frame_cache_state::keep(const batch_key& key, const batch_ptr& got) {
  latest_key_ = key;
  latest_ = got->received();
  keeps_undescribed_ = keeps_undescribed_ || !key.fingerprint.is_known();
  const auto evicted = store_.insert(key, got, got->footprint());
  if (evicted.values == 0)
    return;
  metrics_.evictions->inc(static_cast<std::int64_t>(evicted.values));
  metrics_.evicted_bytes->inc(static_cast<std::int64_t>(evicted.bytes));
}

bool frame_cache_state::learn_layout(const batch_key& key, const batch_ptr& got) {
  if (key.index != 0 || got->data_bytes() == 0)
    return true;
  const auto& known = datasets_[key.dataset].known;
  const auto description = known.value_or(dataset_description{});
  return key.fingerprint != fingerprint_of(description) || layouts_.learn(key, description, got->data_bytes());
}

void frame_cache_state::on_batch_failure(const batch_key& key, const caf::error& reason) {
  const auto ended = calls_.extract(key);
  feed_.call_ended(key, false);
  if (!waiting_.anyone_for(key))
    return;
  const auto code = to_failure(reason).code;
  const auto was_withdrawn = code == status_code::cancelled && ended.mapped().withdrawn;
  if (!was_withdrawn && !ended.mapped().outdated) {
    for (const auto& taker : waiting_.take_due(key, due_after(reason, waiting_.first_due(key))))
      self_->send(taker, batch_failed{key.index, to_failure(reason)});
    doubt_layout(key);
  }
  if (waiting_.anyone_for(key))
    ask_pool(key);
}

void frame_cache_state::doubt_layout(const batch_key& key) {
  if (!layouts_.doubt(key))
    return;
  auto first = key;
  first.index = 0;
  store_.erase_if([&first](const batch_key& candidate) { return candidate == first; });
}

frame_cache_state::clock::time_point frame_cache_state::due_after(const caf::error& reason,
                                                                  clock::time_point first_due) const {
  // The pool has ended a wait at the deadline of the first request. Those that joined later may wait on.
  const auto is_end_of_wait =
    is_failure(reason) && to_failure(reason).code == status_code::unavailable && first_due != no_deadline;
  return is_end_of_wait ? now() : no_deadline;
}

// -- requesters -------------------------------------------------------------------------------------------------------

void frame_cache_state::watch(const caf::strong_actor_ptr& requester) {
  if (requester != nullptr && watched_.insert(requester->id()).second)
    self_->monitor(caf::actor_cast<caf::actor>(requester));
}

void frame_cache_state::on_requester_down(const caf::down_msg& msg) {
  watched_.erase(msg.source.id());
  description_waiters_.leave(msg.source.id());
  for (const auto& key : waiting_.leave(msg.source.id())) {
    const auto call = calls_.find(key);
    if (call == calls_.end()) {
      feed_.drop(key);
    } else {
      call->second.withdrawn = true;
      self_->send(pool_, withdraw_fetch{key});
    }
  }
}

// -- everything around it ---------------------------------------------------------------------------------------------

void frame_cache_state::on_tick() {
  feed_.on_tick();
  for (auto& [dataset, record] : datasets_)
    if (record.known)
      answer(dataset, record, now());
}

frame_cache_report frame_cache_state::on_get_report() {
  frame_cache_report result;
  result.actor = row_of(self_, name, "serving", started_at_);
  result.stream = feed_.stream();
  auto& cache = result.cache;
  cache.up = true;
  cache.frames = store_.size();
  cache.bytes = store_.bytes();
  cache.capacity_bytes = options_.capacity_bytes;
  cache.hits = count_of(metrics_.hits);
  cache.joins = count_of(metrics_.joins);
  cache.misses = count_of(metrics_.misses);
  cache.streamed = count_of(metrics_.streamed);
  cache.evictions = count_of(metrics_.evictions);
  cache.evicted_bytes = count_of(metrics_.evicted_bytes);
  return result;
}

caf::result<latest_batch> frame_cache_state::on_get_latest() const {
  if (latest_ == nullptr)
    return make_error(failure{status_code::not_found, "no batch has come yet"});
  latest_batch result{latest_, latest_key_.batch_size, {}};
  const auto record = datasets_.find(latest_key_.dataset);
  if (record != datasets_.end() && record->second.known)
    result.description = *record->second.known;
  result.description.dataset = latest_key_.dataset;
  return result;
}

frame_cache_state::clock::time_point frame_cache_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
