#define CAF_SUITE listener

#include "actors/listener.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_connection.hpp"
#include "tests/support/metrics_text.hpp"
#include "wire/classic_codec.hpp"
#include "wire/classic_protocol.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// A consumer's actor that sends nothing, and says what it was told.
consumer_actor::behavior_type fake_consumer(consumer_actor::pointer self, connection_actor connection,
                                            std::shared_ptr<std::string> told) {
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  self->monitor(connection);
  self->send(connection, attach_owner{consumer_actor{self}});
  return {
    [](const messages_sent&) {},
    [](const input_received&) {},
    [](input_ended) {},
    [](const peer_stalled&) {},
    [](consumer_tick) {},
    [told](const end_pass& request) { *told = request.message; },
    [](get_client_report) { return client_report{}; },
  };
}

struct peer {
  test::connection_record_ptr record = std::make_shared<test::connection_record>();
  connection_actor connection;
  /// Why its pass was ended.
  std::shared_ptr<std::string> told = std::make_shared<std::string>();
};

struct fixture : test_coordinator_fixture<> {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  listener_options options;
  listener_actor listener;
  std::vector<peer> peers;

  void start() {
    options.ports.push_back(
      {[](const std::string& client_id) { return std::make_shared<const classic_protocol>(client_id); },
       [this](connection_actor connection, const std::string&, consumer_protocol_ptr) {
         return sys.spawn(fake_consumer, std::move(connection), peers.back().told);
       }});
    listener = sys.spawn<listener_impl>(options, log);
    sched.run();
  }

  peer& connect() {
    peers.emplace_back();
    auto& added = peers.back();
    added.connection = sys.spawn(test::fake_connection, added.record);
    anon_send(listener, connection_opened{added.connection, "1.2.3.4:" + std::to_string(peers.size())});
    sched.run();
    return added;
  }

  void leave(peer& who) {
    anon_send_exit(who.connection, caf::exit_reason::kill);
    sched.run();
  }

  listener_report report() {
    auto response = self->request(listener, caf::infinite, get_listener_report{});
    sched.run();
    listener_report result;
    response.receive([&](const listener_report& x) { result = x; }, [](const caf::error& reason) { CAF_FAIL(reason); });
    return result;
  }

