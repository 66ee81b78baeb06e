#define CAF_SUITE listener

#include "actors/listener.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "tests/support/actor_fixture.hpp"
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
    [](const peer_lost&) {},
    [](consumer_tick) {},
    [](const begin_drain&) {},
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

/// In which a consumer that reads has taken an error frame.
constexpr auto enough_to_read = 100ms;

struct fixture : test::actor_fixture<> {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  listener_options options;
  listener_actor listener;
  /// Their addresses stay as they are when more come.
  std::deque<peer> peers;

  void start() {
    options.ports = {{[](const std::string& client_id) { return std::make_shared<const classic_protocol>(client_id); },
                      [this](connection_actor connection, const std::string&) {
                        return sys.spawn(fake_consumer, std::move(connection), peers.back().told);
                      }}};
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

  /// Has the listener drain. What it does at once is done.
  auto drain(const drain_clients& request) {
    auto response = send_request(listener, request);
    // What is to happen at once is due, and has yet to run.
    advance_time(0s);
    sched.run();
    return response;
  }

  void leave(peer& who) {
    anon_send_exit(who.connection, caf::exit_reason::kill);
    sched.run();
  }

  listener_report report() { return answer_from(listener, get_listener_report{}); }

  /// Lets time pass until a connection is aborted.
  /// @returns how long that took
  milliseconds time_until_aborted(const peer& who) {
    return pass_until([&who] { return who.record->aborted; });
  }

  /// The listener and all that have connected to it.
  void end_all() {
    for (auto& who : peers) {
      who.record->owner = nullptr;
      anon_send_exit(who.connection, caf::exit_reason::kill);
    }
    sched.run();
    anon_send_exit(listener, caf::exit_reason::kill);
    sched.run();
    peers.clear();
  }

  ~fixture() override { end_all(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(listener_tests, fixture)

CAF_TEST(each connection gets a client of its own) {
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
  options.max_clients = 1;
  start();
  auto& served = connect();
  auto& refused = connect();
  CAF_REQUIRE(refused.record->finished);
  // The one that is served takes its time.
  anon_send_exit(served.record->owner, caf::exit_reason::unknown);
  const auto took = time_until_aborted(refused);
  CAF_CHECK(took >= enough_to_read);
  pass(2 * took);
  CAF_CHECK(!served.record->aborted);
}

CAF_TEST(a client that dies does not touch the others) {
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
  start();
  auto& only = connect();
  only.record->lines = {"0", "1", "2"};
  only.record->left = 2;
  anon_send_exit(only.record->owner, caf::exit_reason::unknown);
  sched.run();
  CAF_CHECK_EQUAL(only.record->text(),
                  "01"
                    + encode_classic_error(2, "client_1.2.3.4:1",
                                           {status_code::internal, "the dispatcher failed on this connection"}));
  CAF_CHECK(only.record->finished);
}

CAF_TEST(clients end with their listener) {
  start();
  auto& only = connect();
  anon_send_exit(listener, caf::exit_reason::unknown);
  sched.run();
  CAF_CHECK_EQUAL(*only.told, "the dispatcher is stopping: a part of it has failed");
  CAF_CHECK(time_until_aborted(only) >= enough_to_read);
}

CAF_TEST(clients whose passes are ended are told why) {
  start();
  auto& only = connect();
  auto response = drain({0s, "it has failed: for the test"});
  CAF_CHECK_EQUAL(*only.told, "the dispatcher is draining: it has failed: for the test");
  leave(only);
  expect_done(response);
}

CAF_TEST(draining ends when the last client is gone) {
  start();
  auto& only = connect();
  auto response = drain({10s});
  CAF_CHECK(!only.record->finished);
  auto& late = connect();
  CAF_CHECK(late.record->text().find("UNAVAILABLE") != std::string::npos);
  leave(late);
  leave(only);
  expect_done(response);
}

CAF_TEST(draining ends passes when its time is over) {
  start();
  auto& only = connect();
  auto response = drain({10s});
  pass(9s);
  CAF_CHECK(only.told->empty());
  pass(1s);
  CAF_CHECK(only.told->find("draining") != std::string::npos);
  CAF_CHECK(!only.record->aborted);
  CAF_CHECK(time_until_aborted(only) >= enough_to_read);
  expect_done(response);
}

CAF_TEST(of many clients each has less time to take its error frame) {
  const auto time_of_each = [this](std::size_t clients) {
    start();
    for (std::size_t i = 0; i < clients; ++i)
      connect();
    auto response = drain({0s});
    CAF_REQUIRE(!peers.front().told->empty());
    const auto result = time_until_aborted(peers.front());
    CAF_CHECK(std::all_of(peers.begin(), peers.end(), [](const peer& who) { return who.record->aborted; }));
    expect_done(response);
    end_all();
    return result;
  };
  const auto of_one = time_of_each(1);
  const auto of_many = time_of_each(5000);
  CAF_CHECK(of_many < of_one);
  CAF_CHECK(of_many >= enough_to_read);
}

CAF_TEST(draining waits for connections without a client as well) {
  options.max_clients = 1;
  start();
  auto& first = connect();
  auto& refused = connect();
  auto& failed = first;
  anon_send_exit(failed.record->owner, caf::exit_reason::unknown);
  sched.run();
  auto response = drain({10s});
  leave(failed);
  CAF_CHECK(!refused.record->aborted);
  CAF_CHECK(self->mailbox().empty());
  time_until_aborted(refused);
  expect_done(response);
}

CAF_TEST(draining without clients is over at once) {
  start();
  auto response = drain({10s});
  expect_done(response);
}

CAF_TEST(the listener says who is connected) {
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
  CAF_CHECK_EQUAL(answer_to(response).actor.mailbox.value_or(0), 3u);
}

CAF_TEST(a refused consumer got an error frame) {
  options.max_clients = 0;
  start();
  connect();
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total"), 1);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total{code=\"RESOURCE_EXHAUSTED\"}"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
