#define CAF_SUITE client

#include "actors/client.hpp"

#include <caf/test/dsl.hpp>

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "tests/support/batches.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_connection.hpp"
#include "tests/support/metrics_text.hpp"
#include "wire/classic_codec.hpp"
#include "wire/classic_protocol.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// What a client has asked for; what is not at hand is answered by the test.
struct source_record {
  std::vector<caf::typed_response_promise<dataset_description>> descriptions;
  std::multimap<std::int32_t, batch_taker_actor> wanted;
  /// Batches that need no fetching.
  std::set<std::int32_t> at_hand;
  /// The batch that is marked as the last.
  std::optional<std::int32_t> last;
  /// The first batch of each question, and how many it was for.
  std::vector<std::pair<std::int32_t, std::int32_t>> questions;
};

using source_record_ptr = std::shared_ptr<source_record>;

batch_provider::behavior_type fake_source(batch_provider::pointer self, source_record_ptr record) {
  return {
    [=](const describe_dataset&) -> caf::result<dataset_description> {
      auto promise = self->make_response_promise<dataset_description>();
      record->descriptions.push_back(promise);
      return promise;
    },
    [=](const want_batches& request) {
      batches_arrived found;
      for (auto i = request.first.index; i < request.first.index + request.count; ++i) {
        if (record->at_hand.count(i) > 0)
          found.batches.push_back(test::make_batch(i, i == record->last, "data"));
        else
          record->wanted.emplace(i, request.taker);
      }
      record->questions.push_back({request.first.index, request.count});
      if (!found.batches.empty())
        self->send(request.taker, std::move(found));
    },
  };
}

/// The classic protocol, whose encoding takes as long as the test says.
class slow_protocol : public classic_protocol {
public:
  slow_protocol(std::string client_id, std::function<void()> pause)
    : classic_protocol(std::move(client_id)),
      pause_(std::move(pause)) {}

  void encode(const batch& next, bool is_last, pieces& out) const override {
    classic_protocol::encode(next, is_last, out);
    pause_();
  }

private:
  std::function<void()> pause_;
};

struct fixture : test_coordinator_fixture<> {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  source_record_ptr asked = std::make_shared<source_record>();
  test::connection_record_ptr sent = std::make_shared<test::connection_record>();
  client_options options{"mnist", 10, {3, 3}, 60s};
  batch_provider source;
  connection_actor connection;
  client_actor client;
  /// How long each batch takes to encode.
  std::chrono::seconds encoding{0};
  /// The last batch of the dataset that was described first.
  std::optional<std::int32_t> last;

  void start() {
    source = sys.spawn(fake_source, asked);
    connection = sys.spawn(test::fake_connection, sent);
    const auto protocol = std::make_shared<const slow_protocol>("client_1.2.3.4:5", [this] { advance_time(encoding); });
    client = sys.spawn<client_impl>(options, source, connection, "client_1.2.3.4:5", protocol, log,
                                    std::make_shared<const client_metrics>(sys.metrics()));
    sched.run();
  }

  void kill_source() {
    anon_send_exit(source, caf::exit_reason::unknown);
    sched.run();
    // With it go its promises.
    asked->descriptions.clear();
    sched.run();
  }

  void pass(std::chrono::milliseconds time) {
    advance_time(time);
    sched.run();
  }

  client_report report() {
    auto response = self->request(client, caf::infinite, get_client_report{});
    sched.run();
    client_report result;
    response.receive([&](const client_report& x) { result = x; }, [](const caf::error& reason) { CAF_FAIL(reason); });
    return result;
  }

  void tick() {
    anon_send(client, consumer_tick{});
    sched.run();
  }

  /// Runs `f` inside the source: a promise is kept by the actor that made it.
  template <class F>
  void in_source(F f) {
    caf::anon_send(caf::actor_cast<caf::actor>(source), caf::make_action(std::move(f)));
    sched.run();
  }

  /// Without a type, so that samples are not counted: batches have any size. The last batch is marked from now on.
  void describe(std::int32_t samples) {
    last = last ? last : (samples - 1) / options.batch_size;
    asked->last = last;
    in_source([promise = asked->descriptions.at(0), samples]() mutable {
      promise.deliver(dataset_description{"mnist", samples, {}, ""});
    });
  }

