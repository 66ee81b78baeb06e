#define CAF_SUITE server_broker

#include "io/tcp/server_broker.hpp"

#include <caf/test/dsl.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include "tests/support/broker_fixture.hpp"
#include "tests/support/multiplexer_rounds.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// Leaves this process no descriptor, until it is destroyed.
class no_descriptors {
public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    // Below the limit there are none free either.
    for (auto fd = take(); fd >= 0; fd = take())
      taken_.push_back(fd);
  }

  ~no_descriptors() {
    give_back(taken_.size());
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;

  void give_back(std::size_t count) {
    for (; count > 0 && !taken_.empty(); --count) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }

private:
  int take() {
    const ::rlimit low{256, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }

  ::rlimit before_{};
  std::vector<int> taken_;
};

/// A socket of the test, taken before there are no descriptors.
class reserved_peer {
public:
  reserved_peer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~reserved_peer() { ::close(fd_); }
  reserved_peer(const reserved_peer&) = delete;
  reserved_peer& operator=(const reserved_peer&) = delete;

  void connect(std::uint16_t port) const {
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    CAF_REQUIRE_EQUAL(::connect(fd_, reinterpret_cast<const ::sockaddr*>(&address), sizeof address), 0);
  }

private:
  int fd_;
};

struct fixture : test::broker_fixture {
  template <class Predicate>
  void wait_until(Predicate holds) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline)
        CAF_FAIL("it does not come to be");
      self->receive([](const caf::down_msg&) {}, caf::after(10ms) >> [] {});
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_broker_tests, fixture)

