#define CAF_SUITE client

#include "actors/client.hpp"

#include <limits>
#include <utility>
#include <vector>

#include "tests/actors/client_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::client_fixture;
using test::indices;

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
    pass(10s);
    tick();
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
  // The source's own answer at that time would say what is wrong.
  pass(options.give_up_after);
  tick();
  CAF_CHECK(!sent->finished);
  pass_until([this] {
    tick();
    return sent->finished;
  });
  CAF_CHECK(sent->text().find("DEADLINE_EXCEEDED") != std::string::npos);
}

CAF_TEST(a source that is gone before it has described the dataset is one error frame) {
  start();
  kill_source();
  CAF_CHECK(sent->text().find("\"code\":\"INTERNAL\"") != std::string::npos);
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

CAF_TEST_FIXTURE_SCOPE_END()