  void fail_description(status_code code) {
    in_source([promise = asked->descriptions.at(0), code]() mutable {
      promise.deliver(make_error(failure{code, "for the test"}));
    });
  }

  batch_taker_actor take(std::int32_t index) {
    const auto found = asked->wanted.find(index);
    if (found == asked->wanted.end())
      CAF_FAIL("batch " << index << " was not asked for");
    auto taker = found->second;
    asked->wanted.erase(found);
    return taker;
  }

  void answer_with(std::int32_t index, bool marked_last, std::string data) {
    anon_send(take(index), batches_arrived{{test::make_batch(index, marked_last, std::move(data))}});
    sched.run();
  }

  void answer(std::int32_t index) { answer_with(index, index == last, "data"); }

  /// A dataset of samples of two bytes.
  void describe_measured(std::int32_t samples) {
    in_source([promise = asked->descriptions.at(0), samples]() mutable {
      promise.deliver(dataset_description{"mnist", samples, {2}, "uint8"});
    });
  }

  void answer_with(std::int32_t index, std::size_t samples) {
    answer_with(index, false, std::string(2 * samples, 'x'));
  }

  /// Whether the last line is an error frame that begins so.
  bool ended_with(const std::string& code, const std::string& message) const {
    return sent->finished
           && sent->lines.back().find("\"code\":\"" + code + "\",\"message\":\"" + message) != std::string::npos;
  }

  bool ended_with_eof() const { return sent->finished && sent->lines.back().find("\"EOF\":true") != std::string::npos; }

  void fail(std::int32_t index, status_code code) {
    anon_send(take(index), batch_failed{index, {code, "for the test"}});
    sched.run();
  }

  void written(std::uint32_t batches) {
    anon_send(client, messages_sent{batches, batches * 100});
    sched.run();
  }

  std::vector<std::int32_t> requested() const {
    std::vector<std::int32_t> result;
    for (const auto& [index, taker] : asked->wanted)
      result.push_back(index);
    return result;
  }

  static std::string line(std::int32_t index, bool last) {
    return test::classic_text(index, "data") + encode_classic_tail("client_1.2.3.4:5", last);
  }

  void lose_connection() {
    anon_send_exit(connection, caf::exit_reason::kill);
    sched.run();
  }

  ~fixture() override {
    for (const auto& handle : {caf::actor_cast<caf::actor>(client), caf::actor_cast<caf::actor>(connection),
                               caf::actor_cast<caf::actor>(source)})
      anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
    asked->descriptions.clear();
    asked->wanted.clear();
    sent->owner = nullptr;
  }
};

using indices = std::vector<std::int32_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_tests, fixture)

CAF_TEST(a pass is sent in order whatever the order of the answers) {
  start();
  describe(35); // four batches of ten
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 2}));
  answer(2);
  answer(1);
  CAF_CHECK(sent->lines.empty());
  answer(0);
  CAF_CHECK_EQUAL(sent->text(), line(0, false) + line(1, false) + line(2, false));
  CAF_CHECK(requested().empty());
  written(1);
  CAF_CHECK_EQUAL(requested(), (indices{3}));
  answer(3);
  CAF_CHECK_EQUAL(sent->lines.back(), line(3, true));
  CAF_CHECK(sent->finished);
  written(3);
  lose_connection();
  const auto ends = log->named("client_end");
  CAF_REQUIRE_EQUAL(ends.size(), 1u);
  CAF_CHECK_EQUAL(ends[0].fields.at("outcome"), "complete");
  CAF_CHECK_EQUAL(ends[0].fields.at("batches"), "4");
  CAF_CHECK_EQUAL(ends[0].fields.at("bytes"), "400");
}

