#include "actors/stream_prefetch.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace dispatch {

namespace {

/// How far ahead of the stream and of what was wanted of it a batch may be that is left to it: further than clients
/// that move together are apart.
constexpr std::int32_t reach = 128;

} // namespace

stream_prefetch::stream_prefetch(batch_cache_actor::pointer self, stream_prefetch_options options,
                                 fetcher_pool_actor pool, event_log_ptr log,
                                 std::function<void(const batch_key&, const batch_ptr&)> deliver,
                                 std::function<bool(const batch_key&)> give_back)
  : self_(self),
    options_(options),
    pool_(std::move(pool)),
    log_(std::move(log)),
    deliver_(std::move(deliver)),
    give_back_(std::move(give_back)),
    choice_(options.choice),
    plan_(reach),
    stall_(options.stall_timeout, options.call_timeout) {}

stream_prefetch::~stream_prefetch() {
  if (stream_ != nullptr)
    caf::anon_send_exit(stream_, caf::exit_reason::user_shutdown);
}

bool stream_prefetch::take(const batch_key& key, bool may_try) {
  may_try_ = may_try;
  const auto may_begin = key.index == 0 && (!is_open() || plan_.idle()) && choice_.begin_stream(now());
  if (choice_.prefers_calls())
    return false;
  if (!is_of_stream(key) || !plan_.covers(key.index)) {
    if (!may_begin)
      return false;
    open(key);
  }
  plan_.want(key.index, now());
  follow_choice();
  return true;
}

void stream_prefetch::drop(const batch_key& key) {
  if (is_of_stream(key))
    plan_.unwant(key.index);
}

bool stream_prefetch::is_of_stream(const batch_key& key) const {
  return key.batch_size == family_.batch_size && key.fingerprint == family_.fingerprint
         && key.dataset == family_.dataset;
}

void stream_prefetch::open(const batch_key& first) {
  close();
  family_ = first;
  plan_.begin(now());
  stall_.begin();
  self_->request(pool_, caf::infinite, open_stream{first.dataset, first.batch_size, first.fingerprint})
    .then([this, incarnation = incarnation_](const stream_opened& opened) { on_opened(incarnation, opened); },
          [this, incarnation = incarnation_](const caf::error& reason) { on_lost(incarnation, reason); });
}

void stream_prefetch::on_opened(std::uint64_t incarnation, const stream_opened& opened) {
  if (incarnation != incarnation_) {
    self_->send_exit(opened.stream, caf::exit_reason::user_shutdown);
    return;
  }
  stream_ = opened.stream;
  follow_choice();
}

void stream_prefetch::read() {
  if (stream_ == nullptr)
    return;
  for (auto reads = plan_.start_reads(); reads > 0; --reads)
    self_->request(stream_, caf::infinite, next_batch{})
      .then([this, incarnation = incarnation_](const batch_ptr& next) { on_batch(incarnation, next); },
            [this, incarnation = incarnation_](const caf::error& reason) { on_lost(incarnation, reason); });
}

void stream_prefetch::on_batch(std::uint64_t incarnation, const batch_ptr& next) {
  if (incarnation != incarnation_)
    return;
  const auto since = plan_.arrived(now());
  if (since) {
    choice_.stream_brought(*since, now());
    stall_.note(now() - *since);
  }
  read();
  auto key = family_;
  key.index = next->index();
  if (next->is_empty())
    give_back_(key);
  else
    deliver_(key, next);
  follow_choice();
  if (incarnation == incarnation_ && next->marked_last())
    close();
  watch_wait();
}

void stream_prefetch::on_lost(std::uint64_t incarnation, const caf::error& reason) {
  if (incarnation != incarnation_)
    return;
  const auto what = to_failure(reason);
  // An upstream that has no streams, or no room for one beside its calls, is called. That is no failure.
  const auto is_none = what.code == status_code::unimplemented || what.code == status_code::resource_exhausted;
  if (is_none)
    choice_.no_streams(now());
  if (what.code != status_code::out_of_range)
    log_->write(is_none ? severity::info : severity::warning, "stream_lost",
                {{"dataset", family_.dataset}, {"code", to_string(what.code)}, {"message", what.message}});
  // Before the pool is asked for what the stream has not brought.
  const auto is_silent = what.code == status_code::unavailable || what.code == status_code::deadline_exceeded;
  if (is_silent && stream_ != nullptr)
    self_->send(pool_, stream_broke{stream_});
  close();
}

void stream_prefetch::call_ended(const batch_key& key, bool has_brought) {
  if (!is_of_stream(key) || lent_.erase(key.index) == 0)
    return;
  choice_.call_ended(has_brought, now());
  follow_choice();
  watch_wait();
}

void stream_prefetch::follow_choice() {
  if (!is_open())
    return;
  log_decision();
  if (choice_.prefers_calls())
    return close();
  lend();
  read();
}

void stream_prefetch::log_decision() {
  if (choice_.has_decided())
    log_->write(severity::info, "fetch_mode_chosen",
                {{"mode", choice_.prefers_calls() ? "get" : "stream"},
                 {"stream_batches_per_second", choice_.alone()},
                 {"get_batches_per_second", choice_.beside()}});
}

void stream_prefetch::lend() {
  const auto wanted = may_try_ ? choice_.calls_wanted(now()) : 0;
  const auto released = wanted > 0 ? plan_.release_first(wanted) : std::vector<std::int32_t>{};
  if (released.empty())
    return;
  choice_.calls_began(released.size(), now());
  lent_.insert(released.begin(), released.end());
  give_back(family_, released);
}

void stream_prefetch::watch_wait() {
  const auto until = choice_.longest_wait(plan_.progress_at());
  if (!is_open() || !until)
    return;
  self_->run_delayed(std::max(*until - now(), clock::duration::zero()), [this, incarnation = incarnation_] {
    if (incarnation != incarnation_ || plan_.idle())
      return;
    choice_.stream_waited(plan_.progress_at(), now());
    follow_choice();
  });
}

void stream_prefetch::give_back(const batch_key& family, const std::vector<std::int32_t>& indices) {
  auto key = family;
  for (const auto index : indices) {
    key.index = index;
    give_back_(key);
  }
}

void stream_prefetch::close() {
  if (!is_open())
    return;
  ++incarnation_;
  choice_.stream_ended();
  lent_.clear();
  if (stream_ != nullptr)
    self_->send_exit(std::exchange(stream_, nullptr), caf::exit_reason::user_shutdown);
  give_back(std::exchange(family_, batch_key{}), plan_.end());
}

void stream_prefetch::end_if(const std::function<bool(const batch_key&)>& is_outdated) {
  if (is_open() && is_outdated(family_))
    close();
}

void stream_prefetch::on_tick() {
  if (!is_open())
    return;
  const auto rested = now() - plan_.progress_at();
  if (plan_.idle() && !plan_.reading() && rested >= options_.idle_timeout) {
    close();
  } else if ((plan_.reading() || !plan_.idle()) && rested >= stall_.allowed()) {
    on_lost(incarnation_, make_error(failure{status_code::deadline_exceeded, "the stream brings nothing"}));
  }
}

stream_prefetch::clock::time_point stream_prefetch::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
