#define CAF_SUITE session

#include "actors/session/session_port.hpp"

#include "tests/actors/session/session_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::session_fixture;

CAF_TEST_FIXTURE_SCOPE(session_tests, fixture)

// -- the opening ------------------------------------------------------------------------------------------------------

CAF_TEST(nothing is asked for and nothing sent before a hello) {
  start();
  CAF_CHECK(sent->lines.empty());
  CAF_CHECK(blocks->descriptions.empty());
  CAF_CHECK(blocks->questions.empty());
  CAF_CHECK(sent->input_allowed > longest_client_line);
}

CAF_TEST(a hello is answered by what is in force) {
  start();
  say(R"({"type":"hello","client":"trainer","epochs":2,"columns":["label"]})");
  CAF_REQUIRE_EQUAL(blocks->described.size(), 1u);
  CAF_CHECK_EQUAL(blocks->described[0].dataset, "numbers");
  describe();
  // How blocks are cut shows in the first.
  CAF_CHECK(sent->lines.empty());
  CAF_CHECK_EQUAL(blocks->requested(), (indices{0}));
  CAF_CHECK_EQUAL(blocks->questions.at(0).first.batch_size, 10);
  CAF_CHECK(blocks->questions.at(0).needs_received);
  give_block(0);
  CAF_REQUIRE_EQUAL(types(), (words{"welcome"}));
  auto welcome = message(0);
  CAF_CHECK(place_of(welcome) == std::make_pair(std::uint64_t{0}, std::int64_t{0}));
  welcome.erase("cursor");
  welcome.erase("fingerprint");
  CAF_CHECK_EQUAL(welcome.dump(), json::parse(R"({"type":"welcome","version":1,"session":"client_1.2.3.4:5",
    "dataset":"numbers","samples":35,"batches":4,"batch_size":10,"epochs":2,"shuffle":null,
    "shard":{"index":0,"count":1},"columns":[{"name":"label","dtype":"uint8","shape":[]}]})")
                                    .dump());
  const auto starts = log->named("session_start");
  CAF_REQUIRE_EQUAL(starts.size(), 1u);
  CAF_CHECK_EQUAL(starts[0].fields.at("client"), id);
  CAF_CHECK_EQUAL(starts[0].fields.at("name"), "trainer");
  CAF_CHECK_EQUAL(starts[0].fields.at("shard"), "0/1");
}

CAF_TEST(a hello may come in pieces) {
  start();
  for (const auto c : std::string{plain_hello})
    send_bytes(std::string{c});
  CAF_CHECK(blocks->described.empty());
  send_bytes("\r\n");
  CAF_CHECK_EQUAL(blocks->described.size(), 1u);
}

CAF_TEST(a hello without a line end counts when the client has said all) {
  start();
  send_bytes(plain_hello);
  half_close();
  CAF_CHECK_EQUAL(blocks->described.size(), 1u);
}

CAF_TEST(a client may close its sending side after its hello) {
  blocks->has_all = true;
  options.window = {9, 9};
  start();
  say(plain_hello);
  half_close();
  describe();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "batch", "batch", "batch", "epoch", "eof"}));
  CAF_CHECK(sent->finished);
}

CAF_TEST(input that ends before a hello ends the session) {
  start();
  half_close();
  CAF_CHECK(failed_with("INVALID_ARGUMENT", "the input ended before a hello"));
  CAF_CHECK(last().at("cursor").is_null());
}

CAF_TEST(a client has five seconds to say hello) {
  start();
  send_bytes(R"({"type":)");
  pass(4950ms);
  tick();
  CAF_CHECK(sent->lines.empty());
  pass(50ms);
  tick();
  CAF_CHECK(failed_with("DEADLINE_EXCEEDED", "no hello has come"));
  CAF_CHECK(last().at("cursor").is_null());
}

CAF_TEST(the time for a hello is over when it has come) {
  start();
  say(plain_hello);
  pass(6s);
  tick();
  CAF_CHECK(!sent->finished);
}

CAF_TEST(the first line is a hello) {
  start();
  say(R"({"type":"ping"})");
  CAF_CHECK(failed_with("FAILED_PRECONDITION", "the first line of a session is a \"hello\""));
}

CAF_TEST(a second hello ends the session with the place that it has come to) {
  open();
  give_block(0);
  say(plain_hello);
  CAF_CHECK(failed_with("FAILED_PRECONDITION", "type: this session has had its hello"));
  CAF_CHECK(place_of(last()) == std::make_pair(std::uint64_t{0}, std::int64_t{10}));
}

CAF_TEST(a second hello is refused before the welcome too) {
  start();
  say(plain_hello);
  say(plain_hello);
  CAF_CHECK(failed_with("FAILED_PRECONDITION", "this session has had its hello"));
  describe();
  CAF_CHECK_EQUAL(types(), (words{"error"}));
}

