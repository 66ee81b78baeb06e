#define CAF_SUITE connection_broker

#include "io/connection_broker.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <chrono>
#include <future>

#include "io/coalescing_multiplexer.hpp"
#include "io/listen_socket.hpp"
#include "io/server_broker.hpp"
#include "messages/frame_codec.hpp"
#include "tests/support/tcp_client.hpp"

// Real sockets: CAF's test multiplexer knows neither data_transferred_msg nor half-closed peers.

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;

constexpr std::size_t frames_in_a_message = 3;

struct config : caf::actor_system_config {
  config() {
    load<caf::io::middleman, io::coalescing_multiplexer>();
    set("caf.scheduler.max-threads", 2);
    set("caf.logger.console.verbosity", "quiet");
  }
};

/// Hands connections to the test, which plays listener and client from its own thread.
listener_actor::behavior_type forward(listener_actor::pointer, caf::actor test) {
  return {
    [test](const connection_opened& opened) { caf::anon_send(test, opened); },
    [](const drain_clients&) {},
    [](get_listener_stats) { return listener_stats{}; },
  };
}

/// Passes credit on to the test.
client_actor::behavior_type credit_client(client_actor::pointer, caf::actor test) {
  return {
    [test](const frames_written& written) { caf::anon_send(test, written); },
    [](client_tick) {},
    [](const end_stream&) {},
    [](connection_lost) {},
  };
}

struct fixture {
  config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  io::connection_options options;
  std::uint16_t port = 0;
  server_actor server;

  ~fixture() { anon_send(server, stop_accepting{}); }

  void start() {
    const auto socket = std::get<io::listen_socket>(io::open_listen_socket({"127.0.0.1", 0}));
    port = socket.port;
    server = io::spawn_server_broker(sys, socket, sys.spawn(forward, caf::actor{self}), options);
  }

  connection_opened accept() {
    connection_opened result;
    self->receive([&](const connection_opened& opened) { result = opened; },
                  caf::after(patience) >> [] { CAF_FAIL("nobody connected"); });
    self->monitor(result.connection);
    return result;
  }

  void expect_down() {
    self->receive([](const caf::down_msg&) {}, caf::after(patience) >> [] { CAF_FAIL("the connection stays"); });
  }

  client_actor attach(const connection_opened& to) {
    auto client = sys.spawn(credit_client, caf::actor{self});
    self->send(to.connection, attach_client{client});
    return client;
  }

