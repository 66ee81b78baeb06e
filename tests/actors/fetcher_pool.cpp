#define CAF_SUITE fetcher_pool

#include "actors/fetcher_pool.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <map>

#include "tests/support/batches.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_batch_source.hpp"
#include "tests/support/metrics_text.hpp"
#include "wire/fingerprint.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// What a request came to.
struct outcome {
  batch_ptr frame;
  std::optional<failure> problem;

  bool pending() const { return frame == nullptr && !problem; }
};

using outcomes = std::shared_ptr<std::map<std::int32_t, outcome>>;

/// Asks for batches and notes what comes.
caf::behavior requester(caf::event_based_actor* self, fetcher_pool_actor pool, outcomes results) {
  return {
    [=](const fetch_batch& request) {
      const auto index = request.key.index;
      (*results)[index] = outcome{};
      self->request(pool, caf::infinite, request)
        .then([=](const batch_ptr& frame) { (*results)[index].frame = frame; },
              [=](const caf::error& reason) { (*results)[index].problem = to_failure(reason); });
    },
  };
}

struct fixture : test_coordinator_fixture<> {
  /// The steps in which time passes.
  static constexpr auto step = 50ms;
  /// In which the pool looks at what is due, and what it then starts begins.
  static constexpr auto a_tick = pool::tick_interval + step;

  test::fake_upstreams upstreams;
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  outcomes results = std::make_shared<outcomes::element_type>();
  pool_options options;
  fetcher_pool_actor pool;
  caf::actor asker;

  fixture() {
    options.upstreams = {"a:1"};
    options.fetchers_per_upstream = 2;
    options.limit = {4, 4, 4};
    options.max_attempts = 3;
    options.fetcher.call_timeout = 10s;
  }

  ~fixture() override {
    for (const auto& handle : {caf::actor_cast<caf::actor>(pool), asker})
      if (handle)
        anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
  }

  void start() {
    pool = sys.spawn<fetcher_pool_impl>(options, upstreams.factory(), log);
    asker = sys.spawn(requester, pool, results);
    sched.run();
  }

  /// Starts with so many fetchers, whose connections are there.
  void start_connected(std::size_t fetchers) {
    options.fetchers_per_upstream = fetchers;
    upstreams.connected = true;
    start();
  }

  /// The upstream closes all connections in order, and accepts new ones.
  void end_connections() {
    advance_time(500ms);
    sched.run();
    upstreams.connected = false;
    advance_time(500ms);
    sched.run();
    upstreams.connected = true;
    // The next connection is seen to be there.
    advance_time(1s);
    sched.run();
  }

  /// Asks for a batch, which may take so long.
  void ask(std::int32_t index, std::chrono::seconds timeout = 60s) {
    anon_send(asker, fetch_batch{{"mnist", 30, index}, sys.clock().now() + timeout});
    sched.run();
  }

  void withdraw(std::int32_t index) {
    anon_send(pool, withdraw_fetch{{"mnist", 30, index}});
    sched.run();
  }

  auto request_stream() {
    auto response = self->request(pool, caf::infinite, open_stream{"mnist", 30});
    sched.run();
    return response;
  }

  /// The stream must be there.
  batch_stream_actor opened() {
    batch_stream_actor result;
    request_stream().receive([&](const stream_opened& opened) { result = opened.stream; },
                             [](const caf::error& reason) { CAF_FAIL(reason); });
    return result;
  }

  const outcome& result(std::int32_t index) {
    sched.run();
    return (*results)[index];
  }

  pool_report report() {
    sched.run();
    auto response = self->request(pool, caf::infinite, get_pool_report{});
    sched.run();
    pool_report result;
    response.receive([&](const pool_report& x) { result = x; }, [](const caf::error& reason) { CAF_FAIL(reason); });
    return result;
  }

  static dataset_description description_of(std::int32_t samples) { return {"mnist", samples, {}, "uint8"}; }

  void ask_of_fingerprint(std::int32_t index, std::int32_t samples) {
    anon_send(asker, fetch_batch{{"mnist", 30, index, fingerprint_of(description_of(samples))}});
    sched.run();
  }

  /// Answers all calls as upstreams do that have so many samples each.
  void answer_as(const std::map<std::string, std::int32_t>& samples) {
    while (!upstreams.calls.empty()) {
      for (const auto& call : std::exchange(upstreams.calls, {}))
        if (call.key.index < 0)
          upstreams.describe(call, samples.at(call.upstream));
        else
          upstreams.answer(call, call.upstream);
      sched.run();
    }
  }

