#include "actors/inspector.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/every.hpp"

namespace dispatch {

namespace {

constexpr std::chrono::seconds recording_interval{1};

/// While no upstream is up, only a pass that lies in the cache as a whole goes on to its end. A consumer does not know.
void drop_ends_without_ground(service_report& report) {
  if (const auto known = health_of(report); known.upstreams == 0 || known.upstreams_up > 0)
    return;
  for (auto& client : report.clients)
    if (report.cache.batches < static_cast<std::uint64_t>(client.batches_total.value_or(0)))
      client.remaining.reset();
}

} // namespace

inspector_state::inspector_state(inspector_actor::pointer self, inspected_parts parts, inspector_options options)
  : self_(self),
    parts_(std::move(parts)),
    options_(options),
    metrics_(self->system().metrics()),
    recorder_(self->system().metrics(), now()),
    started_at_(now()) {}

inspector_actor::behavior_type inspector_state::make_behavior() {
  // A broker that has ended does not refuse requests.
  self_->set_down_handler([this](const caf::down_msg& msg) {
    for (auto& server : parts_.servers)
      if (server == msg.source)
        server = nullptr;
  });
  for (const auto& server : parts_.servers)
    self_->monitor(server);
  every(self_, recording_interval, [this] { recorder_.sample(now(), std::chrono::system_clock::now()); });
  return {
    [this](get_service_report) { return on_get_service(); },
    [this](get_health_report) { return on_get_health(); },
    [this](get_latest_batch) { return on_get_latest(); },
    [this](const get_history& request) { return on_get_history(request); },
  };
}

caf::result<service_report> inspector_state::on_get_service() {
  auto promise = self_->make_response_promise<service_report>();
  join(service_, [promise](const service_report& report) mutable { promise.deliver(report); });
  return promise;
}

caf::result<health_report> inspector_state::on_get_health() {
  auto promise = self_->make_response_promise<health_report>();
  join(health_, [promise](const service_report& report) mutable { promise.deliver(health_of(report)); });
  return promise;
}

caf::result<latest_batch> inspector_state::on_get_latest() {
  auto promise = self_->make_response_promise<latest_batch>();
  self_->request(parts_.cache, options_.deadline, get_latest_batch{})
    .then([promise](const latest_batch& latest) mutable { promise.deliver(latest); },
          [promise](const caf::error& reason) mutable {
            const failure late{status_code::deadline_exceeded, "the batch cache does not answer"};
            promise.deliver(is_failure(reason) ? reason : make_error(late));
          });
  return promise;
}

caf::result<history_report> inspector_state::on_get_history(const get_history& request) {
  auto promise = self_->make_response_promise<history_report>();
  auto known = recorder_.report(request.span, std::chrono::system_clock::now());
  self_->request(parts_.sessions, options_.deadline, get_session_history{request.span})
    .then(
      [promise, known](const session_history_report& sessions) mutable {
        known.sessions = sessions;
        promise.deliver(std::move(known));
      },
      [promise, known](const caf::error&) mutable { promise.deliver(std::move(known)); });
  return promise;
}

// -- rounds -----------------------------------------------------------------------------------------------------------

void inspector_state::join(collector& at, answer give) {
  if (!at.current && at.last && now() - at.last_at < options_.fresh_for)
    return give(*at.last);
  at.waiting.push_back(std::move(give));
  if (!at.current)
    start_collection(at);
}

void inspector_state::start_collection(collector& at) {
  const auto id = next_collection_++;
  at.current.emplace();
  at.current->id = id;
  ask_servers(at);
  ask_listener(at);
  ask_batch_cache(at);
  ask_pool(at);
  ask_orders(at);
  if (at.asks_all) {
    ask_session_recorder(at);
    ask_groups(at);
  }
  self_->run_delayed(options_.deadline, [this, id, &at] {
    if (at.current && at.current->id == id)
      finish_collection(at);
  });
}

void inspector_state::finish_collection(collector& at) {
  auto done = std::move(*at.current);
  at.current.reset();
  auto& report = done.report;
  report.taken_at = caf::make_timestamp();
  report.uptime = std::chrono::duration_cast<caf::timespan>(now() - started_at_);
  report.unanswered.assign(done.unanswered.begin(), done.unanswered.end());
  std::sort(report.groups.begin(), report.groups.end(),
            [](const group_report& a, const group_report& b) { return a.name < b.name; });
  add_up(report);
  drop_ends_without_ground(report);
  list_actors(done, row_of(self_, name, "serving", started_at_));
  at.last = std::move(report);
  at.last_at = now();
  for (const auto& give : std::exchange(at.waiting, {}))
    give(*at.last);
}

// -- what comes of it -------------------------------------------------------------------------------------------------

void inspector_state::add_up(service_report& report) const {
  const auto ended = [this](pass_outcome how) { return count_of(metrics_.ended(how)); };
  auto& totals = report.totals;
  totals.batches = count_of(metrics_.sent_batches);
  totals.bytes = count_of(metrics_.sent_bytes);
  for (const auto& client : report.clients) {
    totals.batches_per_second += client.batches_per_second;
    totals.bytes_per_second += client.bytes_per_second;
  }
  totals.streams_complete = ended(pass_outcome::complete);
  totals.streams_failed = ended(pass_outcome::error) + ended(pass_outcome::drained) + ended(pass_outcome::stalled);
  totals.streams_lost = ended(pass_outcome::lost);
}

void inspector_state::list_actors(collection& of, actor_report own) {
  auto& actors = of.report.actors;
  actors = std::move(of.rows);
  for (const auto& client : of.report.clients) {
    actors.push_back(client.actor);
    if (client.connection.id != 0)
      actors.push_back(client.connection);
  }
  for (auto& upstream : of.report.upstreams) {
    for (auto& fetcher : upstream.fetchers) {
      if (!fetcher.actor)
        continue;
      if (fetcher.actor->state == no_answer)
        fetcher.state = no_answer;
      actors.push_back(*fetcher.actor);
    }
  }
  actors.push_back(std::move(own));
}

inspector_state::clock::time_point inspector_state::now() const {
  return self_->clock().now();
}

} // namespace dispatch
