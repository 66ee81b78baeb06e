#define CAF_SUITE client

#include "actors/client.hpp"

#include <caf/test/dsl.hpp>

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "messages/frame_codec.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_connection.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// Requests that a client has made; all but searches are answered by the test.
struct source_record {
  std::vector<caf::typed_response_promise<dataset_description>> descriptions;
  std::multimap<std::int32_t, caf::typed_response_promise<frame_ptr>> frames;
  /// Batches that need no fetching.
  std::set<std::int32_t> at_hand;
  /// The first batch of each search, and how many were looked for.
  std::vector<std::pair<std::int32_t, std::int32_t>> searches;
};

using source_record_ptr = std::shared_ptr<source_record>;

frame_source::behavior_type fake_source(frame_source::pointer self, source_record_ptr record) {
  return {
    [=](const describe_dataset&) -> caf::result<dataset_description> {
      auto promise = self->make_response_promise<dataset_description>();
      record->descriptions.push_back(promise);
      return promise;
    },
    [=](const find_frames& request) {
      frame_run found;
      for (auto i = request.first.index; i < request.first.index + request.most && record->at_hand.count(i) > 0; ++i)
        found.frames.push_back(encode_frame(i, false, "data"));
      record->searches.push_back({request.first.index, request.most});
      return found;
    },
    [=](const fetch_frame& request) -> caf::result<frame_ptr> {
      auto promise = self->make_response_promise<frame_ptr>();
      record->frames.emplace(request.key.index, promise);
      return promise;
    },
  };
}

struct fixture : test_coordinator_fixture<> {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  source_record_ptr asked = std::make_shared<source_record>();
  test::connection_record_ptr sent = std::make_shared<test::connection_record>();
  client_options options{"mnist", 10, {3, 3}, 60s};
  frame_source source;
  connection_actor connection;
  client_actor client;

  void start() {
    source = sys.spawn(fake_source, asked);
    connection = sys.spawn(test::fake_connection, sent);
    client = sys.spawn<client_impl>(options, source, connection, "client_1.2.3.4:5", log);
    sched.run();
  }

  /// Runs `f` inside the source: a promise is kept by the actor that made it.
  template <class F>
  void in_source(F f) {
    caf::anon_send(caf::actor_cast<caf::actor>(source), caf::make_action(std::move(f)));
    sched.run();
  }

  void describe(std::int32_t samples) {
    in_source([promise = asked->descriptions.at(0), samples]() mutable {
      promise.deliver(dataset_description{"mnist", samples, {}, "uint8"});
    });
  }

  void fail_description(status_code code) {
    in_source([promise = asked->descriptions.at(0), code]() mutable {
      promise.deliver(make_error(failure{code, "for the test"}));
    });
  }

  caf::typed_response_promise<frame_ptr> take(std::int32_t index) {
    const auto found = asked->frames.find(index);
    if (found == asked->frames.end())
      CAF_FAIL("batch " << index << " was not asked for");
    auto promise = found->second;
    asked->frames.erase(found);
    return promise;
  }

  void answer(std::int32_t index, bool marked_last = false) {
    in_source([promise = take(index), index, marked_last]() mutable {
      promise.deliver(encode_frame(index, marked_last, "data"));
    });
  }

  void fail(std::int32_t index, status_code code) {
    in_source([promise = take(index), code]() mutable { promise.deliver(make_error(failure{code, "for the test"})); });
  }

  void written(std::uint32_t frames) {
    anon_send(client, frames_written{frames, frames * 100});
    sched.run();
  }

  std::vector<std::int32_t> requested() const {
    std::vector<std::int32_t> result;
    for (const auto& [index, promise] : asked->frames)
      result.push_back(index);
    return result;
  }

