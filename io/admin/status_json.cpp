#include "io/admin/status_json.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "io/admin/health.hpp"

namespace dispatch::admin {

namespace {

constexpr int schema = 1;

json seconds_or_null(const std::optional<caf::timespan>& x) {
  return x ? json(seconds_of(*x)) : json();
}

json actor_json(const actor_report& x) {
  return {{"id", x.id},
          {"parent", x.parent == 0 ? json() : json(x.parent)},
          {"name", x.name},
          {"label", text_or_null(x.label)},
          {"state", x.state},
          {"mailbox", or_null(x.mailbox)},
          {"age_seconds", seconds_of(x.age)}};
}

json totals_json(const totals_report& x) {
  return {{"batches", x.batches},
          {"bytes", x.bytes},
          {"batches_per_second", x.batches_per_second},
          {"bytes_per_second", x.bytes_per_second},
          {"streams_complete", x.streams_complete},
          {"streams_failed", x.streams_failed},
          {"streams_lost", x.streams_lost}};
}

json session_json(const session_report& x) {
  return {{"name", text_or_null(x.name)},
          {"seed", or_null(x.seed)},
          {"epoch", x.epoch},
          {"end_epoch", or_null(x.end_epoch)},
          {"position", x.position},
          {"samples", or_null(x.samples)},
          {"shard", {{"index", x.shard_index}, {"count", x.shard_count}}}};
}

/// Who is the limit of a consumer's rate, in the words of trainers.
json bound_of(bottleneck slowest) {
  switch (slowest) {
  case bottleneck::upstream:
  case bottleneck::encoding:
    return "input";
  case bottleneck::socket:
    return "consumer";
  case bottleneck::none:
    break;
  }
  return {};
}

json client_json(const client_report& x) {
  return {{"id", x.client_id},
          {"actor", x.actor.id},
          {"peer", x.peer},
          {"passes_of_host", or_null(x.passes_of_host)},
          {"connected_at", moment_text(x.connected_at)},
          {"connected_seconds", seconds_of(x.actor.age)},
          {"dataset", x.dataset},
          {"batch_size", x.batch_size},
          {"session", x.session ? session_json(*x.session) : json()},
          {"state", x.actor.state},
          {"batch_index", x.batch_index},
          {"batches_total", or_null(x.batches_total)},
          {"frames", x.batches},
          {"bytes", x.bytes},
          {"batches_per_second", x.batches_per_second},
          {"bytes_per_second", x.bytes_per_second},
          {"samples_per_second", x.batches_per_second * x.batch_size},
          {"remaining_seconds", seconds_or_null(x.remaining)},
          {"window", {{"size", x.window.size}, {"requested", x.window.requested}, {"unsent", x.window.unsent}}},
          {"waited",
           {{"upstream_seconds", seconds_of(x.waited.upstream)},
            {"encoding_seconds", seconds_of(x.waited.encoding)},
            {"socket_seconds", seconds_of(x.waited.socket)}}},
          {"waited_lately",
           {{"upstream", x.waited_lately.upstream},
            {"encoding", x.waited_lately.encoding},
            {"socket", x.waited_lately.socket}}},
          {"bottleneck", to_string(x.slowest)},
          {"bound", bound_of(x.slowest)},
          {"stalled_seconds", seconds_of(x.stalled_for)}};
}

json fetcher_json(const fetcher_report& x, std::size_t index) {
  return {{"index", index},
          {"actor", x.actor ? json(x.actor->id) : json()},
          {"state", x.state},
          {"up_seconds", seconds_of(x.up_for)},
          {"calls_in_flight", x.calls_in_flight},
          {"calls", x.calls},
          {"restarts", x.restarts},
          {"next_attempt_seconds", seconds_or_null(x.next_attempt_in)},
          {"last_failure", text_or_null(x.last_failure)}};
}

json upstream_json(const upstream_report& x) {
  auto by_code = json::object();
  for (const auto& [code, count] : x.failures)
    by_code[to_string(code)] = count;
  auto fetchers = json::array();
  for (const auto& fetcher : x.fetchers)
    fetchers.push_back(fetcher_json(fetcher, fetchers.size()));
  return {
    {"address", x.address},
    {"state", x.up ? "up" : "down"},
    {"calls", x.calls},
    {"calls_in_flight", x.calls_in_flight},
    {"limit", x.limit},
    {"batches", x.batches},
    {"batches_per_second", x.batches_per_second},
    {"last_batch_seconds", seconds_or_null(x.last_batch_ago)},
    {"latency", {{"p50_seconds", seconds_or_null(x.latency_p50)}, {"p99_seconds", seconds_or_null(x.latency_p99)}}},
    {"failures", failed_calls(x)},
    {"failures_by_code", std::move(by_code)},
    {"last_failure", text_or_null(x.last_failure)},
    {"last_failure_at", x.last_failure.empty() ? json() : json(moment_text(x.last_failure_at))},
    {"outages", x.outages},
    {"restarts", x.restarts},
    {"fetchers", std::move(fetchers)}};
}

json outage_json(const outage_report& x) {
  return {{"upstream", x.upstream},
          {"began_at", moment_text(x.began_at)},
          {"ended_at", x.ended_at ? json(moment_text(*x.ended_at)) : json()},
          {"seconds", seconds_of(x.length)},
          {"attempts", x.attempts},
          {"clients_held_up", x.clients_held_up},
          {"reason", text_or_null(x.reason)}};
}

json group_member_json(const group_member_report& x) {
  const auto oldest = x.held > 0 ? json{{"epoch", x.oldest_epoch}, {"position", x.oldest_position}} : json();
  return {{"client", x.name},
          {"held", x.held},
          {"held_seconds", x.held_seconds},
          {"oldest", oldest},
          {"acked", x.acked}};
}

json elsewhere_json(const elsewhere_report& x) {
  return {{"dispatcher", text_or_null(x.dispatcher)},
          {"epoch", x.epoch},
          {"position", x.position},
          {"batches", x.batches},
          {"members", text_or_null(x.members)}};
}

json group_json(const group_report& x) {
  return {{"name", x.name},
          {"dataset", x.dataset},
          {"generation", x.progress.generation},
          {"state", x.progress.is_over        ? "over"
                    : x.store_problem.empty() ? "serving"
                                              : "store_away"},
          {"epoch", x.progress.next.epoch},
          {"open_epoch", x.progress.open_epoch},
          {"epochs", or_null(x.epochs)},
          {"batches", x.batches},
          {"acked", x.progress.acked},
          {"redelivered", x.progress.redelivered},
          {"parked", x.progress.parked},
          {"batches_per_second", x.batches_per_second},
          {"members", list_of(x.members, group_member_json)},
          {"elsewhere", list_of(x.elsewhere, elsewhere_json)},
          {"store_problem", text_or_null(x.store_problem)}};
}

json cache_json(const cache_report& x) {
  const auto served = x.hits + x.joins;
  const auto asked = served + x.misses;
  return {{"state", x.up ? "up" : "no_answer"},
          {"frames", x.batches},
          {"bytes", x.bytes},
          {"capacity_bytes", x.capacity_bytes},
          {"hits", x.hits},
          {"joins", x.joins},
          {"misses", x.misses},
          {"streamed", x.streamed},
          {"evictions", x.evictions},
          {"evicted_bytes", x.evicted_bytes},
          {"hit_ratio", asked == 0 ? json() : json(static_cast<double>(served) / static_cast<double>(asked))}};
}

} // namespace

json status_json(const service_report& report, const service_facts& facts) {
  const auto ready = readiness_of(report);
  return {{"schema", schema},
          {"version", facts.version},
          {"started_at", moment_text(facts.started_at)},
          {"now", moment_text(report.taken_at)},
          {"uptime_seconds", seconds_of(report.uptime)},
          {"state", report.draining ? "draining" : "serving"},
          {"ready", {{"ready", ready.good}, {"reasons", ready.reasons}}},
          {"config", facts.config},
          {"unanswered", report.unanswered},
          {"totals", totals_json(report.totals)},
          {"clients",
           {{"connected", report.connected},
            {"accepted", report.accepted},
            {"refused", report.refused},
            {"rows", list_of(report.clients, client_json)}}},
          {"upstreams", list_of(report.upstreams, upstream_json)},
          {"outages", list_of(report.outages, outage_json)},
          {"queue", {{"length", report.queued}}},
          {"cache", cache_json(report.cache)},
          {"groups", {{"store", report.store_state}, {"rows", list_of(report.groups, group_json)}}},
          {"actors", list_of(report.actors, actor_json)}};
}

} // namespace dispatch::admin