CAF_TEST(batches that follow each other are asked for by one question) {
  options.window = {5, 5};
  asked->at_hand = {0, 1, 2, 6};
  start();
  describe(1000);
  using questions = std::vector<std::pair<std::int32_t, std::int32_t>>;
  CAF_CHECK((asked->questions == questions{{0, 5}}));
  CAF_CHECK_EQUAL(requested(), (indices{3, 4}));
  CAF_CHECK_EQUAL(sent->text(), line(0, false) + line(1, false) + line(2, false));
  asked->questions.clear();
  written(1);
  CAF_CHECK_EQUAL(requested(), (indices{3, 4, 5}));
  written(2);
  CAF_CHECK((asked->questions == questions{{5, 1}, {6, 2}}));
  CAF_CHECK_EQUAL(requested(), (indices{3, 4, 5, 7}));
  for (const auto i : {3, 4, 5})
    answer(i);
  CAF_REQUIRE_EQUAL(sent->lines.size(), 7u);
  CAF_CHECK_EQUAL(sent->lines.back(), line(6, false));
}

CAF_TEST(a pass that is all at hand needs no fetching) {
  options.window = {8, 8};
  asked->at_hand = {0, 1, 2, 3};
  start();
  describe(40);
  CAF_CHECK_EQUAL(asked->questions.size(), 1u);
  CAF_CHECK(requested().empty());
  CAF_CHECK_EQUAL(sent->text(), line(0, false) + line(1, false) + line(2, false) + line(3, true));
  CAF_CHECK(sent->finished);
}

CAF_TEST(nothing is requested for a client that does not read) {
  start();
  describe(1000);
  for (auto i = 0; i < 3; ++i)
    answer(i);
  CAF_CHECK_EQUAL(sent->lines.size(), 3u);
  for (auto i = 0; i < 100; ++i) {
    advance_time(10s);
    anon_send(client, consumer_tick{});
    sched.run();
  }
  CAF_CHECK(requested().empty());
  CAF_CHECK(!sent->finished);
}

CAF_TEST(without a description the mark and the end of the range decide) {
  start();
  fail_description(status_code::unimplemented);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 2}));
  answer(0);
  CAF_CHECK(sent->lines.empty());
  answer(1);
  CAF_CHECK_EQUAL(sent->text(), line(0, false));
  fail(2, status_code::out_of_range);
  CAF_CHECK_EQUAL(sent->text(), line(0, false) + line(1, true));
  CAF_CHECK(sent->finished);
}

CAF_TEST(the first batch comes alone where samples can be counted) {
  start();
  describe_measured(35);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer_with(0, 10);
  CAF_CHECK_EQUAL(requested(), (indices{1, 2}));
  answer_with(1, 10);
  answer_with(2, 10);
  CAF_CHECK(!sent->finished);
  written(3);
  answer_with(3, 5);
  CAF_CHECK(ended_with_eof());
}

CAF_TEST(a service that makes batches of its own size is followed) {
  start();
  describe_measured(35); // four batches of ten
  answer_with(0, 7);
  CAF_CHECK_EQUAL(report().batches_total.value_or(0), 5);
  for (auto i = 1; i < 5; ++i) {
    written(1);
    answer_with(i, 7);
  }
  CAF_CHECK(ended_with_eof());
}

CAF_TEST(a service whose batches are larger than what was asked for is followed) {
  start();
  describe_measured(35);
  answer_with(0, 20);
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  answer_with(1, 15);
  CAF_CHECK(ended_with_eof());
}

CAF_TEST(a batch of another size ends the stream and both sizes are named) {
  start();
  describe_measured(1000);
  answer_with(0, 10);
  answer_with(1, 9);
  CAF_CHECK(ended_with("INTERNAL", "batch 1 has 9 samples where 10 samples of 2 bytes are due"));
}

CAF_TEST(samples that do not add up to those described are no end) {
  start();
  describe_measured(35);
  answer_with(0, 10);
  fail(1, status_code::out_of_range);
  CAF_CHECK(ended_with("OUT_OF_RANGE", "the dataset service has no batch 1, but describes 35 samples, which are 4 "
                                       "batches of 10: for the test"));
}

CAF_TEST(a failure behind a marked batch is no end) {
  start();
  fail_description(status_code::unimplemented);
  last = 0;
  answer(0);
  fail(1, status_code::unavailable);
  CAF_CHECK(ended_with("UNAVAILABLE", "for the test"));
}