CAF_TEST(without descriptors it waits without spinning and those who are connected go on) {
  // Nothing but the peers is a reason to do anything.
  options.check_interval = 1h;
  start();
  test::tcp_client first{port};
  const auto served = accept();
  const reserved_peer waiting;
  const no_descriptors shortage;
  waiting.connect(port);
  wait_until([&] { return log->named("accepting_paused").size() == 1; });
  CAF_CHECK_EQUAL(log->named("accepting_paused")[0].fields.at("reason"), "Too many open files");
  const auto before = test::multiplexer_rounds();
  self->receive([](const connection_opened&) { CAF_FAIL("there is no descriptor for it"); }, caf::after(1s) >> [] {});
  // The round in which it paused may have gone on. A server that spins makes thousands.
  CAF_CHECK_LESS(test::multiplexer_rounds() - before, 10u);
  const auto expected = send_pass(served.connection, 10, 100'000);
  CAF_CHECK(first.read_all() == expected);
  // The place of a peer that has left is taken at once.
  CAF_CHECK_EQUAL(log->named("accepting_resumed").size(), 0u);
  first.half_close();
  accept();
}

CAF_TEST(without descriptors it goes on by itself when there are some) {
  options.check_interval = 100ms;
  start();
  const reserved_peer waiting;
  {
    const no_descriptors shortage;
    waiting.connect(port);
    wait_until([&] { return log->named("accepting_paused").size() == 1; });
    // Until it has tried in vain a few times.
    wait_until([before = test::multiplexer_rounds()] { return test::multiplexer_rounds() > before + 10; });
  }
  accept();
  wait_until([&] { return log->named("accepting_resumed").size() == 1; });
  const test::tcp_client another{port};
  accept();
  CAF_CHECK_EQUAL(log->named("accepting_paused").size(), 1u);
}

CAF_TEST(there are no more connections than there may be and the next is accepted when one goes down) {
  server_options.max_connections = 2;
  start();
  test::tcp_client first{port};
  test::tcp_client second{port};
  const auto opened = accept();
  accept();
  test::tcp_client third{port};
  wait_until([&] { return log->named("accepting_paused").size() == 1; });
  CAF_CHECK_EQUAL(log->named("accepting_paused")[0].fields.at("connections"), "2");
  self->receive([](const connection_opened&) { CAF_FAIL("there are as many as there may be"); },
                caf::after(200ms) >> [] {});
  self->send(opened.connection, abort_connection{});
  expect_down();
  const auto late = accept();
  CAF_CHECK_EQUAL(late.peer, "127.0.0.1:" + std::to_string(third.local_port()));
}

CAF_TEST(a peer that has closed its connection before it is accepted is not announced) {
  options.check_interval = 100ms;
  auto socket = listen();
  test::tcp_client reset{port};
  reset.reset();
  { const test::tcp_client closed{port}; }
  const test::tcp_client reader{port};
  start(std::move(socket));
  CAF_CHECK_EQUAL(accept().peer, "127.0.0.1:" + std::to_string(reader.local_port()));
  wait_until([&] { return log->named("connection_unused").size() == 2; });
  self->receive([](const connection_opened&) { CAF_FAIL("a peer that is gone is announced"); },
                caf::after(200ms) >> [] {});
}

CAF_TEST(a peer that has closed its sending side before it is accepted gets its whole pass) {
  options.check_interval = 100ms;
  auto socket = listen();
  test::tcp_client peer{port};
  peer.half_close();
  start(std::move(socket));
  const auto opened = accept();
  const auto owner = attach(opened);
  const auto expected = send_pass(opened.connection, 20, 100'000);
  CAF_CHECK(peer.read_all() == expected);
  CAF_CHECK_EQUAL(log->named("connection_unused").size(), 0u);
}

CAF_TEST(a doubtful peer that is refused gets its whole error) {
  options.check_interval = 100ms;
  auto socket = listen();
  test::tcp_client peer{port};
  peer.half_close();
  start(std::move(socket));
  const auto opened = accept();
  const auto line = encode_classic_error(0, "c", {status_code::unavailable, "why"});
  send_message(opened.connection, line);
  self->send(opened.connection, finish_sending{});
  CAF_CHECK_EQUAL(peer.read_all(), line);
}

CAF_TEST(every peer is checked however many there are) {
  options.check_interval = 100ms;
  start();
  std::vector<test::tcp_client> peers;
  for (auto i = 0; i < 70; ++i)
    peers.emplace_back(port);
  for (auto i = 0; i < 70; ++i)
    accept();
  // Nothing is sent, so that nothing but a check finds out.
  for (auto& peer : peers)
    peer.reset();
  for (auto i = 0; i < 70; ++i)
    expect_down();
}

CAF_TEST(it can be stopped without descriptors) {
  start();
  self->monitor(server);
  const reserved_peer waiting;
  const no_descriptors shortage;
  waiting.connect(port);
  wait_until([&] { return log->named("accepting_paused").size() == 1; });
  self->send(server, stop_accepting{});
  expect_down();
}

CAF_TEST(it ends with its last connection) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  self->demonitor(opened.connection);
  self->monitor(server);
  self->send(server, stop_accepting{});
  self->receive([](const caf::down_msg&) { CAF_FAIL("who would look after the connection?"); },
                caf::after(200ms) >> [] {});
  self->send(opened.connection, abort_connection{});
  expect_down();
}

CAF_TEST(a server that is stopped as soon as it starts keeps no descriptor) {
  const auto before = test::facts_of(::getpid()).descriptors;
  // The multiplexer waits, so that the start and the stop are there for one and the same round of it.
  std::promise<void> gate;
  sys.middleman().backend().post([open = gate.get_future().share()] { open.wait(); });
  start();
  self->monitor(server);
  self->send(server, stop_accepting{});
  gate.set_value();
  expect_down();
  wait_until([&] { return test::facts_of(::getpid()).descriptors == before; });
}

CAF_TEST(connections that come and go by the thousand leave nothing behind) {
  options.check_interval = 50ms;
  start();
  const auto base = sys.registry().running();
  for (auto round = 0; round < 20; ++round) {
    std::vector<test::tcp_client> peers;
    for (auto i = 0; i < 100; ++i)
      peers.emplace_back(port);
    for (auto i = 0; i < 100; ++i) {
      const auto opened = accept();
      if (i % 2 == 0)
        send_message(opened.connection, std::string(10'000, 'x'));
    }
    for (auto& peer : peers)
      peer.reset();
    for (auto i = 0; i < 100; ++i)
      expect_down();
  }
  wait_until([&] { return sys.registry().running() == base; });
}

CAF_TEST_FIXTURE_SCOPE_END()
