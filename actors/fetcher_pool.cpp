#include "actors/fetcher_pool.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/every.hpp"

namespace dispatch {

namespace {

/// How often stragglers are looked for.
constexpr std::chrono::milliseconds straggler_interval{50};

outage_report report_of(const policy::outage& each, std::chrono::steady_clock::time_point now) {
  outage_report result;
  result.upstream = each.upstream;
  result.began_at = each.began_at;
  result.length = each.length(now);
  if (each.ended)
    result.ended_at = each.began_at + result.length;
  result.attempts = each.attempts;
  result.clients_held_up = each.clients_held_up;
  result.reason = each.reason;
  return result;
}

} // namespace

fetcher_pool_state::fetcher_pool_state(fetcher_pool_actor::pointer self, pool_options options,
                                       batch_source_factory sources, event_log_ptr log)
  : self_(self),
    core_(self, std::move(options), std::move(sources), std::move(log)),
    refusals_(core_),
    requests_(core_, refusals_),
    connections_(core_),
    slots_(core_, connections_, [this](policy::upstream_id upstream) { on_ready(upstream); }),
    descriptions_(core_, slots_),
    streams_(core_, slots_),
    calls_(core_, requests_, slots_, connections_, descriptions_, streams_, refusals_),
    dataset_probes_(core_, slots_, [this] { calls_.assign(); }),
    names_(core_, {[this](const auto& address, const auto& name) { return on_address_added(address, name); },
                   [this](policy::upstream_id upstream) { on_address_removed(upstream); }}),
    started_at_(core_.now()) {}

fetcher_pool_actor::behavior_type fetcher_pool_state::make_behavior() {
  self_->set_down_handler([this](caf::down_msg& msg) { on_down(msg); });
  for (policy::upstream_id upstream = 0; upstream < core_.upstreams.size(); ++upstream)
    slots_.open(upstream);
  names_.on_tick();
  every(self_, pool::tick_interval, [this] { on_tick(); });
  every(self_, straggler_interval, [this] { calls_.find_stragglers(); });
  return {
    [this](describe_dataset& request) { return on_describe(request); },
    [this](fetch_batch& request) { return on_fetch(request); },
    [this](const withdraw_fetch& request) { requests_.withdraw(request.key); },
    [this](const open_stream& request) { return streams_.open(request); },
    [this](const stream_broke& which) { on_stream_broke(which); },
    [this](hasten_restarts) { look_again(); },
    [this](const watch_upstreams& request) { on_watch(request); },
    [this](get_pool_report) { return on_get_report(); },
  };
}

caf::result<described_dataset> fetcher_pool_state::on_describe(describe_dataset& request) {
  if (auto known = descriptions_.known_of_slow(request.dataset))
    return std::move(*known);
  if (descriptions_.waits_for_slow(request.dataset))
    return make_error(pool::too_slow(request.dataset));
  look_again();
  auto answer = requests_.add(request);
  calls_.assign();
  return answer;
}

caf::result<batch_ptr> fetcher_pool_state::on_fetch(fetch_batch& request) {
  auto answer = requests_.add(request);
  calls_.assign();
  return answer;
}

void fetcher_pool_state::on_stream_broke(const stream_broke& which) {
  if (const auto of = streams_.find(which.stream.address()))
    slots_.renew_quiet(of->upstream);
}

void fetcher_pool_state::on_watch(const watch_upstreams& request) {
  watcher_ = request.watcher;
  if (core_.any_up())
    note_changed();
}

void fetcher_pool_state::look_again() {
  slots_.hasten();
  // Those that are connected and do not answer are known to be away.
  if (!core_.any_up() && slots_.is_any_ready())
    note_away();
}

void fetcher_pool_state::note_away() {
  if (watcher_ != nullptr)
    self_->send(watcher_, upstreams_away{});
}

void fetcher_pool_state::note_changed() {
  if (watcher_ != nullptr)
    self_->send(watcher_, upstreams_changed{});
}

void fetcher_pool_state::on_ready(policy::upstream_id upstream) {
  descriptions_.connected_anew(upstream);
  calls_.assign();
  note_changed();
}

policy::upstream_id fetcher_pool_state::on_address_added(const std::string& address, const std::string& name) {
  const auto upstream = core_.add_upstream(address, name);
  descriptions_.forget(upstream);
  refusals_.forget_upstream(upstream);
  slots_.open(upstream);
  core_.log->write(severity::info, "upstream_added", {{"upstream", address}});
  return upstream;
}

void fetcher_pool_state::on_address_removed(policy::upstream_id upstream) {
  auto& removed = core_.upstreams[upstream];
  slots_.close(upstream);
  core_.scheduler.retire_upstream(upstream);
  removed.retire(core_.now());
  core_.log->write(severity::info, "upstream_removed", {{"upstream", removed.address()}});
  calls_.assign();
  note_changed();
}

void fetcher_pool_state::on_down(const caf::down_msg& msg) {
  if (const auto gone = slots_.on_down(msg)) {
    names_.note_trouble(gone->upstream);
    calls_.on_departure(*gone);
    if (!core_.any_up() && !slots_.is_any_starting())
      note_away();
  } else if (const auto of = streams_.take(msg.source)) {
    calls_.on_stream_end(*of, msg.reason);
  }
}

void fetcher_pool_state::on_tick() {
  calls_.on_tick();
  dataset_probes_.on_tick();
  connections_.on_tick();
  slots_.on_tick();
  names_.on_tick();
  core_.outages.note_held_up(static_cast<std::uint64_t>(std::max<std::int64_t>(core_.held_up->value(), 0)));
  for (policy::upstream_id id = 0; id < core_.upstreams.size(); ++id) {
    auto& upstream = core_.upstreams[id];
    if (upstream.is_retired())
      continue;
    upstream.on_tick(core_.options.fetcher.call_timeout / 2, core_.now());
    upstream.log_limit(core_.scheduler.upstream(id), core_.now());
  }
}

pool_report fetcher_pool_state::on_get_report() const {
  pool_report result;
  result.actor = row_of(self_, name, "serving", started_at_);
  result.queued = core_.scheduler.queued();
  for (policy::upstream_id id = 0; id < core_.upstreams.size(); ++id) {
    if (core_.upstreams[id].is_retired())
      continue;
    result.upstreams.push_back(core_.upstreams[id].report(core_.scheduler.upstream(id), core_.now()));
    slots_.report(id, result.upstreams.back(), result.fetchers);
  }
  names_.report(result.upstreams);
  for (const auto& each : core_.outages.all())
    result.outages.push_back(report_of(each, core_.now()));
  return result;
}

} // namespace dispatch