CAF_TEST(a failure ends the stream after what came before it) {
  start();
  describe(1000);
  fail(1, status_code::internal);
  CAF_CHECK(sent->lines.empty());
  answer(0);
  CAF_CHECK_EQUAL(sent->text(),
                  line(0, false)
                    + encode_classic_error(1, "client_1.2.3.4:5", {status_code::internal, "for the test"}));
  CAF_CHECK(sent->finished);
  // What was asked for and comes later is not sent any more.
  const auto lines = sent->lines.size();
  answer(2);
  CAF_CHECK_EQUAL(sent->lines.size(), lines);
}

CAF_TEST(a wrong dataset is one error frame) {
  start();
  fail_description(status_code::not_found);
  fail(0, status_code::not_found);
  CAF_CHECK_EQUAL(sent->text(), encode_classic_error(0, "client_1.2.3.4:5", {status_code::not_found, "for the test"}));
  CAF_CHECK(sent->finished);
}

CAF_TEST(a source that gives up on a batch that is not needed yet is asked again) {
  start();
  describe(1000);
  fail(2, status_code::unavailable);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 2}));
  CAF_CHECK(!sent->finished);
  fail(0, status_code::unavailable);
  CAF_CHECK_EQUAL(sent->text(),
                  encode_classic_error(0, "client_1.2.3.4:5", {status_code::unavailable, "for the test"}));
  CAF_CHECK(sent->finished);
}

CAF_TEST(a source that gives up on the batch that decides which is the last ends the stream) {
  start();
  fail_description(status_code::unimplemented);
  answer(0);
  CAF_CHECK(sent->lines.empty());
  fail(1, status_code::unavailable);
  CAF_CHECK(sent->finished);
  CAF_CHECK_EQUAL(sent->lines.size(), 2u);
}

CAF_TEST(a source that does not answer at all is not waited for for ever) {
  start();
  describe(1000);
  advance_time(60s);
  tick();
  CAF_CHECK(!sent->finished);
  advance_time(5s);
  tick();
  CAF_CHECK(sent->finished);
  CAF_CHECK(sent->text().find("DEADLINE_EXCEEDED") != std::string::npos);
}

CAF_TEST(a source that is gone before it has described the dataset is one error frame) {
  start();
  kill_source();
  CAF_CHECK(sent->text().find("\"code\":\"INTERNAL\"") != std::string::npos);
}

// -- the end ----------------------------------------------------------------------------------------------------------

CAF_TEST(a connection that fails is an event of its own) {
  start();
  describe(1000);
  self->send_exit(connection, caf::make_error(caf::sec::runtime_error, "for the test"));
  sched.run();
  const auto failures = log->named("connection_failed");
  CAF_REQUIRE_EQUAL(failures.size(), 1u);
  CAF_CHECK_EQUAL(failures[0].fields.at("client"), "client_1.2.3.4:5");
  CAF_CHECK(failures[0].fields.at("message").find("for the test") != std::string::npos);
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "lost");
}

CAF_TEST(a client that leaves in the middle is logged as lost and leaves nothing behind) {
  start();
  describe(1000);
  answer(0);
  written(1);
  lose_connection();
  const auto ends = log->named("client_end");
  CAF_REQUIRE_EQUAL(ends.size(), 1u);
  CAF_CHECK_EQUAL(ends[0].fields.at("outcome"), "lost");
  CAF_CHECK_EQUAL(ends[0].fields.at("batches"), "1");
}

CAF_TEST(a stream whose last frames did not leave was not complete) {
  start();
  describe(10);
  answer(0);
  CAF_CHECK(sent->finished);
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "lost");
}

CAF_TEST(credit that came before the end is counted) {
  start();
  describe(10);
  answer(0);
  // Both are in the mailbox when the client looks.
  anon_send(caf::actor_cast<caf::actor>(connection), caf::make_action([this] {
              anon_send(client, messages_sent{1, 100});
              anon_send_exit(connection, caf::exit_reason::user_shutdown);
            }));
  sched.run();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "complete");
}

CAF_TEST(a drained pass ends with an error in the place of what has not left) {
  start();
  describe(1000);
  for (const auto i : {0, 1, 2})
    answer(i);
  sent->left = 2;
  anon_send(client, end_pass{status_code::unavailable, "draining"});
  sched.run();
  CAF_CHECK_EQUAL(sent->text(),
                  line(0, false) + line(1, false)
                    + encode_classic_error(2, "client_1.2.3.4:5", {status_code::unavailable, "draining"}));
  CAF_CHECK(sent->finished);
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "drained");
}