  /// What the pool knows after it was asked for a description by somebody.
  std::vector<fingerprint> fingerprints_with(const std::map<std::string, std::int32_t>& samples) {
    auto response = self->request(pool, caf::infinite, describe_dataset{"mnist"});
    sched.run();
    answer_as(samples);
    std::vector<fingerprint> result;
    response.receive([&](const described_dataset& said) { result = said.fingerprints; },
                     [](const caf::error& reason) { CAF_FAIL(reason); });
    return result;
  }

  std::uint32_t in_flight() { return report().upstreams.at(0).calls_in_flight; }

  /// Lets time pass in small steps, so that what is due runs in its order.
  void pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= step) {
      advance_time(step);
      sched.run();
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(fetcher_pool_tests, fixture)

CAF_TEST(a slot comes back after a success) {
  start();
  ask(0);
  CAF_CHECK_EQUAL(in_flight(), 1u);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(a slot comes back after an empty reply) {
  start();
  ask(0);
  for (auto i = 0; i < 3; ++i) {
    upstreams.answer(0, "");
    sched.run();
    pass(50ms);
  }
  CAF_REQUIRE(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(result(0).frame->data_bytes(), 0u);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(a slot comes back after an error) {
  start();
  ask(0);
  upstreams.fail(0, status_code::not_found);
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::not_found);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(a slot comes back after a deadline) {
  start();
  ask(0, 20s);
  const auto call = upstreams.take(0);
  pass(21s);
  // A fetcher that does not report its call in time is replaced; its work waits again, until the timeout.
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::unavailable);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
  upstreams.calls.clear();
  pass(15s);
  CAF_CHECK_EQUAL(in_flight(), 0u);
  // The late reply of a call that was given up does no harm.
  upstreams.answer(call, "late");
  sched.run();
  CAF_CHECK(result(0).frame == nullptr);
  ask(1);
  upstreams.answer(1, "fine");
  CAF_CHECK(result(1).frame != nullptr);
}

CAF_TEST(a slot comes back when the fetcher is gone and its work goes elsewhere) {
  start();
  for (auto i = 0; i < 4; ++i)
    ask(i);
  upstreams.fail(1, status_code::unavailable);
  sched.run();
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 1u);
  CAF_CHECK_EQUAL(in_flight(), 4u);
  // What the lost fetcher had was asked for again on the other one; late replies of the lost one mean nothing.
  for (const auto& call : std::vector{upstreams.calls})
    upstreams.answer(call, "x");
  for (auto i = 0; i < 4; ++i)
    CAF_CHECK(result(i).frame != nullptr);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(each upstream gets as many calls at a time as it may) {
  options.upstreams = {"a:1", "b:2"};
  start();
  for (auto i = 0; i < 20; ++i)
    ask(i);
  std::map<std::string, int> calls;
  for (const auto& call : upstreams.calls)
    ++calls[call.upstream];
  CAF_CHECK_EQUAL(calls["a:1"], 4);
  CAF_CHECK_EQUAL(calls["b:2"], 4);
  CAF_CHECK_EQUAL(report().queued, 12u);
  upstreams.answer(0, "x");
  sched.run();
  CAF_CHECK_EQUAL(report().queued, 11u);
}

CAF_TEST(an upstream that is down at start costs time and nothing else) {
  upstreams.health = status_code::unavailable;
  start();
  ask(0);
  pass(30s);
  CAF_CHECK(result(0).pending());
  CAF_CHECK(upstreams.calls.empty());
  CAF_CHECK(log->named("fetcher_failed").size() > 5u);
  upstreams.health = status_code::ok;
  pass(6s);
  CAF_CHECK_EQUAL(log->named("upstream_up").size(), 1u);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  // Each source that was made for a fetcher that is gone was released.
  CAF_CHECK_EQUAL(upstreams.made - upstreams.destroyed, 2);
}

CAF_TEST(a restarted fetcher gets no work before its health check) {
  start();
  ask(0);
  upstreams.health = std::nullopt;
  upstreams.fail(0, status_code::unavailable);
  sched.run();
  upstreams.fail(0, status_code::unavailable);
  pass(5s);
  CAF_CHECK(upstreams.calls.empty());
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 0u);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 1u);
  // A health check that is not answered ends in a restart as well.
  upstreams.health = status_code::ok;
  pass(10s);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST(an upstream goes down once and comes up once) {
  start();
  for (auto i = 0; i < 4; ++i)
    ask(i);
  upstreams.health = status_code::unavailable;
  for (const auto& call : std::exchange(upstreams.calls, {}))
    upstreams.fail(call, status_code::unavailable);
  pass(10s);
  upstreams.health = status_code::ok;
  pass(6s);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 1u);
  CAF_CHECK_EQUAL(log->named("upstream_up").size(), 2u);
}

CAF_TEST(a request that has waited for too long is answered with what is wrong upstream) {
  upstreams.health = status_code::unavailable;
  start();
  ask(0, 30s);
  pass(29s);
  CAF_CHECK(result(0).pending());
  pass(2s);
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::unavailable);
  CAF_CHECK(result(0).problem->message.find("a:1: UNAVAILABLE: for the test") != std::string::npos);
}

