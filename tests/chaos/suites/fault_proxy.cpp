#define CAF_SUITE fault_proxy

#include "tests/chaos/fault_proxy.hpp"

#include <caf/test/unit_test.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <string_view>

#include "io/socket_port.hpp"
#include "tests/chaos/loopback_socket.hpp"

using namespace dispatch::chaos;
using namespace std::chrono_literals;
using dispatch::io::unique_fd;
using clock_type = std::chrono::steady_clock;

namespace {

/// One end of a connection, and what has come there.
struct peer {
  unique_fd socket;
  std::string received;
  bool ended = false;
  int error = 0; // how it failed

  void take() {
    std::array<char, 65536> buffer;
    while (socket && !ended && error == 0) {
      const auto got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
      if (got > 0)
        received.append(buffer.data(), static_cast<std::size_t>(got));
      else if (got == 0)
        ended = true;
      else if (would_block(errno))
        return;
      else
        error = errno;
    }
  }

  /// Sends few bytes, for which there is always room.
  void send(const std::string& bytes) const { CAF_REQUIRE_EQUAL(send_some(bytes), bytes.size()); }

  /// Sends what there is room for.
  std::size_t send_some(std::string_view bytes) const {
    const auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    CAF_REQUIRE(sent >= 0 || would_block(errno));
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
};

/// A server that says nothing by itself, the proxy before it, and one who connects.
struct fixture {
  unique_fd listening = listen_at(0);
  fault_proxy proxy;
  peer near;
  peer far;

  fixture() { proxy.lead_to(dispatch::io::port_of(listening.get())); }

  /// Goes on until it is so, for ten seconds at most.
  void until(const std::function<bool()>& reached) {
    const auto deadline = clock_type::now() + 10s;
    while (!reached()) {
      CAF_REQUIRE(clock_type::now() < deadline);
      turn();
    }
  }

  /// Goes on for some time.
  void for_a_while(milliseconds time) {
    const auto end = clock_type::now() + time;
    until([end] { return clock_type::now() >= end; });
  }

  void turn() {
    poll_set set;
    proxy.watch(set, clock_type::now());
    set.wait(1ms);
    proxy.serve(set, clock_type::now());
    if (!far.socket)
      far.socket = accept_from(listening);
    near.take();
    far.take();
  }

  void send_all(const peer& from, const std::string& bytes) {
    std::size_t sent = 0;
    until([&] {
      sent += from.send_some(std::string_view{bytes}.substr(sent));
      return sent == bytes.size();
    });
  }

  void connect() {
    near = {};
    far = {};
    near.socket = connect_to(proxy.port());
    CAF_REQUIRE(near.socket);
  }

  /// Who connects now is told that nobody listens.
  void is_refused() {
    near = {};
    near.socket = connect_to(proxy.port());
    until([this] { return !near.socket || near.error == ECONNREFUSED; });
  }

  void connect_through() {
    connect();
    until([this] { return bool{far.socket}; });
  }

  void exchange(const std::string& there, const std::string& back) {
    send_all(near, there);
    until([&] { return far.received == there; });
    send_all(far, back);
    until([&] { return near.received == back; });
  }