CAF_TEST(nothing follows a pass that has left whole) {
  start();
  describe(5);
  answer(0);
  sent->left = 1;
  anon_send(client, end_pass{status_code::unavailable, "draining"});
  sched.run();
  CAF_CHECK(sent->dropped);
  CAF_CHECK_EQUAL(sent->text(), line(0, true));
  CAF_CHECK(sent->finished);
}

CAF_TEST(a client whose consumer has stalled ends its pass with an error) {
  start();
  describe(100);
  answer(0);
  anon_send(client, peer_stalled{30s});
  sched.run();
  CAF_CHECK(ended_with("DEADLINE_EXCEEDED", "took nothing for 30 s (--stall-timeout)"));
  CAF_REQUIRE_EQUAL(log->named("client_error").size(), 1u);
  CAF_CHECK_EQUAL(log->named("client_error")[0].fields.at("code"), "DEADLINE_EXCEEDED");
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "stalled");
}

CAF_TEST(a consumer that stalls at the end of its pass has stalled too) {
  start();
  describe(5);
  answer(0);
  CAF_CHECK(sent->finished);
  anon_send(client, peer_stalled{30s});
  sched.run();
  CAF_CHECK(ended_with("DEADLINE_EXCEEDED", "took nothing"));
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "stalled");
}

CAF_TEST(an error is no batch that was sent) {
  start();
  describe(1000);
  answer(0);
  fail(1, status_code::internal);
  written(2);
  CAF_CHECK_EQUAL(report().batches, 1u);
}

CAF_TEST(a consumer that sends is read from at a bounded rate) {
  start();
  const auto allowed = sent->input_allowed;
  CAF_CHECK(allowed > 0);
  for (auto i = 0; i < 3; ++i)
    anon_send(client, input_received{std::string(1000, 'x')});
  sched.run();
  CAF_CHECK_EQUAL(sent->input_allowed, allowed);
  tick();
  CAF_CHECK_EQUAL(sent->input_allowed, allowed + 3000);
  tick();
  CAF_CHECK_EQUAL(sent->input_allowed, allowed + 3000);
}

CAF_TEST(a dataset of as many batches as there are indices is asked for from its beginning) {
  options.batch_size = 1;
  start();
  describe(std::numeric_limits<std::int32_t>::max());
  CAF_CHECK_EQUAL(requested(), (std::vector<std::int32_t>{0, 1, 2}));
}

CAF_TEST(a pass ends once) {
  start();
  anon_send(client, end_pass{status_code::unavailable, "draining"});
  sched.run();
  fail_description(status_code::unavailable);
  sent->left = 1;
  anon_send(client, end_pass{status_code::unavailable, "draining"});
  sched.run();
  CAF_CHECK_EQUAL(sent->lines.size(), 1u);
  CAF_CHECK_EQUAL(log->named("client_error").size(), 1u);
}

CAF_TEST(a client says how far it is) {
  start();
  CAF_CHECK_EQUAL(report().actor.state, "starting");
  CAF_CHECK(!report().batches_total);
  describe(60);
  auto known = report();
  CAF_CHECK_EQUAL(known.actor.state, "waiting");
  CAF_CHECK_EQUAL(known.client_id, "client_1.2.3.4:5");
  CAF_CHECK_EQUAL(known.dataset, "mnist");
  CAF_CHECK_EQUAL(known.batch_size, 10);
  CAF_CHECK_EQUAL(known.batches_total.value_or(0), 6);
  CAF_CHECK_EQUAL(known.window.size, 3u);
  CAF_CHECK_EQUAL(known.window.requested, 3u);
  answer(0);
  answer(1);
  known = report();
  CAF_CHECK_EQUAL(known.actor.state, "sending");
  CAF_CHECK_EQUAL(known.window.requested, 1u);
  CAF_CHECK_EQUAL(known.window.unsent, 2u);
  CAF_CHECK_EQUAL(known.batch_index, 0);
  CAF_CHECK(!known.remaining);
  pass(1s);
  written(2);
  known = report();
  CAF_CHECK_EQUAL(known.actor.state, "waiting");
  CAF_CHECK_EQUAL(known.batch_index, 2);
  CAF_CHECK_EQUAL(known.batches, 2u);
  CAF_CHECK_EQUAL(known.bytes, 200u);
  CAF_CHECK(known.batches_per_second > 1);
  CAF_CHECK(known.bytes_per_second > 99 * known.batches_per_second);
  CAF_REQUIRE(known.remaining.has_value());
  CAF_CHECK(*known.remaining > 1s && *known.remaining < 4s);
}

