#define CAF_SUITE fetcher_pool_datasets

#include "actors/fetcher_pool.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/actors/fetcher_pool_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::fetcher_pool_fixture;

CAF_TEST_FIXTURE_SCOPE(fetcher_pool_datasets_tests, fixture)

CAF_TEST(a description is fetched and retried as a batch is) {
  start();
  auto response = send_request(pool, describe_dataset{"mnist"});
  upstreams.fail(-1, status_code::aborted);
  sched.run();
  upstreams.describe(10'000);
  CAF_CHECK_EQUAL(answer_to(response).description.total_samples, 10'000);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(of two upstreams that disagree each batch comes from the one that has its fingerprint) {
  options.upstreams = {"a:1", "b:2"};
  options.max_attempts = 1;
  start();
  for (auto i = 0; i < 12; ++i)
    ask_of_fingerprint(i, i % 2 == 0 ? 90 : 60);
  answer_as({{"a:1", 90}, {"b:2", 60}});
  for (auto i = 0; i < 12; ++i) {
    CAF_REQUIRE(result(i).frame != nullptr);
    const std::string from = i % 2 == 0 ? "a:1" : "b:2";
    CAF_CHECK_EQUAL(result(i).frame->classic_text().view(), test::make_batch(i, false, from)->classic_text().view());
  }
  CAF_CHECK_EQUAL(failed_calls(report().upstreams.at(0)) + failed_calls(report().upstreams.at(1)), 0u);
}

CAF_TEST(a batch of a fingerprint that no upstream has is answered at once) {
  options.upstreams = {"a:1", "b:2"};
  start();
  ask_of_fingerprint(0, 90);
  answer_as({{"a:1", 60}, {"b:2", 60}});
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::aborted);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(a batch of a fingerprint that only an upstream may have that is away waits for it) {
  options.upstreams = {"a:1", "b:2"};
  start();
  upstreams.health = status_code::unavailable;
  for (auto i = 0; i < 4; ++i)
    ask(i);
  for (const auto& call : std::exchange(upstreams.calls, {}))
    if (call.upstream == "b:2")
      upstreams.fail(call, status_code::unavailable);
  pass(50ms);
  CAF_REQUIRE_EQUAL(live_fetchers(report().upstreams.at(1)), 0u);
  ask_of_fingerprint(9, 90);
  answer_as({{"a:1", 60}});
  pass(5s);
  CAF_CHECK(result(9).pending());
  upstreams.health = status_code::ok;
  pass(6s);
  answer_as({{"a:1", 60}, {"b:2", 90}});
  // It was given back meanwhile, because the description took long.
  pass(1s);
  answer_as({{"a:1", 60}, {"b:2", 90}});
  CAF_CHECK(result(9).frame != nullptr);
}

CAF_TEST(what an upstream describes is known for as long as its connections last) {
  options.upstreams = {"a:1", "b:2"};
  options.fetchers_per_upstream = 1;
  start();
  const auto common = fingerprint_of(description_of(60));
  const auto rare = fingerprint_of(description_of(90));
  // Whichever is asked first is busy when the next comes.
  for (auto i = 0; i < 2; ++i)
    self->send(pool, describe_dataset{"mnist"});
  sched.run();
  answer_as({{"a:1", 60}, {"b:2", 90}});
  CAF_CHECK((fingerprints_with({{"a:1", 60}, {"b:2", 90}}) == std::vector{common, rare}));
  for (auto i = 0; i < 2; ++i)
    ask(i);
  for (const auto& call : std::exchange(upstreams.calls, {}))
    if (call.upstream == "b:2")
      upstreams.fail(call, status_code::unavailable);
  pass(6s);
  CAF_REQUIRE_EQUAL(live_fetchers(report().upstreams.at(1)), 1u);
  const auto known = fingerprints_with({{"a:1", 60}, {"b:2", 60}});
  CAF_CHECK_EQUAL(std::count(known.begin(), known.end(), rare), 0);
  CAF_CHECK(std::count(known.begin(), known.end(), common) > 0);
}

CAF_TEST(what one upstream refuses is asked of the other one and the error names both) {
  options.upstreams = {"a:1", "b:2"};
  start();
  ask(0);
  upstreams.fail(0, status_code::not_found);
  sched.run();
  CAF_REQUIRE_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
  const auto second = upstreams.take(0);
  CAF_CHECK_EQUAL(second.upstream, "b:2");
  CAF_CHECK_EQUAL(log->named("dataset_refused").size(), 1u);
  upstreams.fail(second, status_code::failed_precondition, "it loads");
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::failed_precondition);
  CAF_CHECK_EQUAL(result(0).problem->message, "a:1: NOT_FOUND: for the test; b:2: FAILED_PRECONDITION: it loads");
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(an answer about a batch tells more than one of an upstream that lacks its dataset) {
  options.upstreams = {"a:1", "b:2"};
  start();
  ask(0);
  upstreams.fail(0, status_code::out_of_range);
  sched.run();
  upstreams.fail(0, status_code::not_found);
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::out_of_range);
}

CAF_TEST(an upstream that refused a dataset is asked for its description and then given its batches again) {
  options.upstreams = {"a:1", "b:2"};
  start();
  ask(0);
  upstreams.fail(0, status_code::not_found);
  sched.run();
  // The other one keeps its call, so that the dataset stays wanted.
  pass(2s);
  const auto question = upstreams.take(-1);
  CAF_CHECK_EQUAL(question.upstream, "a:1");
  upstreams.fail(question, status_code::not_found);
  pass(2s);
  upstreams.describe(90);
  sched.run();
  upstreams.fail(0, status_code::unknown);
  pass(1s);
  const auto again = upstreams.take(0);
  CAF_CHECK_EQUAL(again.upstream, "a:1");
  upstreams.answer(again, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(log->named("dataset_given").size(), 1u);
}

CAF_TEST(a description that takes too long is not waited for and is known when it has come) {
  options.fetcher.call_timeout = 2s;
  start();
  const auto ask_description = [this] {
    std::optional<std::int32_t> said;
    auto response = send_request(pool, describe_dataset{"mnist"});
    pass(options.fetcher.call_timeout + a_tick);
    response.receive(
      [&](const described_dataset& x) { said = x.description.total_samples; },
      [](const caf::error& reason) { CAF_CHECK(to_failure(reason).code == status_code::deadline_exceeded); });
    return said;
  };
  CAF_CHECK(!ask_description());
  CAF_CHECK(!ask_description());
  CAF_CHECK_EQUAL(upstreams.calls.size(), 1u);
  CAF_CHECK_EQUAL(log->named("description_slow").size(), 1u);
  upstreams.connected = true;
  upstreams.describe(90);
  sched.run();
  CAF_CHECK_EQUAL(log->named("description_came").size(), 1u);
  CAF_CHECK(ask_description() == 90);
  CAF_CHECK(upstreams.calls.empty());
  // When it is old it is asked for again, and no request waits for that.
  pass(50s);
  CAF_CHECK(ask_description() == 90);
  CAF_CHECK_EQUAL(upstreams.calls.size(), 1u);
}

CAF_TEST(an upstream that is away does not describe slowly) {
  options.fetcher.call_timeout = 2s;
  upstreams.health = status_code::unavailable;
  start();
  auto response = send_request(pool, describe_dataset{"mnist"});
  pass(10s);
  upstreams.health = status_code::ok;
  pass_until([this] { return !upstreams.calls.empty(); });
  upstreams.describe(90);
  CAF_CHECK_EQUAL(answer_to(response).description.total_samples, 90);
}

CAF_TEST_FIXTURE_SCOPE_END()