  static std::string line(std::int32_t index, bool last) {
    return std::string{encode_frame(index, false, "data")->encoded()} + encode_tail("client_1.2.3.4:5", last);
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
    asked->frames.clear();
    sent->client = nullptr;
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

CAF_TEST(a run at hand comes in one message and only the rest is fetched) {
  options.window = {5, 5};
  asked->at_hand = {0, 1, 2, 6};
  start();
  describe(1000);
  using searches = std::vector<std::pair<std::int32_t, std::int32_t>>;
  CAF_CHECK((asked->searches == searches{{0, 5}}));
  CAF_CHECK_EQUAL(requested(), (indices{3, 4}));
  CAF_CHECK_EQUAL(sent->text(), line(0, false) + line(1, false) + line(2, false));
  asked->searches.clear();
  // Room for one batch is not worth a search.
  written(1);
  CAF_CHECK(asked->searches.empty());
  CAF_CHECK_EQUAL(requested(), (indices{3, 4, 5}));
  // A run begins with the first batch that is wanted.
  written(2);
  CAF_CHECK((asked->searches == searches{{6, 2}}));
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
  CAF_CHECK_EQUAL(asked->searches.size(), 1u);
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
    anon_send(client, client_tick{});
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

CAF_TEST(a failure ends the stream after what came before it) {
  start();
  describe(1000);
  fail(1, status_code::internal);
  CAF_CHECK(sent->lines.empty());
  answer(0);
  CAF_CHECK_EQUAL(sent->text(),
                  line(0, false) + encode_error_line(1, "client_1.2.3.4:5", {status_code::internal, "for the test"}));
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
  CAF_CHECK_EQUAL(sent->text(), encode_error_line(0, "client_1.2.3.4:5", {status_code::not_found, "for the test"}));
  CAF_CHECK(sent->finished);
}

CAF_TEST(a source that loses patience over a batch that is not needed yet is asked again) {
  start();
  describe(1000);
  fail(2, status_code::unavailable);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 2}));
  CAF_CHECK(!sent->finished);
  fail(0, status_code::unavailable);
  CAF_CHECK_EQUAL(sent->text(), encode_error_line(0, "client_1.2.3.4:5", {status_code::unavailable, "for the test"}));
  CAF_CHECK(sent->finished);
}

CAF_TEST(a source that does not answer at all is not waited for for ever) {
  start();
  describe(1000);
  const auto tick = [&] {
    anon_send(client, client_tick{});
    sched.run();
  };
  advance_time(60s);
  tick();
  CAF_CHECK(!sent->finished);
  advance_time(5s);
  tick();
  CAF_CHECK(sent->finished);
  CAF_CHECK(sent->text().find("DEADLINE_EXCEEDED") != std::string::npos);
}

CAF_TEST(a source that dies ends the stream with an error frame) {
  start();
  describe(1000);
  anon_send_exit(source, caf::exit_reason::kill);
  sched.run();
  asked->frames.clear();
  sched.run();
  CAF_CHECK(sent->finished);
  CAF_CHECK(sent->text().find("INTERNAL") != std::string::npos);
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
  // Down messages overtake others: both are in the mailbox when the client looks.
  anon_send(client, frames_written{1, 100});
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "complete");
}

CAF_TEST(a drained stream gets an error frame) {
  start();
  describe(1000);
  anon_send(client, end_stream{status_code::unavailable, "draining"});
  sched.run();
  CAF_REQUIRE(sent->cut);
  CAF_CHECK(sent->cut->code == status_code::unavailable);
  CAF_CHECK_EQUAL(sent->cut->message, "draining");
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "drained");
}

CAF_TEST(a stream ends once) {
  start();
  anon_send(client, end_stream{status_code::unavailable, "draining"});
  sched.run();
  fail_description(status_code::unavailable);
  anon_send(client, end_stream{status_code::unavailable, "draining"});
  sched.run();
  CAF_CHECK(sent->cut);
  CAF_CHECK(sent->lines.empty());
  CAF_CHECK_EQUAL(log->named("client_error").size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
