#define CAF_SUITE inspector

#include "actors/inspector.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "actors/batch_cache.hpp"
#include "actors/classic_port.hpp"
#include "actors/fetcher_pool.hpp"
#include "actors/group/group_directory.hpp"
#include "actors/group/group_store.hpp"
#include "actors/listener.hpp"
#include "actors/session/order_directory.hpp"
#include "actors/session/session_recorder.hpp"
#include "io/store/memory_backend.hpp"
#include "tests/actors/policy/group/group_fixture.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_batch_source.hpp"
#include "tests/support/fake_connection.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// Which parts do not answer, and how often each was asked.
struct conduct {
  std::set<std::string> silent;
  std::map<std::string, int> asked;
  std::string server_state = "accepting";
};

using conduct_ptr = std::shared_ptr<conduct>;

/// A promise that is kept where its maker answers at all.
template <class Report, class Self>
caf::result<Report> answer(Self* self, conduct_ptr how, const std::string& who, Report report) {
  ++how->asked[who];
  if (how->silent.count(who) == 0)
    return report;
  // It is kept by the actor, so that it is not broken.
  auto held = std::make_shared<caf::typed_response_promise<Report>>(self->template make_response_promise<Report>());
  self->attach_functor([held] {});
  return *held;
}

server_actor::behavior_type fake_server(server_actor::pointer self, conduct_ptr how) {
  return {
    [self](stop_accepting) { self->quit(); },
    [self, how](get_actor_report) {
      return answer(self, how, "server", actor_report{self->id(), 0, "server", {}, how->server_state, 1, 5s});
    },
  };
}

consumer_actor::behavior_type fake_client(consumer_actor::pointer self, conduct_ptr how, std::string id) {
  return {
    [](const messages_sent&) {},
    [](const input_received&) {},
    [](input_ended) {},
    [](const peer_stalled&) {},
    [](const peer_lost&) {},
    [](consumer_tick) {},
    [](const begin_drain&) {},
    [](const end_pass&) {},
    [self, how, id](get_client_report) {
      client_report report;
      report.actor = {self->id(), 0, "client", {}, "sending", 3, 2s};
      report.connection = {self->id() + 1000, 0, "connection", id, "open", std::nullopt, 2s};
      report.client_id = id;
      report.batches = 7;
      report.batches_per_second = 10;
      report.bytes_per_second = 1000;
      report.batches_total = 100;
      report.remaining = 10s;
      return answer(self, how, id, report);
    },
  };
}

listener_actor::behavior_type fake_listener(listener_actor::pointer self, conduct_ptr how,
                                            std::vector<listed_client> clients) {
  return {
    [](const connection_opened&) {},
    [](const drain_clients&) {},
    [=](get_listener_report) {
      return answer(self, how, "listener",
                    listener_report{{self->id(), 0, "listener", {}, "serving", 0, 5s}, 9, 4, false, clients});
    },
  };
}

group_member_actor::behavior_type idle_member(group_member_actor::pointer) {
  return {
    [](const batches_handed&) {},
    [](const group_moved&) {},
    [](const group_closed&) {},
  };
}

struct fixture : test::actor_fixture<> {
  test::fake_upstreams upstreams;
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  conduct_ptr how = std::make_shared<conduct>();
  std::vector<listed_client> clients;
  inspected_parts parts;
  inspector_options options{500ms, 200ms};
  inspector_actor inspector;
  std::vector<caf::actor> spawned;