  void begin(fault_kind kind) {
    fault_event event;
    event.kind = kind;
    proxy.begin(event);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(fault_proxy_tests, fixture)

CAF_TEST(bytes and ends go both ways) {
  connect_through();
  exchange(std::string(300'000, 'a'), "pong");
  ::shutdown(near.socket.get(), SHUT_WR);
  until([this] { return far.ended; });
  far.send("more");
  ::shutdown(far.socket.get(), SHUT_WR);
  until([this] { return near.ended; });
  CAF_CHECK_EQUAL(near.received, "pongmore");
  until([this] { return proxy.connections() == 0; });
  CAF_CHECK_EQUAL(proxy.passed(), 300'008u);
}

CAF_TEST(a reset goes on to the other side) {
  connect_through();
  exchange("ping", "pong");
  close_with_reset(far.socket);
  far.ended = true;
  until([this] { return near.error == ECONNRESET; });
}

CAF_TEST(without a server connections are reset and refused) {
  connect_through();
  exchange("ping", "pong");
  proxy.lead_nowhere();
  until([this] { return near.error == ECONNRESET; });
  is_refused();
  proxy.lead_to(dispatch::io::port_of(listening.get()));
  connect_through();
  exchange("ping", "pong");
}

CAF_TEST(refusing ends with the fault) {
  begin(fault_kind::refuse);
  is_refused();
  proxy.end();
  connect_through();
  exchange("ping", "pong");
}

CAF_TEST(half open means connected without an answer) {
  connect_through();
  exchange("ping", "pong");
  auto old = std::move(near);
  begin(fault_kind::half_open);
  connect();
  near.send("hello?");
  until([this] { return proxy.connections() == 2; });
  old.send("still there?");
  for_a_while(100ms);
  CAF_CHECK(!far.socket);
  CAF_CHECK(near.received.empty() && !near.ended && near.error == 0);
  proxy.end();
  until([this] { return near.error == ECONNRESET; });
}

CAF_TEST(what was held by a silent connection comes when it is over) {
  connect_through();
  exchange("ping", "pong");
  begin(fault_kind::half_open);
  near.send("late");
  for_a_while(100ms);
  CAF_CHECK_EQUAL(far.received, "ping");
  proxy.end();
  until([this] { return far.received == "pinglate"; });
}

CAF_TEST(garbage is said to those who come) {
  begin(fault_kind::garbage);
  connect();
  until([this] { return near.received.find("400 Bad Request") != std::string::npos; });
  CAF_CHECK(!far.socket);
  proxy.end();
  until([this] { return near.error == ECONNRESET; });
}

CAF_TEST(a delay makes bytes late) {
  connect_through();
  fault_event event;
  event.kind = fault_kind::delay;
  event.delay = 200ms;
  proxy.begin(event);
  const auto start = clock_type::now();
  near.send("late");
  until([this] { return far.received == "late"; });
  CAF_CHECK(clock_type::now() - start >= 200ms);
}

CAF_TEST(a throttle lets few bytes through) {
  connect_through();
  fault_event event;
  event.kind = fault_kind::throttle;
  event.bytes_per_second = 100'000;
  proxy.begin(event);
  const auto start = clock_type::now();
  send_all(near, std::string(60'000, 'a'));
  until([this] { return far.received.size() == 60'000; });
  // A tenth of a second's bytes may go at once.
  CAF_CHECK(clock_type::now() - start >= 450ms);
}

CAF_TEST(a cut lets so many bytes through and ends in order) {
  connect_through();
  exchange("ping", "pong");
  fault_event event;
  event.kind = fault_kind::cut;
  event.after_bytes = 1000;
  proxy.begin(event);
  far.send(std::string(5000, 'b'));
  until([this] { return near.ended; });
  CAF_CHECK_EQUAL(near.received.size(), 1004u);
}

CAF_TEST(a cut with a reset) {
  connect_through();
  exchange("ping", "pong");
  begin(fault_kind::reset);
  until([this] { return near.error == ECONNRESET; });
}

CAF_TEST(a damage changes one frame) {
  connect_through();
  exchange(std::string(frame_damager::preface_size, 'P'), std::string(9, '\0'));
  fault_event event;
  event.kind = fault_kind::corrupt;
  event.what = damage::short_ping;
  proxy.begin(event);
  far.send(std::string(9, '\0'));
  until([this] { return near.received.size() == 18; });
  CAF_CHECK_EQUAL(static_cast<int>(near.received[9 + 3]), 6);
  near.socket = unique_fd{};
  far.socket = unique_fd{};
  until([this] { return proxy.connections() == 0; });
  CAF_CHECK_EQUAL(proxy.damages(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