CAF_TEST(a poisoned batch is answered after its attempts and the pool stays up) {
  start();
  ask(7);
  for (auto attempt = 0; attempt < 3; ++attempt) {
    CAF_CHECK(result(7).pending());
    upstreams.fail(7, status_code::internal);
    sched.run();
    pass(50ms);
  }
  CAF_REQUIRE(result(7).problem);
  CAF_CHECK(result(7).problem->code == status_code::internal);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
  CAF_CHECK_EQUAL(failed_calls(report().upstreams.at(0)), 3u);
}

CAF_TEST(a batch that makes each fetcher fail is answered after its attempts and the pool goes on) {
  start();
  upstreams.poison = 7;
  for (const auto index : {5, 6, 7, 8})
    ask(index);
  // Restarts have pauses; those batches that a fetcher is alive for are answered at once.
  for (auto i = 0; i < 20'000 && result(7).pending(); ++i) {
    for (const auto& call : std::exchange(upstreams.calls, {}))
      upstreams.answer(call, "x");
    advance_time(1ms);
    sched.run();
  }
  CAF_REQUIRE(result(7).problem);
  CAF_CHECK(result(7).problem->code == status_code::internal);
  pass(10s);
  for (const auto& call : std::exchange(upstreams.calls, {}))
    upstreams.answer(call, "x");
  // They came back apart from the one that makes fetchers fail.
  for (const auto index : {5, 6, 8})
    CAF_CHECK(result(index).frame != nullptr);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(batches that wait for their next attempts each start in time) {
  start();
  ask(0);
  ask(1);
  // Both have failed twice, the second of them 10 ms later.
  for (const auto index : {0, 1}) {
    for (auto i = 0; i < 2; ++i) {
      upstreams.fail(index, status_code::internal);
      sched.run();
    }
    advance_time(10ms);
    sched.run();
  }
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
  advance_time(10ms);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0, 1}));
}

CAF_TEST(a failed call is tried on another fetcher) {
  options.upstreams = {"a:1", "b:2"};
  options.fetchers_per_upstream = 1;
  start();
  ask(0);
  const auto first = upstreams.take(0);
  upstreams.fail(first, status_code::deadline_exceeded);
  sched.run();
  const auto second = upstreams.take(0);
  CAF_CHECK(first.upstream != second.upstream);
}

CAF_TEST(of two upstreams one is enough) {
  options.upstreams = {"a:1", "b:2"};
  start();
  for (auto i = 0; i < 8; ++i)
    ask(i);
  for (const auto& call : std::vector{upstreams.calls})
    if (call.upstream == "a:1")
      upstreams.fail(call, status_code::unavailable);
  upstreams.health = status_code::unavailable;
  sched.run();
  for (auto round = 0; round < 8; ++round) {
    for (const auto& call : std::exchange(upstreams.calls, {}))
      if (call.upstream == "b:2")
        upstreams.answer(call, "x");
    sched.run();
  }
  for (auto i = 0; i < 8; ++i)
    CAF_CHECK(result(i).frame != nullptr);
}

