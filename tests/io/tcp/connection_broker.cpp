#define CAF_SUITE connection_broker

#include "io/tcp/connection_broker.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>

#include "tests/support/broker_fixture.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(connection_broker_tests, test::broker_fixture)

CAF_TEST(frames arrive whole and in order and then the connection is closed in order) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  CAF_CHECK_EQUAL(opened.peer, "127.0.0.1:" + std::to_string(peer.local_port()));
  const auto expected = send_pass(opened.connection, 40, 100'000);
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
    const auto expected = send_pass(opened.connection, 5, 50'000);
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
  const auto expected = send_pass(opened.connection, 20, 100'000);
  CAF_CHECK(peer.read_all() == expected);
  expect_down();
}

CAF_TEST(the owner hears of each message that has left) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto owner = attach(opened);
  auto reading = std::async(std::launch::async, [&] { return peer.read_all(); });
  const auto expected = send_pass(opened.connection, 12, 70'000);
  std::uint32_t messages = 0;
  std::uint64_t bytes = 0;
  self->receive_while([&] { return messages < 12; })(
    [&](const messages_sent& sent) {
      messages += sent.messages;
      bytes += sent.bytes;
    },
    caf::after(timeout) >> [&] { CAF_FAIL("the owner hears of " << messages); });
  CAF_CHECK(reading.get() == expected);
  CAF_CHECK_EQUAL(bytes, expected.size());
  peer.half_close();
  expect_down();
}

CAF_TEST(a connection that has ended counts no messages as waiting) {
  options.check_interval = 1h;
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto owner = attach(opened);
  const auto expected = send_pass(opened.connection, 3, 1000);
  CAF_CHECK(peer.read_all() == expected);
  peer.half_close();
  const auto wait_for_down = [this] {
    auto gone = false;
    self->receive_while([&] { return !gone; })([](const messages_sent&) {}, [&](const caf::down_msg&) { gone = true; },
                                               caf::after(timeout) >> [] { CAF_FAIL("it stays"); });
  };
  wait_for_down();
  self->monitor(owner);
  self->send_exit(owner, caf::exit_reason::kill);
  wait_for_down();
  const auto* waiting = sys.actor_metric_families().mailbox_size->get_or_add({{"name", "connection"}});
  CAF_CHECK_EQUAL(waiting->value(), 0);
}

CAF_TEST(the owner hears of a part of a large message) {
  options.check_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto owner = attach(opened);
  send_pass(opened.connection, 1, 20'000'000);
  // The kernel takes some of it, and nothing whole.
  auto told = false;
  self->receive_while([&] { return !told; })(
    [&](const messages_sent& sent) {
      CAF_CHECK_EQUAL(sent.messages, 0u);
      told = true;
    },
    caf::after(timeout) >> [] { CAF_FAIL("nobody is told"); });
  self->send(opened.connection, abort_connection{});
  expect_down();
}

CAF_TEST(a peer that does not read gets no more than the kernel takes and can be ended) {
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto owner = attach(opened);
  send_pass(opened.connection, 100, 1'000'000);
  // The first frames fill the kernel's buffers; then there is silence.
  std::uint32_t frames = 0;
  auto silent = false;
  self->receive_while([&] { return !silent; })([&](const messages_sent& sent) { frames += sent.messages; },
                                               caf::after(500ms) >> [&] { silent = true; });
  CAF_CHECK(frames < 10);
  self->send(opened.connection, abort_connection{});
  expect_down();
}

CAF_TEST(messages that have not begun to leave can be dropped and others sent in their place) {
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  // The end is queued as well.
  const auto whole = send_pass(opened.connection, 50, 1'000'000);
  const auto left = drop_unsent_of(opened.connection);
  CAF_CHECK(!left.is_complete);
  CAF_CHECK(left.messages < 50);
  send_message(opened.connection, "other\n");
  self->send(opened.connection, finish_sending{});
  const auto text = peer.read_all();
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  CAF_CHECK_EQUAL(lines, left.messages + 1);
  CAF_CHECK(text == whole.substr(0, text.size() - 6) + "other\n");
  peer.half_close();
  expect_down();
}

CAF_TEST(what has left whole is complete) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  const auto expected = send_pass(opened.connection, 3, 1000);
  CAF_CHECK(peer.read_all() == expected);
  const auto left = drop_unsent_of(opened.connection);
  CAF_CHECK(left.is_complete);
  CAF_CHECK_EQUAL(left.messages, 3u);
  peer.half_close();
  expect_down();
}

CAF_TEST(what ends with a message that has begun to leave is complete) {
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  const auto expected = send_pass(opened.connection, 1, 10'000'000);
  CAF_CHECK(drop_unsent_of(opened.connection).is_complete);
  CAF_CHECK(peer.read_all() == expected);
  peer.half_close();
  expect_down();
}

// -- input ------------------------------------------------------------------------------------------------------------

CAF_TEST(no more input is read than is allowed) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto owner = attach(opened);
  peer.send("abcdefgh");
  std::string got;
  const auto read = [&](std::size_t bytes) {
    self->send(opened.connection, allow_input{bytes});
    const auto wanted = got.size() + bytes;
    self->receive_while([&] { return got.size() < wanted; })([&](const input_received& input) { got += input.bytes; },
                                                             caf::after(timeout) >>
                                                               [] { CAF_FAIL("the input does not come"); });
    self->receive([](const input_received&) { CAF_FAIL("more than was allowed"); }, caf::after(50ms) >> [] {});
  };
  read(3);
  CAF_CHECK_EQUAL(got, "abc");
  read(4);
  CAF_CHECK_EQUAL(got, "abcdefg");
}