CAF_TEST(what is wrong with a line ends the session) {
  start();
  say(R"({"type":"hello","batch_size":0})");
  CAF_CHECK(failed_with("INVALID_ARGUMENT", "batch_size: got 0; it takes"));
  const auto errors = log->named("client_error");
  CAF_REQUIRE_EQUAL(errors.size(), 1u);
  CAF_CHECK_EQUAL(errors[0].fields.at("code"), "INVALID_ARGUMENT");
}

CAF_TEST(a line that is too long ends the session) {
  start();
  send_bytes(std::string(longest_client_line, ' '));
  CAF_CHECK(!sent->finished);
  send_bytes(" ");
  CAF_CHECK(failed_with("INVALID_ARGUMENT", "a line has more than 65536 bytes"));
}

CAF_TEST(a session that cannot be had is refused with the reason) {
  open(R"({"type":"hello","columns":["label","weight"]})");
  CAF_CHECK(failed_with("NOT_FOUND", "columns: got 'weight'; dataset 'numbers' has 'x', 'label'"));
  CAF_CHECK_EQUAL(types(), (words{"error"}));
}

// -- what else is said ------------------------------------------------------------------------------------------------

CAF_TEST(a ping is answered behind what was sent before) {
  open();
  give_block(0);
  say(R"({"type":"ping"})");
  give_block(1);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "pong", "batch"}));
  CAF_CHECK(!sent->finished);
}

CAF_TEST(a bye ends the session and what was sent still arrives) {
  open();
  give_block(0);
  say(R"({"type":"bye"})");
  CAF_CHECK(sent->finished);
  CAF_CHECK(!sent->dropped);
  give_block(1);
  tick();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch"}));
  written(2);
  lose_connection();
  CAF_CHECK_EQUAL(end().fields.at("outcome"), "left");
}

CAF_TEST(what a client says after the end is not heard) {
  open();
  say(R"({"type":"bye"})");
  const auto lines = sent->lines.size();
  const auto allowed = sent->input_allowed;
  send_bytes(std::string(longest_client_line - 1, ' ') + "\n");
  say(R"({"type":"ping"})");
  half_close();
  CAF_CHECK_EQUAL(sent->lines.size(), lines);
  CAF_CHECK_EQUAL(sent->input_allowed, allowed);
}

// -- draining ---------------------------------------------------------------------------------------------------------

CAF_TEST(a drain says where to go on behind what was sent) {
  open();
  give_block(0);
  drain();
  CAF_REQUIRE_EQUAL(types(), (words{"welcome", "batch", "drain"}));
  CAF_CHECK(place_of(last()) == std::make_pair(std::uint64_t{0}, std::int64_t{10}));
  CAF_CHECK_EQUAL(last().at("message"), "the dispatcher is stopping: it was told to");
  CAF_CHECK(sent->finished);
  CAF_CHECK(!sent->dropped);
  give_block(1);
  drain();
  tick();
  CAF_CHECK_EQUAL(sent->lines.size(), 3u);
  written(3);
  lose_connection();
  CAF_CHECK_EQUAL(end().fields.at("outcome"), "drained");
  CAF_CHECK_EQUAL(end().fields.at("cursor"), message(2).at("cursor").get<std::string>());
}

CAF_TEST(a drain before the welcome has no cursor) {
  start();
  say(plain_hello);
  drain();
  CAF_CHECK_EQUAL(types(), (words{"drain"}));
  CAF_CHECK(last().at("cursor").is_null());
  describe();
  CAF_CHECK_EQUAL(types(), (words{"drain"}));
}

CAF_TEST(a session that is ended says where to go on in the place of what has not left) {
  open();
  give_block(0);
  give_block(1);
  sent->left = 2;
  written(2);
  end_session();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "error"}));
  CAF_CHECK(failed_with("UNAVAILABLE", "draining"));
  CAF_CHECK(place_of(last()) == std::make_pair(std::uint64_t{0}, std::int64_t{10}));
  lose_connection();
  CAF_CHECK_EQUAL(end().fields.at("outcome"), "drained");
}

CAF_TEST(a drain that has not left gives way to the error) {
  open();
  give_block(0);
  drain();
  sent->left = 1;
  written(1);
  end_session();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "error"}));
  CAF_CHECK(place_of(last()) == std::make_pair(std::uint64_t{0}, std::int64_t{0}));
}

CAF_TEST(nothing follows a session that has left whole) {
  blocks->has_all = true;
  options.window = {9, 9};
  open();
  sent->left = 7;
  end_session();
  CAF_CHECK(sent->dropped);
  CAF_CHECK_EQUAL(last().at("type"), "eof");
}

CAF_TEST_FIXTURE_SCOPE_END()