CAF_TEST(a description is fetched and retried as a batch is) {
  start();
  auto response = self->request(pool, caf::infinite, describe_dataset{"mnist"});
  sched.run();
  upstreams.fail(-1, status_code::aborted);
  sched.run();
  upstreams.describe(10'000);
  sched.run();
  response.receive([](const described_dataset& said) { CAF_CHECK_EQUAL(said.description.total_samples, 10'000); },
                   [](const caf::error& reason) { CAF_FAIL(reason); });
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

CAF_TEST(a withdrawn request that waits for its turn is answered) {
  start();
  for (auto i = 0; i < 6; ++i)
    ask(i);
  CAF_CHECK_EQUAL(report().queued, 2u);
  withdraw(4);
  CAF_REQUIRE(result(4).problem);
  CAF_CHECK(result(4).problem->code == status_code::cancelled);
  CAF_CHECK(result(5).pending());
  CAF_CHECK_EQUAL(report().queued, 1u);
  upstreams.answer(0, "x");
  sched.run();
  upstreams.answer(5, "x");
  CAF_CHECK(result(5).frame != nullptr);
}

CAF_TEST(a withdrawn request that is being worked on goes on) {
  start();
  ask(0);
  withdraw(0);
  CAF_CHECK(result(0).pending());
  CAF_CHECK_EQUAL(in_flight(), 1u);
  upstreams.answer(0, "x");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST(thousands of requests are withdrawn one by one and the others wait on) {
  start();
  constexpr std::int32_t requests = 20'000;
  for (std::int32_t i = 0; i < requests; ++i)
    anon_send(asker, fetch_batch{{"mnist", 30, i}});
  sched.run();
  for (std::int32_t i = 0; i < requests; ++i)
    if (i % 1000 != 0)
      anon_send(pool, withdraw_fetch{{"mnist", 30, i}});
  sched.run();
  // The first four are being worked on.
  for (std::int32_t i = 0; i < requests; ++i)
    if ((*results)[i].pending() != (i < 4 || i % 1000 == 0))
      CAF_FAIL("batch " << i);
  CAF_CHECK_EQUAL(report().queued, requests / 1000 - 1u);
}

CAF_TEST(without a live upstream there is no stream) {
  upstreams.health = status_code::unavailable;
  start();
  std::optional<failure> reason;
  request_stream().receive([](const stream_opened&) { CAF_FAIL("a stream was opened"); },
                           [&](const caf::error& why) { reason = to_failure(why); });
  CAF_REQUIRE(reason);
  CAF_CHECK(reason->code == status_code::unavailable);
  CAF_CHECK(reason->message.find("a:1: UNAVAILABLE: for the test") != std::string::npos);
  CAF_CHECK_EQUAL(upstreams.streams_opened, 0);
  CAF_CHECK_EQUAL(report().upstreams.at(0).calls, 0u);
}

CAF_TEST(a stream is from the upstream with fewer calls under way) {
  options.upstreams = {"a:1", "b:2"};
  start();
  for (auto i = 0; i < 3; ++i)
    ask(i);
  // Whichever has two calls of the three; the other gets the stream.
  const auto busy_index = report().upstreams.at(0).calls_in_flight == 2 ? 0u : 1u;
  const auto before = report();
  auto stream = opened();
  auto response = self->request(stream, caf::infinite, next_batch{});
  sched.run();
  CAF_REQUIRE_EQUAL(upstreams.reads.size(), 1u);
  CAF_CHECK_EQUAL(upstreams.reads[0].upstream, options.upstreams[1 - busy_index]);
  CAF_CHECK_EQUAL(report().upstreams.at(1 - busy_index).calls, before.upstreams.at(1 - busy_index).calls + 1);
  CAF_CHECK_EQUAL(report().upstreams.at(busy_index).calls, before.upstreams.at(busy_index).calls);
  upstreams.stream("x");
  sched.run();
  response.receive([](const batch_ptr& frame) { CAF_CHECK_EQUAL(frame->index(), 0); },
                   [](const caf::error& reason) { CAF_FAIL(reason); });
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
}

CAF_TEST(an upstream that gets one call at a time gets no stream and one fetcher) {
  options.limit = {1, 1, 1};
  start();
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 1u);
  request_stream().receive(
    [](const stream_opened&) { CAF_FAIL("there is a stream"); },
    [](const caf::error& reason) { CAF_CHECK(to_failure(reason).code == status_code::resource_exhausted); });
}

CAF_TEST(a stream is one of the calls that an upstream gets) {
  options.limit = {2, 2, 2};
  start();
  const auto stream = opened();
  ask(0);
  ask(1);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0, 1}));
}

CAF_TEST(a call that is refused for too many ends the stream and is no attempt) {
  options.limit = {2, 1, 64};
  start();
  const auto stream = opened();
  ask(0);
  for (auto refusal = 0; refusal < 10; ++refusal) {
    CAF_REQUIRE_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
    upstreams.fail(0, status_code::resource_exhausted);
    sched.run();
    CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
    CAF_CHECK(result(0).pending());
    pass(1s);
  }
  upstreams.answer(0, "x");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
}

CAF_TEST(an upstream that is down gets no stream although it has fewer calls) {
  options.upstreams = {"a:1", "b:2"};
  start();
  for (auto i = 0; i < 4; ++i)
    ask(i);
  upstreams.health = std::nullopt;
  for (const auto& call : std::vector{upstreams.calls})
    if (call.upstream == "a:1")
      upstreams.fail(call, status_code::unavailable);
  sched.run();
  CAF_REQUIRE_EQUAL(live_fetchers(report().upstreams.at(0)), 0u);
  auto stream = opened();
  anon_send(caf::actor_cast<caf::actor>(stream), next_batch{});
  sched.run();
  CAF_REQUIRE_EQUAL(upstreams.reads.size(), 1u);
  CAF_CHECK_EQUAL(upstreams.reads[0].upstream, "b:2");
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
}

CAF_TEST(a connection that has ended is made anew before its calls have ended) {
  start_connected(1);
  ask(0);
  const auto old = upstreams.take(0);
  end_connections();
  CAF_CHECK_EQUAL(upstreams.made, 2);
  CAF_CHECK_EQUAL(upstreams.destroyed, 0);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 1u);
  upstreams.answer(old, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(upstreams.destroyed, 1);
  ask(1);
  upstreams.answer(1, "samples");
  CAF_CHECK(result(1).frame != nullptr);
}

CAF_TEST(connections that end in order cost no restart and nothing is said but at debug) {
  start_connected(2);
  for (auto i = 0; i < 20; ++i)
    end_connections();
  const auto upstream = report().upstreams.at(0);
  CAF_CHECK(upstream.up);
  CAF_CHECK_EQUAL(upstream.restarts, 0u);
  CAF_CHECK_EQUAL(upstream.last_failure, "");
  CAF_CHECK_EQUAL(log->named("fetcher_ready").size(), 2u);
  CAF_CHECK_EQUAL(log->named("fetcher_failed").size(), 0u);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 0u);
  const auto renewed = log->named("connection_renewed");
  CAF_REQUIRE_EQUAL(renewed.size(), 40u);
  CAF_CHECK(renewed[0].level == severity::debug);
  CAF_CHECK_EQUAL(upstreams.made - upstreams.destroyed, 2);
}

