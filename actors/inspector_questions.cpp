#include <caf/all.hpp>

#include <string>
#include <type_traits>
#include <utility>

#include "actors/inspector.hpp"

/// @file
/// Whom the inspector asks what.

namespace dispatch {

namespace {

/// An actor that has not answered yet.
template <class Handle>
actor_report unknown_row(const Handle& whom, std::string name, std::uint64_t parent = 0, std::string label = {}) {
  return {whom.id(), parent, std::move(name), std::move(label), inspector_state::no_answer, std::nullopt, {}};
}

/// What an actor says of itself; where it stands, others know.
void fill_row(actor_report& row, const actor_report& own) {
  row.state = own.state;
  row.mailbox = own.mailbox;
  row.age = own.age;
}

} // namespace

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

template <class Handle>
void inspector_state::ask_row(collector& at, const Handle& whom, actor_report row) {
  const auto index = at.current->rows.size();
  at.current->rows.push_back(std::move(row));
  ask<actor_report>(at, whom, get_actor_report{},
                    [index](collection& of, const actor_report& own) { fill_row(of.rows[index], own); });
}

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
  ask_row(at, known.stream, unknown_row(known.stream, "batch_stream", parts_.pool.id()));
}

void inspector_state::ask_orders(collector& at) {
  ask_part<orders_report>(at, "order_directory", parts_.orders, unknown_row(parts_.orders, "order_directory"),
                          get_orders_report{}, [this, &at](collection&, const orders_report& known) {
                            if (!at.asks_all)
                              return;
                            for (const auto& each : known.orders)
                              ask_row(at, each.assembler,
                                      unknown_row(each.assembler, "assembler", parts_.orders.id(), each.label));
                          });
}

void inspector_state::ask_session_recorder(collector& at) {
  ask_row(at, parts_.sessions, unknown_row(parts_.sessions, "session_recorder"));
}

void inspector_state::ask_groups(collector& at) {
  const auto add_row = [&at](actor_report row) {
    at.current->rows.push_back(std::move(row));
    return at.current->rows.size() - 1;
  };
  // The store waits for its database, and may be late.
  ask<actor_report>(
    at, parts_.store, get_actor_report{},
    [index = add_row(unknown_row(parts_.store, "group_store"))](collection& of, const actor_report& row) {
      fill_row(of.rows[index], row);
      of.report.store_state = row.state;
    });
  ask<groups_report>(at, parts_.groups, get_groups_report{},
                     [this, &at, add_row, index = add_row(unknown_row(parts_.groups, "group_directory"))](
                       collection& of, const groups_report& known) {
                       fill_row(of.rows[index], known.actor);
                       for (const auto& group : known.groups) {
                         const auto row = add_row(unknown_row(group, "group", parts_.groups.id()));
                         ask<group_report>(at, group, get_group_report{},
                                           [row](collection& in, const group_report& report) {
                                             fill_row(in.rows[row], report.actor);
                                             in.rows[row].label = report.name;
                                             in.report.groups.push_back(report);
                                           });
                       }
                     });
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

} // namespace dispatch