  /// Sends `count` frames of `size` bytes of samples and the end of the stream.
  /// @returns what the peer must get
  std::string send_stream(const connection_actor& to, std::int32_t count, std::size_t size) {
    const auto tail = std::make_shared<const std::string>(encode_tail("c", false));
    const auto last_tail = std::make_shared<const std::string>(encode_tail("c", true));
    std::string expected;
    write_frames next;
    for (std::int32_t i = 0; i < count; ++i) {
      const auto body = encode_frame(i, false, std::string(size, static_cast<char>(i)));
      const auto& end = i + 1 == count ? last_tail : tail;
      expected.append(body->encoded()).append(*end);
      next.frames.push_back({body, end});
      if (next.frames.size() == frames_in_a_message || i + 1 == count)
        self->send(to, std::exchange(next, {}));
    }
    self->send(to, finish_stream{});
    return expected;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_broker_tests, fixture)

CAF_TEST(frames arrive whole and in order and then the connection is closed in order) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  CAF_CHECK_EQUAL(opened.peer, "127.0.0.1:" + std::to_string(peer.local_port()));
  const auto expected = send_stream(opened.connection, 40, 100'000);
  CAF_CHECK(peer.read_all() == expected);
  peer.half_close();
  expect_down();
}

CAF_TEST(a peer that has sent what nobody reads gets everything) {
  start();
  for (auto round = 0; round < 20; ++round) {
    test::tcp_client peer{port};
    peer.send(std::string(3000, 'x'));
    const auto opened = accept();
    const auto expected = send_stream(opened.connection, 5, 50'000);
    CAF_CHECK(peer.read_all() == expected);
    peer.half_close();
    expect_down();
  }
}

CAF_TEST(a peer that has closed its sending side gets everything) {
  start();
  test::tcp_client peer{port};
  peer.half_close();
  const auto opened = accept();
  const auto expected = send_stream(opened.connection, 20, 100'000);
  CAF_CHECK(peer.read_all() == expected);
  expect_down();
}

CAF_TEST(credit is given for each frame that has left) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto client = attach(opened);
  auto reading = std::async(std::launch::async, [&] { return peer.read_all(); });
  const auto expected = send_stream(opened.connection, 12, 70'000);
  std::uint32_t frames = 0;
  std::uint64_t bytes = 0;
  self->receive_while([&] { return frames < 12; })(
    [&](const frames_written& written) {
      frames += written.frames;
      bytes += written.bytes;
    },
    caf::after(patience) >> [&] { CAF_FAIL("credit is missing, there were " << frames); });
  CAF_CHECK(reading.get() == expected);
  CAF_CHECK_EQUAL(bytes, expected.size());
  peer.half_close();
  expect_down();
}

CAF_TEST(a peer that does not read gets no more than the kernel takes and can be ended) {
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto client = attach(opened);
  send_stream(opened.connection, 100, 1'000'000);
  // The first frames fill the kernel's buffers; then there is silence.
  std::uint32_t frames = 0;
  auto silent = false;
  self->receive_while([&] { return !silent; })([&](const frames_written& written) { frames += written.frames; },
                                               caf::after(500ms) >> [&] { silent = true; });
  CAF_CHECK(frames < 10);
  self->send(opened.connection, abort_connection{});
  expect_down();
}

CAF_TEST(a stream that is cut short ends with an error frame for the first batch that is missing) {
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  // The last frame is queued as well: what counts is what the peer gets.
  send_stream(opened.connection, 50, 1'000'000);
  self->send(opened.connection, cut_short{status_code::unavailable, "draining"});
  const auto text = peer.read_all();
  const auto frames = static_cast<std::int32_t>(std::count(text.begin(), text.end(), '\n')) - 1;
  CAF_CHECK(frames < 50);
  const auto client_id = "client_127.0.0.1:" + std::to_string(peer.local_port());
  const auto last = encode_error_line(frames, client_id, {status_code::unavailable, "draining"});
  CAF_CHECK_EQUAL(text.substr(text.size() - last.size()), last);
  peer.half_close();
  expect_down();
}

CAF_TEST(a stream that has left whole is not cut short) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  const auto expected = send_stream(opened.connection, 3, 1000);
  CAF_CHECK(peer.read_all() == expected);
  self->send(opened.connection, cut_short{status_code::unavailable, "draining"});
  peer.half_close();
  expect_down();
}

CAF_TEST(an idle connection can be ended) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  self->send(opened.connection, abort_connection{});
  expect_down();
}

CAF_TEST(a peer that leaves in the middle ends its connection) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  send_stream(opened.connection, 50, 1'000'000);
  CAF_CHECK(peer.read_line());
  peer.reset();
  expect_down();
}

CAF_TEST(a peer that does not close is not waited for for ever) {
  options.linger = 50ms;
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  const auto expected = send_stream(opened.connection, 3, 1000);
  expect_down();
  CAF_CHECK(peer.read_all() == expected);
}

CAF_TEST(a client that fails leaves an error frame and an orderly end) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto client = attach(opened);
  const auto body = encode_frame(0, false, "samples");
  const auto tail = std::make_shared<const std::string>(encode_tail("c", false));
  self->send(opened.connection, write_frames{{{body, tail}}});
  CAF_CHECK_EQUAL(peer.read_line().value_or(""),
                  (std::string{body->encoded()} + *tail).substr(0, body->encoded().size() + tail->size() - 1));
  caf::anon_send_exit(client, caf::exit_reason::kill);
  const auto rest = peer.read_all();
  const auto client_id = "client_127.0.0.1:" + std::to_string(peer.local_port());
  CAF_CHECK_EQUAL(rest,
                  encode_error_line(1, client_id, {status_code::internal, "the dispatcher failed on this stream"}));
  peer.half_close();
  expect_down();
}

CAF_TEST_FIXTURE_SCOPE_END()