CAF_TEST(what could not be asked over a connection that has ended is asked over the next one and is no attempt) {
  options.max_attempts = 1;
  start_connected(1);
  ask(0);
  for (auto i = 0; i < 10; ++i) {
    upstreams.turn_back(upstreams.take(0));
    pass(100ms);
  }
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(log->named("call_failed").size(), 0u);
  CAF_CHECK_EQUAL(report().upstreams.at(0).restarts, 0u);
}

CAF_TEST(a connection that cannot be made anew is a failure) {
  start_connected(1);
  upstreams.health = status_code::unavailable;
  end_connections();
  CAF_CHECK(!report().upstreams.at(0).up);
  CAF_CHECK(log->named("fetcher_failed").size() > 0u);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 1u);
  upstreams.health = status_code::ok;
  pass(5s);
  CAF_CHECK(report().upstreams.at(0).up);
  CAF_CHECK(report().upstreams.at(0).restarts > 0u);
}

CAF_TEST(an idle upstream is asked for a sign of life over each connection) {
  start_connected(2);
  CAF_CHECK_EQUAL(upstreams.health_checks, 2);
  pass(policy::quiet_watch::trusted_for + a_tick);
  CAF_CHECK_EQUAL(upstreams.health_checks, 4);
  pass(policy::quiet_watch::trusted_for + a_tick);
  CAF_CHECK_EQUAL(upstreams.health_checks, 6);
  CAF_CHECK_EQUAL(upstreams.made, 2);
}

CAF_TEST(an upstream that has a call or a stream under way is not asked for a sign of life) {
  start_connected(2);
  auto stream = opened();
  pass(10s);
  CAF_CHECK_EQUAL(upstreams.health_checks, 2);
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
  sched.run();
  ask(0);
  pass(9s);
  CAF_CHECK_EQUAL(upstreams.health_checks, 2);
  upstreams.answer(0, "samples");
  sched.run();
  // One of the two connections has been quiet.
  pass(a_tick);
  CAF_CHECK_EQUAL(upstreams.health_checks, 3);
}

CAF_TEST(an upstream that owes an answer is not up until it brings one) {
  start_connected(1);
  ask(0);
  pass(4s);
  CAF_CHECK(report().upstreams.at(0).up);
  pass(2s);
  CAF_CHECK(!report().upstreams.at(0).up);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 1u);
  upstreams.answer(0, "samples");
  sched.run();
  CAF_CHECK(report().upstreams.at(0).up);
  CAF_CHECK_EQUAL(log->named("upstream_up").size(), 2u);
  CAF_CHECK_EQUAL(log->named("fetcher_failed").size(), 0u);
}

CAF_TEST(an upstream that takes long for each batch is up all the time) {
  start_connected(1);
  for (auto i = 0; i < 5; ++i) {
    ask(i);
    // The first shows that it takes long.
    pass(i == 0 ? 4s : 7s);
    CAF_CHECK(report().upstreams.at(0).up);
    upstreams.answer(i, "samples");
    sched.run();
  }
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 0u);
}