CAF_TEST(a peer that sends more than is read is held up and its bytes come in order) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto owner = attach(opened);
  // More than the kernel holds on both sides.
  std::string all(std::size_t{24} << 20, '\0');
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = static_cast<char>(i * i >> 8);
  auto sending = std::async(std::launch::async, [&] { peer.send(all); });
  self->receive([](const input_received&) { CAF_FAIL("nothing was allowed"); }, caf::after(200ms) >> [] {});
  CAF_CHECK(sending.wait_for(0s) == std::future_status::timeout);
  std::string got;
  self->send(opened.connection, allow_input{std::size_t{1} << 20});
  self->receive_while([&] { return got.size() < all.size(); })(
    [&](const input_received& input) {
      got += input.bytes;
      self->send(opened.connection, allow_input{input.bytes.size()});
    },
    caf::after(timeout) >> [] { CAF_FAIL("the input does not come"); });
  sending.get();
  CAF_CHECK(got == all);
}

CAF_TEST(the owner hears that a peer has closed its sending side and can send on) {
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto owner = attach(opened);
  self->send(opened.connection, allow_input{100});
  peer.send("bye");
  peer.half_close();
  std::string got;
  auto has_ended = false;
  self->receive_while([&] { return !has_ended; })([&](const input_received& input) { got += input.bytes; },
                                                  [&](input_ended) { has_ended = true; },
                                                  caf::after(timeout) >> [] { CAF_FAIL("the end does not come"); });
  CAF_CHECK_EQUAL(got, "bye");
  const auto expected = send_pass(opened.connection, 20, 100'000);
  auto reading = std::async(std::launch::async, [&] { return peer.read_all(); });
  auto is_down = false;
  self->receive_while([&] { return !is_down; })([](const messages_sent&) {},
                                                [&](const caf::down_msg&) { is_down = true; },
                                                caf::after(timeout) >> [] { CAF_FAIL("the connection stays"); });
  CAF_CHECK(reading.get() == expected);
}

CAF_TEST(a peer that resets a connection that is read from is noticed at once) {
  options.check_interval = 1h;
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto owner = attach(opened);
  self->send(opened.connection, allow_input{100});
  peer.reset();
  expect_lost(ECONNRESET);
  expect_down();
}

// -- the end ----------------------------------------------------------------------------------------------------------

CAF_TEST(a peer that pauses before the end of its stream is not left to the kernel) {
  options.linger = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  const auto expected = send_pass(opened.connection, 1, 30'000);
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
  auto owner = attach(opened);
  send_pass(opened.connection, 50, 1'000'000);
  CAF_CHECK(peer.read_line());
  peer.reset();
  expect_lost(ECONNRESET);
  expect_down();
}

CAF_TEST(a peer that does not close is not waited for for ever) {
  options.linger = 50ms;
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  const auto expected = send_pass(opened.connection, 3, 1000);
  expect_down();
  CAF_CHECK(peer.read_all() == expected);
}

CAF_TEST(a peer that resets an idle connection is noticed) {
  options.check_interval = 10ms;
  start();
  test::tcp_client peer{port};
  const auto opened = accept();
  auto owner = attach(opened);
  peer.reset();
  expect_lost(ECONNRESET);
  expect_down();
}

CAF_TEST(a peer that lives and does not read outlasts the time after which a dead one is noticed) {
  options.socket.dead_peer_timeout = io::shortest_dead_peer_timeout;
  options.check_interval = 100ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  const auto expected = send_pass(opened.connection, 20, 300'000);
  // Not synchronisation: this is how long it does not read.
  self->receive([](const caf::down_msg&) { CAF_FAIL("a peer that lives was given up"); },
                caf::after(2 * io::shortest_dead_peer_timeout) >> [] {});
  CAF_CHECK(peer.read_all() == expected);
  peer.half_close();
  expect_down();
}

CAF_TEST(the owner is told that its peer has stalled and then the connection is ended) {
  options.stall_timeout = 1s;
  options.check_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto owner = attach(opened);
  send_pass(opened.connection, 20, 300'000);
  expect_stall();
  drop_unsent_of(opened.connection);
  send_message(opened.connection, "stalled\n");
  self->send(opened.connection, finish_sending{});
  expect_down();
}

CAF_TEST(a peer has not stalled in time that this process has not run) {
  // It stands still from half a second on, as far as it knows.
  options.ran = std::make_shared<run_clock>(std::chrono::steady_clock::now() - run_clock::longest_gap + 500ms);
  options.stall_timeout = 1s;
  options.check_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto owner = attach(opened);
  send_pass(opened.connection, 20, 300'000);
  expect_no_stall("its time has not passed");
}

CAF_TEST(a peer that has stalled and reads again gets what is sent last) {
  options.stall_timeout = 1s;
  options.check_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto owner = attach(opened);
  send_pass(opened.connection, 20, 300'000);
  expect_stall();
  drop_unsent_of(opened.connection);
  send_message(opened.connection, "stalled\n");
  self->send(opened.connection, finish_sending{});
  const auto text = peer.read_all();
  CAF_CHECK_EQUAL(text.substr(text.size() - 9), "\nstalled\n");
  peer.half_close();
  expect_down();
}

CAF_TEST(a peer that has taken all that there is has not stalled) {
  options.stall_timeout = 1s;
  options.check_interval = 50ms;
  start();
  test::tcp_client peer{port, 4096};
  const auto opened = accept();
  auto owner = attach(opened);
  const auto expected = send_pass(opened.connection, 4, 20'000);
  CAF_CHECK(peer.read_all() == expected);
  expect_no_stall("it has everything");
  peer.half_close();
  expect_down();
}

CAF_TEST_FIXTURE_SCOPE_END()
