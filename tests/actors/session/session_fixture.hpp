#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/session/session_port.hpp"
#include "tests/actors/session/session_fakes.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_connection.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch::test {

/// One session between a client that the test plays, and fakes of all that it asks. Batches that are put together have
/// their positions for samples.
struct session_fixture : actor_fixture<> {
  using json = nlohmann::json;
  using indices = std::vector<std::int32_t>;
  using numbers = std::vector<std::int64_t>;
  using words = std::vector<std::string>;

  static constexpr const char* id = "client_1.2.3.4:5";
  static constexpr const char* plain_hello = R"({"type":"hello"})";
  /// Its batches are no blocks.
  static constexpr const char* fours_hello = R"({"type":"hello","batch_size":4})";

  std::shared_ptr<event_recorder> log = std::make_shared<event_recorder>();
  block_record_ptr blocks = std::make_shared<block_record>();
  order_record_ptr orders = std::make_shared<order_record>();
  report_record_ptr pool = std::make_shared<report_record>();
  connection_record_ptr sent = std::make_shared<connection_record>();
  session_options options{{"numbers", 10},         {3, 3}, std::uint64_t{2} << 20, std::chrono::minutes{1},
                          std::chrono::seconds{5}, nullptr};
  batch_provider source;
  order_directory_actor directory;
  pool_report_actor pool_actor;
  connection_actor connection;
  consumer_actor session;
  /// Whether there is somebody to ask why batches do not come.
  bool has_pool = true;
  /// Bytes that the client has sent.
  std::size_t input = 0;

  void start() {
    source = sys.spawn(fake_blocks, blocks);
    directory = sys.spawn(fake_orders, orders);
    if (has_pool)
      pool_actor = sys.spawn(fake_reports, pool);
    connection = sys.spawn(fake_connection, sent);
    session = make_session_port(sys, options, source, directory, pool_actor, log).spawn(connection, id);
    sched.run();
  }

  // -- the client -----------------------------------------------------------------------------------------------------

  /// Sends bytes, which must have been allowed.
  void send_bytes(std::string bytes) {
    input += bytes.size();
    if (input > sent->input_allowed)
      CAF_FAIL("the client has sent " << input << " bytes where " << sent->input_allowed << " were allowed");
    anon_send(session, input_received{std::move(bytes)});
    sched.run();
  }

  void say(const std::string& line) { send_bytes(line + "\n"); }

  void half_close() {
    anon_send(session, input_ended{});
    sched.run();
  }

  /// Starts a session and has the dataset described. Block 0 comes where the session has to see it.
  void open(const std::string& hello = plain_hello) {
    start();
    say(hello);
    describe();
    if (sent->lines.empty() && !blocks->wanted.empty())
      give_block(0);
  }

  /// Messages have left for the kernel.
  void written(std::uint32_t messages) {
    anon_send(session, messages_sent{messages, messages * 100});
    sched.run();
  }

  void lose_connection() {
    anon_send_exit(connection, caf::exit_reason::kill);
    sched.run();
  }

  // -- what it gets ---------------------------------------------------------------------------------------------------

  /// The JSON of a message, without its payload.
  json message(std::size_t index) const {
    const auto& text = sent->lines.at(index);
    return json::parse(text.substr(0, text.find('\n')));
  }

  json last() const { return message(sent->lines.size() - 1); }

  /// The types of all messages.
  words types() const {
    words result;
    for (std::size_t i = 0; i < sent->lines.size(); ++i)
      result.push_back(message(i).at("type"));
    return result;
  }

  /// Where a message's cursor goes on.
  static std::pair<std::uint64_t, std::int64_t> place_of(const json& message) {
    const auto cursor = std::get<session_cursor>(parse_cursor(message.at("cursor").get<std::string>()));
    return {cursor.epoch, cursor.position};
  }

  /// Whether the last message is an error of this kind and ends the session.
  bool failed_with(const std::string& code, const std::string& message_part) const {
    return sent->finished && last().at("type") == "error" && last().at("code") == code
           && last().at("message").get<std::string>().find(message_part) != std::string::npos;
  }