CAF_TEST(an idle upstream that owes a sign of life is not up) {
  start_connected(1);
  upstreams.health = std::nullopt;
  pass(7s);
  CAF_CHECK(report().upstreams.at(0).up);
  pass(2s);
  CAF_CHECK(!report().upstreams.at(0).up);
}

CAF_TEST(when a stream breaks connections that were quiet meanwhile are replaced before they get work) {
  start_connected(2);
  auto stream = opened();
  pass(2s);
  self->send(pool, stream_broke{stream});
  sched.run();
  CAF_CHECK_EQUAL(upstreams.made, 3);
  pass(2s);
  self->send(pool, stream_broke{stream});
  ask(0);
  CAF_CHECK_EQUAL(upstreams.made, 5);
  CAF_CHECK_EQUAL(upstreams.destroyed, 2);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
}

CAF_TEST(when a connection is lost those that were quiet meanwhile are replaced before they get work) {
  options.limit = {2, 2, 2};
  start_connected(2);
  ask(0);
  pass(4s);
  upstreams.fail(0, status_code::unavailable);
  upstreams.connected = false;
  sched.run();
  // The next call for it is over the one that took the place of the quiet one.
  CAF_CHECK_EQUAL(upstreams.destroyed, 2);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST(each request has its own deadline) {
  upstreams.health = status_code::unavailable;
  start();
  ask(0, 30s);
  ask(1, 10s);
  pass(9s);
  CAF_CHECK(result(1).pending());
  pass(2s);
  CAF_REQUIRE(result(1).problem);
  CAF_CHECK(result(1).problem->code == status_code::unavailable);
  CAF_CHECK(result(0).pending());
}

CAF_TEST(an upstream that answers many calls at a time gets more of them) {
  options.limit = {};
  start();
  CAF_CHECK_EQUAL(report().upstreams.at(0).limit, options.limit.initial);
  auto next = 0;
  // Each call takes 5 ms however many there are, and there is always more to do.
  for (auto round = 0; round < 600; ++round) {
    while (report().queued < 70)
      ask(next++);
    const auto under_way = std::exchange(upstreams.calls, {});
    advance_time(5ms);
    for (const auto& call : under_way)
      upstreams.answer(call, "x");
    sched.run();
  }
  CAF_CHECK(report().upstreams.at(0).limit >= 16u);
  CAF_CHECK(report().upstreams.at(0).batches_per_second > 1000.0);
}

CAF_TEST(an upstream that answers one call after another keeps few of them) {
  options.limit = {};
  start();
  auto next = 0;
  for (auto round = 0; round < 3000; ++round) {
    while (report().queued < 10)
      ask(next++);
    advance_time(1ms);
    upstreams.answer(upstreams.calls.at(0).key.index, "x");
    sched.run();
  }
  CAF_CHECK(report().upstreams.at(0).limit <= 4u);
}

CAF_TEST(a batch without samples is asked for again) {
  start();
  ask(0);
  upstreams.answer(0, "");
  CAF_CHECK(result(0).pending());
  CAF_REQUIRE_EQUAL(upstreams.calls.size(), 1u);
  upstreams.answer(0, "samples");
  CAF_REQUIRE(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(result(0).frame->data_bytes(), 7u);
}

CAF_TEST(a call that takes much too long is begun on another upstream) {
  options.upstreams = {"a:1", "b:2"};
  options.fetchers_per_upstream = 1;
  start();
  ask(0);
  const auto first = upstreams.take(0);
  for (auto i = 0; i < 100 && upstreams.calls.empty(); ++i)
    pass(50ms);
  const auto second = upstreams.take(0);
  CAF_CHECK(first.upstream != second.upstream);
  upstreams.answer(second, "fast");
  CAF_REQUIRE(result(0).frame != nullptr);
  upstreams.answer(first, "late");
  sched.run();
  CAF_CHECK_EQUAL(report().upstreams.at(0).calls_in_flight + report().upstreams.at(1).calls_in_flight, 0u);
}

CAF_TEST(a request that comes while nothing is up does not wait for the pause to end) {
  upstreams.health = status_code::unavailable;
  start();
  // By now the pauses are seconds.
  pass(60s);
  upstreams.health = status_code::ok;
  auto response = self->request(pool, caf::infinite, describe_dataset{"mnist"});
  sched.run();
  pass(a_tick);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{-1}));
}

