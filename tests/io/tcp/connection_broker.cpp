#define CAF_SUITE connection_broker

#include "io/tcp/connection_broker.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <chrono>
#include <future>

#include "tests/support/broker_fixture.hpp"
#include "tests/support/tcp_client.hpp"
#include "wire/classic_codec.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(connection_broker_tests, test::broker_fixture)

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

CAF_TEST(a connection that has ended counts no messages as waiting) {
  options.look_interval = 1h;
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto client = attach(opened);
  const auto expected = send_stream(opened.connection, 3, 1000);
  CAF_CHECK(peer.read_all() == expected);
  peer.half_close();
  const auto wait_for_down = [this] {
    auto gone = false;
    self->receive_while([&] { return !gone; })([](const frames_written&) {}, [&](const caf::down_msg&) { gone = true; },
                                               caf::after(patience) >> [] { CAF_FAIL("it stays"); });
  };
  wait_for_down();
  self->monitor(client);
  self->send_exit(client, caf::exit_reason::kill);
  wait_for_down();
  const auto* waiting = sys.actor_metric_families().mailbox_size->get_or_add({{"name", "connection"}});
  CAF_CHECK_EQUAL(waiting->value(), 0);
}

CAF_TEST(a client hears of a part of a large frame) {
  options.look_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto client = attach(opened);
  send_stream(opened.connection, 1, 20'000'000);
  // The kernel takes some of it, and nothing whole.
  auto told = false;
  self->receive_while([&] { return !told; })(
    [&](const frames_written& written) {
      CAF_CHECK_EQUAL(written.frames, 0u);
      told = true;
    },
    caf::after(patience) >> [] { CAF_FAIL("nobody is told"); });
  self->send(opened.connection, abort_connection{});
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

CAF_TEST(nothing follows a last frame that has begun to leave) {
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  const auto expected = send_stream(opened.connection, 1, 10'000'000);
  self->send(opened.connection, cut_short{status_code::unavailable, "draining"});
  CAF_CHECK(peer.read_all() == expected);
  peer.half_close();
  expect_down();
}

CAF_TEST(a peer that pauses before the end of its stream is not left to the kernel) {
  options.linger = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  const auto expected = send_stream(opened.connection, 1, 30'000);
  self->receive([](const caf::down_msg&) { CAF_FAIL("the connection was closed before its peer had everything"); },
                caf::after(500ms) >> [] {});
  CAF_CHECK(peer.read_all() == expected);
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

CAF_TEST(a peer that sends much before it reads is not stuck) {
  options.look_interval = 10ms;
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  // More than the kernel holds on both sides for somebody who does not read it.
  peer.send(std::string(std::size_t{24} << 20, 'x'));
  const auto expected = send_stream(opened.connection, 5, 50'000);
  CAF_CHECK(peer.read_all() == expected);
  peer.half_close();
  expect_down();
}

CAF_TEST(a peer that resets an idle connection is noticed) {
  options.look_interval = 10ms;
  start();
  test::tcp_client peer{port};
  accept();
  peer.reset();
  expect_down();
}

CAF_TEST(a peer that lives and does not read outlasts the time after which a dead one is noticed) {
  options.socket.dead_peer_timeout = io::shortest_dead_peer_timeout;
  options.look_interval = 100ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  const auto expected = send_stream(opened.connection, 20, 300'000);
  // Not synchronisation: this is how long it does not read.
  self->receive([](const caf::down_msg&) { CAF_FAIL("a peer that lives was given up"); },
                caf::after(2 * io::shortest_dead_peer_timeout) >> [] {});
  CAF_CHECK(peer.read_all() == expected);
  peer.half_close();
  expect_down();
}

CAF_TEST(a client is told that its peer has stalled and then the connection is ended) {
  options.stall_timeout = 1s;
  options.look_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto client = attach(opened);
  send_stream(opened.connection, 20, 300'000);
  expect_stall();
  self->send(opened.connection, cut_short{status_code::deadline_exceeded, "stalled"});
  expect_down();
}

CAF_TEST(a peer has not stalled in time that this process has not run) {
  // It stands still from half a second on, as far as it knows.
  options.ran = std::make_shared<run_clock>(std::chrono::steady_clock::now() - run_clock::longest_gap + 500ms);
  options.stall_timeout = 1s;
  options.look_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto client = attach(opened);
  send_stream(opened.connection, 20, 300'000);
  auto told = false;
  self->receive_while([&] { return !told; })([](const frames_written&) {},
                                             [](const peer_stalled&) { CAF_FAIL("its time has not passed"); },
                                             caf::after(2s) >> [&] { told = true; });
}

CAF_TEST(a peer that has stalled and reads again gets its error frame) {
  options.stall_timeout = 1s;
  options.look_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto client = attach(opened);
  send_stream(opened.connection, 20, 300'000);
  expect_stall();
  self->send(opened.connection, cut_short{status_code::deadline_exceeded, "stalled"});
  const auto text = peer.read_all();
  CAF_CHECK(text.find("DEADLINE_EXCEEDED") != std::string::npos);
  CAF_CHECK_EQUAL(text.back(), '\n');
  peer.half_close();
  expect_down();
}

CAF_TEST(a peer that has taken all that there is has not stalled) {
  options.stall_timeout = 1s;
  options.look_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto client = attach(opened);
  const auto expected = send_stream(opened.connection, 4, 20'000);
  CAF_CHECK(peer.read_all() == expected);
  auto told = false;
  self->receive_while([&] { return !told; })([](const frames_written&) {},
                                             [](const peer_stalled&) { CAF_FAIL("it has everything"); },
                                             caf::after(2s) >> [&] { told = true; });
  peer.half_close();
  expect_down();
}

CAF_TEST_FIXTURE_SCOPE_END()