  ~fixture() override {
    for (auto& who : peers) {
      who.record->owner = nullptr;
      anon_send_exit(who.connection, caf::exit_reason::kill);
    }
    sched.run();
    anon_send_exit(listener, caf::exit_reason::kill);
    sched.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(listener_tests, fixture)

CAF_TEST(each connection gets a client of its own) {
  peers.reserve(8);
  start();
  auto& first = connect();
  auto& second = connect();
  CAF_REQUIRE(first.record->owner);
  CAF_REQUIRE(second.record->owner);
  CAF_CHECK(first.record->owner != second.record->owner);
  CAF_CHECK_EQUAL(report().clients.size(), 2u);
  leave(first);
  CAF_CHECK_EQUAL(report().clients.size(), 1u);
  CAF_CHECK_EQUAL(report().accepted, 2u);
}

CAF_TEST(one client too many is told so) {
  peers.reserve(8);
  options.max_clients = 2;
  start();
  auto& first = connect();
  connect();
  auto& third = connect();
  CAF_CHECK(!third.record->owner);
  CAF_CHECK(third.record->finished);
  CAF_CHECK(third.record->text().find("RESOURCE_EXHAUSTED") != std::string::npos);
  CAF_CHECK(third.record->text().find("client_1.2.3.4:3") != std::string::npos);
  leave(first);
  CAF_CHECK(connect().record->owner);
  CAF_CHECK_EQUAL(report().refused, 1u);
}

CAF_TEST(who is refused and does not close is not waited for) {
  peers.reserve(8);
  options.max_clients = 1;
  start();
  auto& served = connect();
  auto& refused = connect();
  CAF_REQUIRE(refused.record->finished);
  advance_time(500ms);
  sched.run();
  CAF_CHECK(!refused.record->aborted);
  // The one that is served takes its time.
  anon_send_exit(served.record->owner, caf::exit_reason::unknown);
  for (auto i = 0; i < 3; ++i) {
    advance_time(500ms);
    sched.run();
  }
  CAF_CHECK(refused.record->aborted);
  CAF_CHECK(!served.record->aborted);
}

CAF_TEST(a client that dies does not touch the others) {
  peers.reserve(8);
  start();
  auto& first = connect();
  auto& second = connect();
  anon_send_exit(first.record->owner, caf::exit_reason::unknown);
  sched.run();
  CAF_CHECK_EQUAL(report().clients.size(), 1u);
  CAF_CHECK(!second.record->finished);
  CAF_REQUIRE_EQUAL(log->named("client_failed").size(), 1u);
  CAF_CHECK_EQUAL(log->named("client_failed")[0].fields.at("client"), "client_1.2.3.4:1");
}

CAF_TEST(the consumer of a client that dies gets an error in the place of what has not left) {
  peers.reserve(8);
  start();
  auto& only = connect();
  only.record->lines = {"0", "1", "2"};
  only.record->left = 2;
  anon_send_exit(only.record->owner, caf::exit_reason::unknown);
  sched.run();
  CAF_CHECK_EQUAL(
    only.record->text(),
    "01"
      + encode_classic_error(2, "client_1.2.3.4:1", {status_code::internal, "the dispatcher failed on this connection"}));
  CAF_CHECK(only.record->finished);
}

CAF_TEST(clients end with their listener) {
  peers.reserve(8);
  start();
  auto& only = connect();
  anon_send_exit(listener, caf::exit_reason::unknown);
  sched.run();
  CAF_CHECK_EQUAL(*only.told, "the dispatcher is stopping: a part of it has failed");
  advance_time(500ms);
  sched.run();
  CAF_CHECK(only.record->aborted);
}

CAF_TEST(clients whose passes are ended are told why) {
  peers.reserve(8);
  start();
  auto& only = connect();
  auto response = self->request(listener, caf::infinite, drain_clients{0s, "it has failed: for the test"});
  sched.run();
  advance_time(0s);
  sched.run();
  CAF_CHECK_EQUAL(*only.told, "the dispatcher is draining: it has failed: for the test");
  leave(only);
  response.receive([] {}, [](const caf::error& reason) { CAF_FAIL(reason); });
}

CAF_TEST(draining ends when the last client is gone) {
  peers.reserve(8);
  start();
  auto& only = connect();
  auto response = self->request(listener, caf::infinite, drain_clients{10s});
  sched.run();
  CAF_CHECK(!only.record->finished);
  auto& late = connect();
  CAF_CHECK(late.record->text().find("UNAVAILABLE") != std::string::npos);
  leave(late);
  leave(only);
  auto drained = false;
  response.receive([&] { drained = true; }, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(drained);
}

CAF_TEST(draining ends passes when its time is over) {
  peers.reserve(8);
  start();
  auto& only = connect();
  auto response = self->request(listener, caf::infinite, drain_clients{10s});
  sched.run();
  advance_time(9s);
  sched.run();
  CAF_CHECK(only.told->empty());
  advance_time(1s);
  sched.run();
  CAF_CHECK(only.told->find("draining") != std::string::npos);
  CAF_CHECK(!only.record->aborted);
  advance_time(500ms);
  sched.run();
  CAF_CHECK(only.record->aborted);
  auto drained = false;
  response.receive([&] { drained = true; }, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(drained);
}

CAF_TEST(of many clients each has less time to take its error frame) {
  constexpr auto count = 5000;
  peers.reserve(count);
  start();
  for (auto i = 0; i < count; ++i)
    connect();
  auto response = self->request(listener, caf::infinite, drain_clients{0s});
  sched.run();
  advance_time(0s);
  sched.run();
  CAF_REQUIRE(!peers.front().told->empty());
  advance_time(299ms);
  sched.run();
  CAF_CHECK(!peers.front().record->aborted);
  advance_time(1ms);
  sched.run();
  CAF_CHECK(std::all_of(peers.begin(), peers.end(), [](const peer& who) { return who.record->aborted; }));
  response.receive([] {}, [](const caf::error& reason) { CAF_FAIL(reason); });
}

CAF_TEST(draining waits for connections without a client as well) {
  peers.reserve(8);
  options.max_clients = 1;
  start();
  auto& first = connect();
  auto& refused = connect();
  auto& failed = first;
  anon_send_exit(failed.record->owner, caf::exit_reason::unknown);
  sched.run();
  auto response = self->request(listener, caf::infinite, drain_clients{10s});
  sched.run();
  leave(failed);
  CAF_CHECK(!refused.record->aborted);
  advance_time(10s);
  sched.run();
  advance_time(500ms);
  sched.run();
  CAF_CHECK(refused.record->aborted);
  auto drained = false;
  response.receive([&] { drained = true; }, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(drained);
}

CAF_TEST(draining without clients is over at once) {
  start();
  auto response = self->request(listener, caf::infinite, drain_clients{10s});
  sched.run();
  auto drained = false;
  response.receive([&] { drained = true; }, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(drained);
}

CAF_TEST(the listener says who is connected) {
  peers.reserve(8);
  start();
  auto& first = connect();
  connect();
  const auto known = report();
  CAF_REQUIRE_EQUAL(known.clients.size(), 2u);
  const auto listed = std::find_if(known.clients.begin(), known.clients.end(), [&](const listed_client& candidate) {
    return candidate.client.address() == first.record->owner.address();
  });
  CAF_REQUIRE(listed != known.clients.end());
  CAF_CHECK_EQUAL(listed->client_id, "client_1.2.3.4:1");
  CAF_CHECK_EQUAL(listed->peer, "1.2.3.4:1");
  CAF_CHECK_EQUAL(known.actor.state, "serving");
  CAF_CHECK(!known.draining);
  anon_send(listener, drain_clients{10s});
  sched.run();
  CAF_CHECK(report().draining);
  CAF_CHECK_EQUAL(report().actor.state, "draining");
  CAF_CHECK_EQUAL(count_of(listener_metrics{sys.metrics()}.drains), 1u);
}

CAF_TEST(who waits in the mailbox is counted) {
  start();
  auto response = self->request(listener, caf::infinite, get_listener_report{});
  for (auto i = 0; i < 3; ++i)
    anon_send(listener, get_listener_report{});
  sched.run();
  response.receive([](const listener_report& x) { CAF_CHECK_EQUAL(x.actor.mailbox.value_or(0), 3u); },
                   [](const caf::error& reason) { CAF_FAIL(reason); });
}

CAF_TEST(a refused consumer got an error frame) {
  peers.reserve(8);
  options.max_clients = 0;
  start();
  connect();
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total"), 1);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total{code=\"RESOURCE_EXHAUSTED\"}"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
