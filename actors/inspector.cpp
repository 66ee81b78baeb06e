#include "actors/inspector.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/every.hpp"

namespace dispatch {

namespace {

constexpr std::chrono::seconds recording_interval{1};

constexpr const char* no_answer = "no_answer";

template <class Handle>
actor_report unknown_row(const Handle& whom, std::string name, std::uint64_t parent = 0, std::string label = {}) {
  return {whom.id(), parent, std::move(name), std::move(label), no_answer, std::nullopt, {}};
}

/// While no upstream is up, only a pass that lies in the cache as a whole goes on to its end. A consumer does not know.
void drop_ends_without_ground(service_report& report) {
  if (const auto known = health_of(report); known.upstreams == 0 || known.upstreams_up > 0)
    return;
  for (auto& client : report.clients)
    if (report.cache.batches < static_cast<std::uint64_t>(client.batches_total.value_or(0)))
      client.remaining.reset();
}

/// What an actor says of itself; where it stands, others know.
void fill_row(actor_report& row, const actor_report& own) {
  row.state = own.state;
  row.mailbox = own.mailbox;
  row.age = own.age;
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
  if (at.asks_all)
    ask_session_recorder(at);
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
  add_up(report);
  drop_ends_without_ground(report);
  list_actors(done, row_of(self_, name, "serving", started_at_));
  at.last = std::move(report);
  at.last_at = now();
  for (const auto& give : std::exchange(at.waiting, {}))
    give(*at.last);
}

template <class Report, class Handle, class Request, class Take>
void inspector_state::ask(collector& at, const Handle& whom, Request request, Take take) {
  if (!at.pending.insert(whom.id()).second)
    return;
  ++at.current->open_requests;
  auto settle = [this, &at, id = at.current->id, asked = whom.id()](const Report* report, auto& taken) {
    at.pending.erase(asked);
    if (!at.current || at.current->id != id)
      return;
    if (report != nullptr)
      taken(*at.current, *report);
    if (--at.current->open_requests == 0)
      finish_collection(at);
  };
  self_->request(whom, caf::infinite, request)
    .then([settle, take](const Report& report) mutable { settle(&report, take); },
          [settle, take](const caf::error&) mutable { settle(nullptr, take); });
}

template <class Report, class Handle, class Request, class Take>
void inspector_state::ask_part(collector& at, const char* part, const Handle& whom, actor_report row, Request request,
                               Take take) {
  const auto index = at.current->rows.size();
  at.current->rows.push_back(std::move(row));
  at.current->unanswered.insert(part);
  ask<Report>(at, whom, request, [part, index, take](collection& of, const Report& report) mutable {
    of.unanswered.erase(of.unanswered.find(part));
    if constexpr (std::is_same_v<Report, actor_report>)
      fill_row(of.rows[index], report);
    else
      fill_row(of.rows[index], report.actor);
    take(of, report);
  });
}

// -- whom to ask ------------------------------------------------------------------------------------------------------

void inspector_state::ask_servers(collector& at) {
  for (const auto& server : parts_.servers) {
    if (server == nullptr)
      continue;
    ask_part<actor_report>(at, "server", server, unknown_row(server, "server"), get_actor_report{},
                           [this](collection& of, const actor_report& row) {
                             of.servers_accepting += row.state == "accepting" ? 1 : 0;
                             of.report.accepting = of.servers_accepting == parts_.servers.size();
                           });
  }
}

void inspector_state::ask_listener(collector& at) {
  ask_part<listener_report>(at, "listener", parts_.listener, unknown_row(parts_.listener, "listener"),
                            get_listener_report{}, [this, &at](collection& of, const listener_report& listed) {
                              of.report.connected = listed.clients.size();
                              of.report.accepted = listed.accepted;
                              of.report.refused = listed.refused;
                              of.report.draining = listed.draining;
                              if (at.asks_all)
                                ask_clients(at, listed);
                            });
}

void inspector_state::ask_clients(collector& at, const listener_report& listed) {
  auto& rows = at.current->report.clients;
  rows.reserve(listed.clients.size());
  for (const auto& known : listed.clients) {
    const auto& from = parts_.servers.at(known.port);
    const auto server = from != nullptr ? from.id() : 0;
    rows.emplace_back();
    rows.back().actor = unknown_row(known.client, "client", parts_.listener.id(), known.client_id);
    rows.back().client_id = known.client_id;
    rows.back().peer = known.peer;
    rows.back().passes_of_host = known.passes_of_host;
    ask<client_report>(at, known.client, get_client_report{},
                       [index = rows.size() - 1, server](collection& of, const client_report& report) {
                         auto& row = of.report.clients[index];
                         auto place = std::exchange(row, report);
                         row.peer = std::move(place.peer);
                         row.passes_of_host = place.passes_of_host;
                         row.connection.parent = server;
                         fill_row(place.actor, report.actor);
                         place.actor.name = report.actor.name;
                         row.actor = std::move(place.actor);
                       });
  }
}

void inspector_state::ask_batch_cache(collector& at) {
  ask_part<batch_cache_report>(at, "frame_cache", parts_.cache, unknown_row(parts_.cache, "frame_cache"),
                               get_batch_cache_report{}, [this, &at](collection& of, const batch_cache_report& report) {
                                 of.report.cache = report.cache;
                                 if (at.asks_all && report.stream != nullptr)
                                   ask_stream(at, report);
                               });
}

void inspector_state::ask_stream(collector& at, const batch_cache_report& known) {
  const auto index = at.current->rows.size();
  at.current->rows.push_back(unknown_row(known.stream, "batch_stream", parts_.pool.id()));
  ask<actor_report>(at, known.stream, get_actor_report{},
                    [index](collection& of, const actor_report& row) { fill_row(of.rows[index], row); });
}

void inspector_state::ask_orders(collector& at) {
  ask_part<orders_report>(
    at, "order_directory", parts_.orders, unknown_row(parts_.orders, "order_directory"), get_orders_report{},
    [this, &at](collection&, const orders_report& known) {
      if (!at.asks_all)
        return;
      for (const auto& each : known.orders) {
        const auto index = at.current->rows.size();
        at.current->rows.push_back(unknown_row(each.assembler, "assembler", parts_.orders.id(), each.label));
        ask<actor_report>(at, each.assembler, get_actor_report{},
                          [index](collection& of, const actor_report& row) { fill_row(of.rows[index], row); });
      }
    });
}

void inspector_state::ask_session_recorder(collector& at) {
  const auto index = at.current->rows.size();
  at.current->rows.push_back(unknown_row(parts_.sessions, "session_recorder"));
  ask<actor_report>(at, parts_.sessions, get_actor_report{},
                    [index](collection& of, const actor_report& row) { fill_row(of.rows[index], row); });
}

void inspector_state::ask_pool(collector& at) {
  ask_part<pool_report>(at, "fetcher_pool", parts_.pool, unknown_row(parts_.pool, "fetcher_pool"), get_pool_report{},
                        [this, &at](collection& of, const pool_report& known) {
                          of.report.upstreams = known.upstreams;
                          of.report.outages = known.outages;
                          of.report.queued = known.queued;
                          if (at.asks_all)
                            ask_fetchers(at, known);
                        });
}

void inspector_state::ask_fetchers(collector& at, const pool_report& known) {
  std::size_t next = 0;
  auto& upstreams = at.current->report.upstreams;
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    for (std::size_t j = 0; j < upstreams[i].fetchers.size(); ++j) {
      const auto& fetcher = known.fetchers[next++];
      if (fetcher == nullptr)
        continue;
      upstreams[i].fetchers[j].actor->state = no_answer;
      ask<actor_report>(at, fetcher, get_actor_report{}, [i, j](collection& of, const actor_report& row) {
        fill_row(*of.report.upstreams[i].fetchers[j].actor, row);
      });
    }
  }
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