  template <class Handle>
  Handle keep(Handle handle) {
    spawned.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  /// Fake server, listener and clients before a real cache and pool.
  void start() {
    for (const auto* id : {"client_a", "client_b", "client_c"})
      clients.push_back({keep(sys.spawn(fake_client, how, std::string{id})), id, std::string{id} + "'s peer"});
    start_others([this] { return keep(sys.spawn(fake_listener, how, clients)); });
  }

  template <class MakeListener>
  void start_others(MakeListener make_listener) {
    pool_options pool;
    pool.upstreams = {"a:1", "b:1"};
    pool.fetchers_per_upstream = 1;
    batch_cache_options cache;
    cache.prefetch.choice.mode = policy::fetch_mode::get;
    parts.servers = {keep(sys.spawn(fake_server, how))};
    parts.pool = keep(sys.spawn<fetcher_pool_impl>(pool, upstreams.factory(), log));
    parts.cache = keep(sys.spawn<batch_cache_impl>(cache, parts.pool, log));
    parts.orders = keep(sys.spawn<order_directory_impl>(order_directory_options{}, parts.cache, log));
    parts.sessions = keep(sys.spawn<session_recorder_impl>());
    parts.store = keep(sys.spawn<group_store_impl>(std::make_shared<io::memory_backend>(), log));
    parts.groups = keep(sys.spawn<group_directory_impl>(group_options{"a"}, parts.store, log));
    parts.listener = make_listener();
    inspector = keep(sys.spawn<inspector_impl>(parts, options));
    sched.run();
  }

  template <class Request>
  auto ask(const Request& request) {
    return send_request(inspector, request);
  }

  service_report report() { return answer_from(inspector, get_service_report{}); }

  /// The same where a part does not answer.
  service_report late_report() {
    auto response = ask(get_service_report{});
    pass(options.deadline);
    return answer_to(response);
  }

  static const actor_report& row(const service_report& report, const std::string& name, const std::string& label = {}) {
    const auto found = std::find_if(report.actors.begin(), report.actors.end(), [&](const actor_report& actor) {
      return actor.name == name && actor.label == label;
    });
    if (found == report.actors.end())
      CAF_FAIL("no row for " << name << " " << label);
    return *found;
  }

  ~fixture() override {
    for (const auto& handle : spawned)
      anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(inspector_tests, fixture)

CAF_TEST(all parts are in the report) {
  start();
  const auto known = report();
  CAF_CHECK(known.unanswered.empty());
  CAF_CHECK(known.accepting);
  CAF_CHECK(!known.draining);
  CAF_CHECK_EQUAL(known.connected, 3u);
  CAF_CHECK_EQUAL(known.accepted, 9u);
  CAF_CHECK_EQUAL(known.refused, 4u);
  CAF_REQUIRE_EQUAL(known.clients.size(), 3u);
  CAF_CHECK_EQUAL(known.clients[1].client_id, "client_b");
  CAF_CHECK_EQUAL(known.clients[1].peer, "client_b's peer");
  CAF_CHECK_EQUAL(known.clients[1].batches, 7u);
  CAF_CHECK_EQUAL(known.totals.batches_per_second, 30.0);
  CAF_REQUIRE_EQUAL(known.upstreams.size(), 2u);
  CAF_CHECK_EQUAL(known.upstreams[1].address, "b:1");
  CAF_CHECK(known.upstreams[1].up);
  CAF_CHECK(known.cache.up);
}

CAF_TEST(the actors are a tree) {
  start();
  const auto known = report();
  CAF_CHECK_EQUAL(row(known, "server").parent, 0u);
  CAF_CHECK_EQUAL(row(known, "client", "client_a").parent, parts.listener.id());
  CAF_CHECK_EQUAL(row(known, "client", "client_a").mailbox.value_or(0), 3u);
  CAF_CHECK_EQUAL(row(known, "connection", "client_a").parent, parts.servers[0].id());
  CAF_CHECK_EQUAL(row(known, "frame_cache").id, parts.cache.id());
  CAF_CHECK_EQUAL(row(known, "fetcher", "b:1").parent, parts.pool.id());
  CAF_CHECK_EQUAL(row(known, "fetcher", "b:1").state, "idle");
  CAF_CHECK_EQUAL(row(known, "inspector").id, inspector.id());
  CAF_CHECK_EQUAL(row(known, "session_recorder").state, "serving");
  // Server, listener, cache, pool, orders, recorder, groups, store, inspector; clients and their connections; fetchers.
  CAF_CHECK_EQUAL(known.actors.size(), 9u + 2 * 3 + 2);
  std::set<std::uint64_t> ids;
  for (const auto& actor : known.actors)
    ids.insert(actor.id);
  CAF_CHECK_EQUAL(ids.size(), known.actors.size());
}

CAF_TEST(groups are told of with who holds what) {
  start();
  CAF_CHECK_EQUAL(report().store_state, "serving");
  const auto member = keep(sys.spawn(idle_member));
  const auto joined = answer_from(parts.groups, find_group{"g", spec_of(100), {member, "client_a", true}});
  anon_send(joined.group, member_turn{joined.member, {}, 3, false});
  pass(options.fresh_for);
  const auto known = report();
  CAF_REQUIRE_EQUAL(known.groups.size(), 1u);
  CAF_CHECK_EQUAL(known.groups[0].name, "g");
  CAF_REQUIRE_EQUAL(known.groups[0].members.size(), 1u);
  CAF_CHECK_EQUAL(known.groups[0].members[0].held, 3u);
  CAF_CHECK_EQUAL(row(known, "group", "g").parent, parts.groups.id());
  CAF_CHECK_EQUAL(row(known, "group_store").state, "serving");
}

CAF_TEST(a client that does not answer costs its row and no other) {
  start();
  how->silent = {"client_b"};
  const auto known = late_report();
  CAF_CHECK(known.unanswered.empty());
  CAF_REQUIRE_EQUAL(known.clients.size(), 3u);
  CAF_CHECK_EQUAL(known.clients[0].actor.state, "sending");
  CAF_CHECK_EQUAL(known.clients[1].actor.state, "no_answer");
  CAF_CHECK_EQUAL(known.clients[1].client_id, "client_b");
  CAF_CHECK_EQUAL(known.clients[1].peer, "client_b's peer");
  CAF_CHECK(!known.clients[1].actor.mailbox);
  CAF_CHECK_EQUAL(known.clients[2].batches, 7u);
  CAF_CHECK_EQUAL(row(known, "client", "client_b").state, "no_answer");
}

CAF_TEST(a part that does not answer is named and the rest is there) {
  start();
  how->silent = {"listener"};
  const auto known = late_report();
  CAF_CHECK_EQUAL(known.unanswered, (strings{"listener"}));
  CAF_CHECK_EQUAL(row(known, "listener").state, "no_answer");
  CAF_CHECK(known.clients.empty());
  CAF_CHECK(known.cache.up);
  CAF_CHECK(known.upstreams.at(0).up);
}

CAF_TEST(nothing is answered before all have answered or the time is over) {
  start();
  how->silent = {"client_a"};
  auto response = ask(get_service_report{});
  pass(options.deadline - 1ms);
  CAF_CHECK(self->mailbox().empty());
  pass(1ms);
  CAF_CHECK(!self->mailbox().empty());
  answer_to(response);
}

CAF_TEST(who owes an answer is not asked again) {
  start();
  how->silent = {"client_b", "server"};
  late_report();
  pass(1s);
  const auto known = late_report();
  CAF_CHECK_EQUAL(known.unanswered, (strings{"server"}));
  CAF_CHECK_EQUAL(known.clients.at(1).actor.state, "no_answer");
  CAF_CHECK_EQUAL(known.clients.at(0).actor.state, "sending");
  CAF_CHECK_EQUAL(how->asked["client_b"], 1);
  CAF_CHECK_EQUAL(how->asked["server"], 1);
  CAF_CHECK_EQUAL(how->asked["client_a"], 2);
}

CAF_TEST(many who ask at once are one round and get one report) {
  start();
  how->silent = {"client_a"};
  auto first = ask(get_service_report{});
  auto second = ask(get_service_report{});
  pass(options.deadline);
  CAF_CHECK_EQUAL(how->asked["listener"], 1);
  const auto a = answer_to(first);
  const auto b = answer_to(second);
  CAF_CHECK(a.taken_at == b.taken_at);
}

CAF_TEST(a report is good for a moment) {
  start();
  report();
  pass(options.fresh_for - 1ms);
  report();
  CAF_CHECK_EQUAL(how->asked["listener"], 1);
  pass(1ms);
  report();
  CAF_CHECK_EQUAL(how->asked["listener"], 2);
}

CAF_TEST(a deadline that passes late ends no later round) {
  start();
  report();
  pass(options.deadline - 1ms);
  how->silent = {"client_a"};
  auto response = ask(get_service_report{});
  // That of the first round.
  pass(1ms);
  CAF_CHECK(self->mailbox().empty());
  pass(options.deadline);
  answer_to(response);
}

CAF_TEST(health does not ask clients and does not wait for them) {
  start();
  how->silent = {"client_a"};
  auto full = ask(get_service_report{});
  const auto known = answer_from(inspector, get_health_report{});
  CAF_CHECK(known.unanswered.empty());
  CAF_CHECK(known.accepting);
  CAF_CHECK_EQUAL(known.upstreams, 2u);
  CAF_CHECK_EQUAL(known.upstreams_up, 2u);
  CAF_CHECK_EQUAL(how->asked["client_c"], 1);
  pass(options.deadline);
  answer_to(full);
}

CAF_TEST(health names who does not answer) {
  start();
  how->silent = {"server", "listener"};
  auto response = ask(get_health_report{});
  pass(options.deadline);
  const auto known = answer_to(response);
  CAF_CHECK_EQUAL(known.unanswered, (strings{"listener", "server"}));
  CAF_CHECK(!known.accepting);
}

CAF_TEST(a server that pauses or has ended does not accept) {
  start();
  how->server_state = "paused";
  CAF_CHECK(!report().accepting);
  anon_send(parts.servers[0], stop_accepting{});
  sched.run();
  pass(1s);
  const auto known = report();
  CAF_CHECK(!known.accepting);
  // It is not missed: it has ended as it should.
  CAF_CHECK(known.unanswered.empty());
}

CAF_TEST(a part that is gone is named) {
  start();
  anon_send_exit(parts.pool, caf::exit_reason::kill);
  sched.run();
  const auto known = report();
  CAF_CHECK_EQUAL(known.unanswered, (strings{"fetcher_pool"}));
  CAF_CHECK_EQUAL(known.clients.size(), 3u);
}

CAF_TEST(a fetcher that pauses has no actor) {
  upstreams.health = status_code::unavailable;
  start();
  const auto known = report();
  const auto& fetcher = known.upstreams.at(0).fetchers.at(0);
  CAF_CHECK(!known.upstreams[0].up);
  CAF_CHECK(!fetcher.actor);
  CAF_CHECK_EQUAL(fetcher.state, "paused");
  CAF_CHECK(fetcher.next_attempt_in.has_value());
  CAF_CHECK(fetcher.last_failure.find("UNAVAILABLE") == 0);
  CAF_CHECK_EQUAL(answer_from(inspector, get_health_report{}).upstreams_up, 0u);
}

CAF_TEST(the end of a pass is told while an upstream is up) {
  start();
  CAF_CHECK(report().clients.at(0).remaining == caf::timespan{10s});
}

CAF_TEST(no end of a pass is told while no upstream is up) {
  upstreams.health = status_code::unavailable;
  start();
  CAF_CHECK(!report().clients.at(0).remaining);
}

CAF_TEST(there is no latest batch before the first) {
  start();
  auto response = ask(get_latest_batch{});
  CAF_CHECK(failure_of(response).code == status_code::not_found);
}

CAF_TEST(the history has the sessions that have a name) {
  start();
  client_report resnet;
  resnet.session = session_report{};
  resnet.session->name = "resnet";
  anon_send(parts.sessions, session_over{resnet, "complete"});
  sched.run();
  const auto known = answer_from(inspector, get_history{60s});
  CAF_CHECK_EQUAL(known.series.front().values.size(), 60u);
  CAF_REQUIRE(known.sessions.has_value());
  CAF_REQUIRE_EQUAL(known.sessions->rows.size(), 1u);
  CAF_CHECK_EQUAL(known.sessions->rows[0].place.name, "resnet");
}

CAF_TEST(a history without its sessions is told where nobody knows them) {
  start();
  anon_send_exit(parts.sessions, caf::exit_reason::kill);
  sched.run();
  const auto known = answer_from(inspector, get_history{60s});
  CAF_CHECK_EQUAL(known.series.front().values.size(), 60u);
  CAF_CHECK(!known.sessions);
  CAF_CHECK(report().unanswered.empty());
}

CAF_TEST(real consumers are told of with all that they do) {
  listener_options listening;
  start_others([&] {
    listening.ports.push_back(make_classic_port(sys, {"mnist", 10, {3, 3}, 60s}, parts.cache, log));
    return keep(sys.spawn<listener_impl>(listening, log));
  });
  const auto sent = std::make_shared<test::connection_record>();
  const auto connection = keep(sys.spawn(test::fake_connection, sent));
  anon_send(parts.listener, connection_opened{connection, "1.2.3.4:5"});
  sched.run();
  upstreams.describe(100);
  sched.run();
  upstreams.answer(0, "data");
  sched.run();
  const auto known = report();
  CAF_REQUIRE_EQUAL(known.clients.size(), 1u);
  const auto& client = known.clients[0];
  CAF_CHECK_EQUAL(client.client_id, "client_1.2.3.4:5");
  CAF_CHECK_EQUAL(client.peer, "1.2.3.4:5");
  CAF_CHECK_EQUAL(client.actor.state, "sending");
  CAF_CHECK_EQUAL(client.connection.id, connection.id());
  CAF_CHECK_EQUAL(client.batches_total.value_or(0), 10);
  // The other two that were asked for have not come yet.
  CAF_CHECK_EQUAL(known.cache.misses, 1u);
  CAF_CHECK_EQUAL(known.cache.batches, 1u);
  const auto latest = answer_from(inspector, get_latest_batch{});
  CAF_CHECK_EQUAL(latest.batch->index, 0);
  CAF_CHECK_EQUAL(latest.batch_size, 10);
  CAF_CHECK_EQUAL(latest.description.total_samples, 100);
  sent->owner = nullptr;
}

CAF_TEST_FIXTURE_SCOPE_END()