  // -- those that it asks ---------------------------------------------------------------------------------------------

  /// Runs `f` inside the source: a promise is kept by the actor that made it.
  template <class F>
  void in_source(F f) {
    caf::anon_send(caf::actor_cast<caf::actor>(source), caf::make_action(std::move(f)));
    sched.run();
  }

  void describe(dataset_description what) {
    in_source([promise = blocks->descriptions.back(), what = std::move(what)]() mutable { promise.deliver(what); });
  }

  void describe() { describe(blocks->dataset.description()); }

  void fail_description(status_code code) {
    in_source([promise = blocks->descriptions.back(), code]() mutable {
      promise.deliver(make_error(failure{code, "for the test"}));
    });
  }

  batch_taker_actor taker_of(std::int32_t index) {
    const auto taker = blocks->take(index);
    if (!taker)
      CAF_FAIL("block " << index << " was not asked for");
    return *taker;
  }

  void give_block(std::int32_t index, const batch_ptr& block) {
    anon_send(taker_of(index), batches_arrived{{block}});
    sched.run();
  }

  void give_block(std::int32_t index) { give_block(index, blocks->dataset.block_at(index)); }

  void fail_block(std::int32_t index, status_code code) {
    anon_send(taker_of(index), batch_failed{index, {code, "for the test"}});
    sched.run();
  }

  /// The tickets of the batches that the assembler is to put together.
  std::vector<std::uint64_t> tickets() const {
    std::vector<std::uint64_t> result;
    for (const auto& [ticket, what] : orders->wanted)
      result.push_back(ticket);
    return result;
  }

  wanted_rows take_rows(std::uint64_t ticket) {
    const auto found = orders->wanted.extract(ticket);
    if (found.empty())
      CAF_FAIL("batch " << ticket << " was not asked for");
    return found.mapped();
  }

  void give_rows(std::uint64_t ticket) {
    numbers positions;
    for (const auto& range : take_rows(ticket).positions)
      for (auto at = range.from; at < range.to; ++at)
        positions.push_back(at);
    const auto rows = std::make_shared<const received_batch>(numbered_dataset::batch_of(positions));
    anon_send(orders->questions.back().taker, rows_arrived{{{ticket, rows}}});
    sched.run();
  }

  void fail_rows(std::uint64_t ticket, status_code code) {
    take_rows(ticket);
    anon_send(orders->questions.back().taker, rows_failed{ticket, {code, "for the test"}});
    sched.run();
  }

  void kill_assembler() {
    // Its questions go with it.
    orders->wanted.clear();
    anon_send_exit(orders->assembler, caf::exit_reason::kill);
    sched.run();
  }

  // -- the service ----------------------------------------------------------------------------------------------------

  void tick() {
    anon_send(session, consumer_tick{});
    sched.run();
  }

  /// Lets time pass, with a tick each second.
  void pass_with_ticks(std::chrono::seconds time) {
    for (; time.count() > 0; --time) {
      pass(std::chrono::seconds{1});
      tick();
    }
  }

  void drain() {
    anon_send(session, begin_drain{"it was told to"});
    sched.run();
  }

  void end_session() {
    anon_send(session, end_pass{status_code::unavailable, "draining"});
    sched.run();
  }

  client_report report() { return answer_from(session, get_client_report{}); }

  /// The event that says how the session ended.
  event_recorder::event end() const {
    const auto found = log->named("session_end");
    if (found.size() != 1)
      CAF_FAIL("there are " << found.size() << " ends");
    return found[0];
  }

  ~session_fixture() override {
    for (const auto& handle : {caf::actor_cast<caf::actor>(session), caf::actor_cast<caf::actor>(connection),
                               caf::actor_cast<caf::actor>(source), caf::actor_cast<caf::actor>(directory),
                               caf::actor_cast<caf::actor>(orders->assembler), caf::actor_cast<caf::actor>(pool_actor)})
      anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
    // With these go the handles that keep each other.
    *blocks = {};
    *orders = {};
    sent->owner = nullptr;
  }
};

} // namespace dispatch::test