CAF_TEST(a request that comes just before an upstream is found to be gone does not wait for the pause to end either) {
  start();
  upstreams.health = status_code::unavailable;
  // The pauses are seconds already.
  for (auto i = 0; i < 2; ++i) {
    ask(i);
    upstreams.fail(0, status_code::unavailable);
    pass(30s);
  }
  upstreams.health = status_code::ok;
  pass(6s);
  upstreams.calls.clear();
  auto response = self->request(pool, caf::infinite, describe_dataset{"mnist"});
  sched.run();
  pass(500ms);
  for (auto i = 0; i < 2; ++i) {
    upstreams.fail(upstreams.take(-1), status_code::unavailable);
    sched.run();
  }
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 0u);
  pass(a_tick);
  const auto asked = upstreams.indices();
  CAF_CHECK_EQUAL(std::count(asked.begin(), asked.end(), -1), 1);
}

CAF_TEST(an upstream that answers that it is not available keeps its fetchers) {
  upstreams.connected = true;
  start();
  for (auto i = 0; i < 20; ++i) {
    ask(i);
    if (i % 2 == 0)
      upstreams.fail(i, status_code::unavailable);
    sched.run();
    upstreams.answer(i, "samples");
    CAF_CHECK(result(i).frame != nullptr);
  }
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
  CAF_CHECK(log->named("fetcher_failed").empty());
}

CAF_TEST(the pool takes its fetchers with it) {
  start();
  ask(0);
  anon_send_exit(pool, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.made, upstreams.destroyed);
  CAF_REQUIRE(result(0).problem);
}

CAF_TEST(the pool says how long calls take and how they fail) {
  start();
  CAF_CHECK(!report().upstreams.at(0).latency_p50);
  ask(0);
  pass(50ms);
  upstreams.answer(0, "data");
  sched.run();
  ask(1);
  upstreams.fail(1, status_code::internal);
  sched.run();
  const auto known = report().upstreams.at(0);
  CAF_REQUIRE(known.latency_p50.has_value());
  CAF_CHECK(*known.latency_p50 == 50ms);
  CAF_CHECK(*known.latency_p99 == 50ms);
  CAF_REQUIRE_EQUAL(known.failures.size(), 1u);
  CAF_CHECK(known.failures[0].code == status_code::internal && known.failures[0].count == 1);
  CAF_CHECK_EQUAL(known.last_failure, "INTERNAL: for the test");
  CAF_CHECK(known.last_failure_at.time_since_epoch().count() > 0);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_retries_total"), 1);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_retries_total{code=\"INTERNAL\"}"), 1);
  const upstream_metrics metrics{sys.metrics(), "a:1"};
  CAF_CHECK_EQUAL(metrics.fetch->sum(), 0.05);
}