CAF_TEST(a client that has sent all is finishing) {
  start();
  describe(20);
  answer(0);
  answer(1);
  CAF_CHECK_EQUAL(report().actor.state, "sending");
  CAF_CHECK_EQUAL(report().connection.state, "closing");
  written(2);
  CAF_CHECK_EQUAL(report().actor.state, "finishing");
  CAF_CHECK_EQUAL(report().connection.state, "closing");
  pass(60s);
  CAF_CHECK(report().slowest == bottleneck::none);
}

CAF_TEST(a consumer that waits for its batches waits for the upstream) {
  start();
  describe(1000);
  pass(4s);
  answer(0);
  written(1);
  pass(4s);
  const auto known = report();
  CAF_CHECK(known.waited.upstream == 8s);
  CAF_CHECK(known.waited.socket == 0s);
  CAF_CHECK(known.slowest == bottleneck::upstream);
  CAF_CHECK(known.waited_lately.upstream > 0.99);
  CAF_CHECK(known.stalled_for == 0s);
}

CAF_TEST(the time that its next batch was encoded is told apart) {
  start();
  describe(1000);
  pass(4s);
  // One that came early is not encoded yet.
  answer(1);
  CAF_CHECK(report().waited.encoding == 0s);
  encoding = 3s;
  answer(0);
  const auto known = report();
  CAF_CHECK(known.waited.upstream == 4s);
  CAF_CHECK(known.waited.encoding == 6s);
  CAF_CHECK(known.slowest == bottleneck::encoding);
}

CAF_TEST(a consumer that takes nothing waits for its socket and is stalled after a while) {
  start();
  describe(1000);
  for (const auto i : {0, 1, 2})
    answer(i);
  pass(2s);
  CAF_CHECK_EQUAL(report().actor.state, "sending");
  CAF_CHECK(report().stalled_for == 2s);
  // Part of a frame is something.
  written(0);
  pass(2s);
  CAF_CHECK_EQUAL(report().actor.state, "sending");
  CAF_CHECK_EQUAL(report().batches, 0u);
  pass(1s);
  const auto known = report();
  CAF_CHECK_EQUAL(known.actor.state, "stalled");
  CAF_CHECK(known.stalled_for == 3s);
  CAF_CHECK(known.waited.socket == 5s);
  CAF_CHECK(known.slowest == bottleneck::socket);
  written(1);
  CAF_CHECK_EQUAL(report().actor.state, "sending");
}

CAF_TEST(streams and what they sent are counted for all clients) {
  start();
  describe(20);
  pass(2s);
  answer(0);
  answer(1);
  pass(1s);
  written(2);
  tick();
  tick();
  const client_metrics counts{sys.metrics()};
  CAF_CHECK_EQUAL(count_of(counts.sent_batches), 2u);
  CAF_CHECK_EQUAL(count_of(counts.sent_bytes), 200u);
  CAF_CHECK_EQUAL(counts.first_frame->sum(), 3.0);
  CAF_CHECK_EQUAL(counts.waited_for_upstream->value(), 2.0);
  CAF_CHECK_EQUAL(counts.waited_for_socket->value(), 1.0);
  lose_connection();
  CAF_CHECK_EQUAL(count_of(counts.ended(pass_outcome::complete)), 1u);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total"), 0);
}

CAF_TEST(streams that end by an error frame are counted by its code) {
  start();
  describe(1000);
  fail(0, status_code::not_found);
  lose_connection();
  const client_metrics counts{sys.metrics()};
  CAF_CHECK_EQUAL(count_of(counts.ended(pass_outcome::error)), 1u);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total"), 1);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total{code=\"NOT_FOUND\"}"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