CAF_TEST(the failure of a request is no failure of the upstream and not tried again) {
  start();
  ask(0);
  upstreams.fail(0, status_code::not_found);
  sched.run();
  CAF_CHECK(report().upstreams.at(0).failures.empty());
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_retries_total"), 0);
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

CAF_TEST(a stream is not opened at an upstream that refused its dataset) {
  options.upstreams = {"a:1", "b:2"};
  start();
  ask(0);
  upstreams.fail(0, status_code::not_found);
  sched.run();
  for (auto i = 0; i < 3; ++i) {
    const auto stream = opened();
    self->send(stream, next_batch{});
    sched.run();
    CAF_CHECK_EQUAL(upstreams.reads.back().upstream, "b:2");
    anon_send_exit(stream, caf::exit_reason::kill);
  }
}

CAF_TEST(an upstream that refuses a stream of a dataset gets no call for it) {
  options.upstreams = {"a:1", "b:2"};
  start();
  self->send(opened(), next_batch{});
  sched.run();
  CAF_REQUIRE_EQUAL(upstreams.reads.at(0).upstream, "a:1");
  upstreams.end_stream(status_code::not_found);
  sched.run();
  for (auto i = 0; i < 4; ++i)
    ask(i);
  for (const auto& call : upstreams.calls)
    CAF_CHECK_EQUAL(call.upstream, "b:2");
}

CAF_TEST(a stream that ends well says nothing about its upstream) {
  options.upstreams = {"a:1", "b:2"};
  start();
  self->send(opened(), next_batch{});
  sched.run();
  upstreams.end_stream(status_code::out_of_range);
  sched.run();
  CAF_CHECK(report().upstreams.at(0).last_failure.empty());
}

CAF_TEST(an upstream that has no GetBatch is away until it has one) {
  options.fetchers_per_upstream = 1;
  upstreams.health = status_code::unimplemented;
  start();
  ask(0);
  upstreams.fail(0, status_code::unimplemented);
  pass(1s);
  // Its next fetcher asks for that batch first.
  CAF_CHECK(!report().upstreams.at(0).up);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
  upstreams.fail(0, status_code::unimplemented);
  pass(2s);
  CAF_CHECK(!report().upstreams.at(0).up);
  upstreams.answer(0, "samples");
  sched.run();
  CAF_CHECK(report().upstreams.at(0).up);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST(a description that takes too long is not waited for and is known when it has come) {
  options.fetcher.call_timeout = 2s;
  start();
  const auto ask_description = [this] {
    std::optional<std::int32_t> said;
    auto response = self->request(pool, caf::infinite, describe_dataset{"mnist"});
    pass(2500ms);
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
  // When it is old it is asked for again, and nobody waits for that.
  pass(50s);
  CAF_CHECK(ask_description() == 90);
  CAF_CHECK_EQUAL(upstreams.calls.size(), 1u);
}

CAF_TEST(an upstream that is away does not describe slowly) {
  options.fetcher.call_timeout = 2s;
  upstreams.health = status_code::unavailable;
  start();
  auto response = self->request(pool, caf::infinite, describe_dataset{"mnist"});
  pass(10s);
  upstreams.health = status_code::ok;
  for (auto i = 0; i < 200 && upstreams.calls.empty(); ++i)
    pass(50ms);
  upstreams.describe(90);
  sched.run();
  response.receive([](const described_dataset& said) { CAF_CHECK_EQUAL(said.description.total_samples, 90); },
                   [](const caf::error& reason) { CAF_FAIL(reason); });
}

CAF_TEST(a stream of a fingerprint is not opened where that would have to be asked for slowly) {
  options.fetcher.call_timeout = 2s;
  start();
  auto response = self->request(pool, caf::infinite, describe_dataset{"mnist"});
  pass(1500ms);
  upstreams.describe(90);
  sched.run();
  response.receive([](const described_dataset&) {}, [](const caf::error& reason) { CAF_FAIL(reason); });
  auto refused = self->request(pool, caf::infinite, open_stream{"mnist", 30, fingerprint{7}});
  sched.run();
  refused.receive([](const stream_opened&) { CAF_FAIL("it was opened"); },
                  [](const caf::error& reason) { CAF_CHECK(to_failure(reason).code == status_code::unavailable); });
  opened();
}

CAF_TEST(the log calls a fetcher what the report calls it) {
  options.upstreams = {"a:1", "b:2"};
  start();
  anon_send_exit(report().fetchers.at(3), caf::exit_reason::kill);
  sched.run();
  CAF_REQUIRE_EQUAL(log->named("fetcher_failed").size(), 1u);
  const auto failed = log->named("fetcher_failed").front();
  CAF_CHECK_EQUAL(failed.fields.at("upstream"), "b:2");
  CAF_CHECK_EQUAL(failed.fields.at("fetcher"), "1");
  const auto row = report().upstreams.at(1);
  CAF_CHECK_EQUAL(row.address, "b:2");
  CAF_CHECK_EQUAL(row.fetchers.at(0).state, "up");
  CAF_CHECK_EQUAL(row.fetchers.at(1).state, "paused");
}

CAF_TEST(the pool says where its fetchers are) {
  options.restart = {100ms, 100ms, 10000ms};
  start();
  ask(0);
  auto known = report();
  CAF_REQUIRE_EQUAL(known.fetchers.size(), 2u);
  const auto busy = known.upstreams.at(0).fetchers.at(0).calls_in_flight == 1 ? 0u : 1u;
  CAF_CHECK_EQUAL(known.upstreams[0].fetchers[busy].calls_in_flight, 1u);
  CAF_CHECK_EQUAL(known.upstreams[0].fetchers[busy].state, "up");
  CAF_CHECK_EQUAL(known.upstreams[0].fetchers[busy].actor->id, known.fetchers[busy].id());
  anon_send_exit(known.fetchers[busy], caf::exit_reason::kill);
  sched.run();
  known = report();
  CAF_CHECK(!known.fetchers[busy]);
  auto fetcher = known.upstreams[0].fetchers[busy];
  CAF_CHECK(!fetcher.actor);
  CAF_CHECK_EQUAL(fetcher.state, "paused");
  CAF_CHECK_EQUAL(fetcher.restarts, 0u);
  CAF_CHECK(!fetcher.last_failure.empty());
  CAF_REQUIRE(fetcher.next_attempt_in.has_value());
  CAF_CHECK(*fetcher.next_attempt_in <= 100ms);
  // What it had is made again elsewhere.
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_retries_total"), 1);
  pass(100ms);
  known = report();
  fetcher = known.upstreams[0].fetchers[busy];
  CAF_CHECK_EQUAL(fetcher.state, "up");
  CAF_CHECK_EQUAL(fetcher.restarts, 1u);
  CAF_CHECK_EQUAL(known.upstreams[0].restarts, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
