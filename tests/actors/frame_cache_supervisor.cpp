#define CAF_SUITE frame_cache_supervisor

#include "actors/frame_cache_supervisor.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "actors/fetcher_pool.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_batch_source.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

using sources = std::shared_ptr<std::vector<frame_source>>;

/// Notes which sources it was told of, and asks the latest one.
source_follower::behavior_type follow(source_follower::pointer, sources told) {
  return {
    [told](const source_ready& ready) { told->push_back(ready.source); },
  };
}

struct fixture : test_coordinator_fixture<> {
  test::fake_upstreams upstreams;
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  pool_options pool_opts;
  frame_cache_supervisor_options options;
  fetcher_pool_actor pool;
  frame_cache_supervisor_actor supervisor;
  source_follower follower;
  sources told = std::make_shared<std::vector<frame_source>>();

  fixture() {
    options.cache.feed.choice.mode = policy::fetch_mode::get;
    pool_opts.upstreams = {"a:1"};
    pool_opts.fetchers_per_upstream = 1;
    pool_opts.limit = {2, 2, 2};
  }

  void start() {
    pool = sys.spawn<fetcher_pool_impl>(pool_opts, upstreams.factory(), log);
    supervisor = sys.spawn<frame_cache_supervisor_impl>(options, pool, log);
    follower = sys.spawn(follow, told);
    anon_send(supervisor, follow_source{follower});
    sched.run();
  }

  const frame_source& source() const { return told->back(); }

  void kill_cache() {
    self->send_exit(source(), caf::make_error(caf::sec::runtime_error, "for the test"));
    sched.run();
  }

  void pass(std::chrono::milliseconds time) {
    advance_time(time);
    sched.run();
  }

  /// Kills the cache and waits until there is another.
  void restart_cache() {
    const auto before = told->size();
    kill_cache();
    pass(options.restart.cap);
    CAF_REQUIRE_EQUAL(told->size(), before + 1);
  }

  auto ask(std::int32_t index) {
    auto response = self->request(source(), caf::infinite, fetch_frame{{"mnist", 30, index}});
    sched.run();
    return response;
  }

  template <class Report, class Handle, class Request>
  Report get(const Handle& of, const Request& request) {
    auto response = self->request(of, caf::infinite, request);
    sched.run();
    Report result;
    response.receive([&](const Report& x) { result = x; }, [](const caf::error& reason) { CAF_FAIL(reason); });
    return result;
  }

  cache_supervisor_report report() { return get<cache_supervisor_report>(supervisor, get_cache_report{}); }

  /// How many frames there are in the frame cache.
  std::uint64_t frames() { return get<frame_cache_report>(report().frame_cache, get_frame_cache_report{}).frames; }

  pool_report report_of_pool() { return get<pool_report>(pool, get_pool_report{}); }

  std::size_t restart_delay(std::size_t restart) const {
    return std::stoul(log->named("frame_cache_failed").at(restart).fields.at("restart_in_ms"));
  }

  ~fixture() override {
    for (const auto& handle : {caf::actor_cast<caf::actor>(supervisor), caf::actor_cast<caf::actor>(pool),
                               caf::actor_cast<caf::actor>(follower)})
      anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
    told->clear();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(frame_cache_supervisor_tests, fixture)

CAF_TEST(a follower is told which frame cache there is) {
  start();
  CAF_CHECK_EQUAL(told->size(), 1u);
  CAF_CHECK_EQUAL(log->named("frame_cache_ready").size(), 1u);
  auto response = ask(0);
  upstreams.answer(0, "data");
  sched.run();
  response.receive([](const frame_ptr& frame) { CAF_CHECK_EQUAL(frame->index(), 0); },
                   [](const caf::error& reason) { CAF_FAIL(reason); });
}

CAF_TEST(a frame cache that dies is replaced by an empty one) {
  start();
  auto response = ask(0);
  upstreams.answer(0, "data");
  sched.run();
  response.receive([](const frame_ptr&) {}, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK_EQUAL(frames(), 1u);
  const auto first = source();
  restart_cache();
  CAF_CHECK(source() != first);
  CAF_CHECK_EQUAL(frames(), 0u);
  const auto failures = log->named("frame_cache_failed");
  CAF_REQUIRE_EQUAL(failures.size(), 1u);
  CAF_CHECK(failures[0].level == severity::error);
  CAF_CHECK(failures[0].fields.at("message").find("for the test") != std::string::npos);
  CAF_CHECK_EQUAL(failures[0].fields.at("failures"), "1");
  CAF_CHECK_EQUAL(log->named("frame_cache_ready").size(), 2u);
}

CAF_TEST(between two lives there is no frame cache and who asks the old one hears it) {
  start();
  auto waiting = ask(0);
  kill_cache();
  waiting.receive([](const frame_ptr&) { CAF_FAIL("an answer of the dead"); },
                  [](const caf::error& reason) { CAF_CHECK(!is_failure(reason)); });
  ask(1).receive([](const frame_ptr&) { CAF_FAIL("an answer of the dead"); },
                 [](const caf::error& reason) { CAF_CHECK(!is_failure(reason)); });
  CAF_CHECK(!report().frame_cache);
  CAF_CHECK(!report().cache.up);
  CAF_CHECK_EQUAL(report().actor.state, "restarting");
}

CAF_TEST(what was counted outlives the frame cache) {
  start();
  ask(0);
  upstreams.answer(0, "data");
  sched.run();
  restart_cache();
  ask(0);
  const auto counts = report().cache;
  CAF_CHECK(counts.up);
  CAF_CHECK_EQUAL(counts.misses, 2u);
  CAF_CHECK_EQUAL(counts.restarts, 1u);
  CAF_CHECK_EQUAL(counts.capacity_bytes, options.cache.capacity_bytes);
  CAF_CHECK_EQUAL(report().actor.state, "watching");
}

CAF_TEST(there is no latest batch between two lives) {
  start();
  ask(0);
  upstreams.answer(0, "data");
  sched.run();
  CAF_CHECK_EQUAL(get<latest_batch>(supervisor, get_latest_batch{}).frame->index(), 0);
  kill_cache();
  auto response = self->request(supervisor, caf::infinite, get_latest_batch{});
  sched.run();
  response.receive([](const latest_batch&) { CAF_FAIL("a batch of the dead"); },
                   [](const caf::error& reason) { CAF_CHECK(to_failure(reason).code == status_code::unavailable); });
}

CAF_TEST(the pauses grow and are short again after a while of health) {
  options.restart = {100ms, 5000ms, 10000ms};
  start();
  for (std::size_t i = 0; i < 12; ++i) {
    restart_cache();
    CAF_CHECK(restart_delay(i) <= std::min<std::size_t>(100u << i, 5000u));
  }
  // With full jitter one pause says little, but hardly all of seven are below 100 ms.
  auto longest = std::size_t{0};
  for (std::size_t i = 5; i < 12; ++i)
    longest = std::max(longest, restart_delay(i));
  CAF_CHECK(longest > 100u);
  pass(10s);
  restart_cache();
  CAF_CHECK(restart_delay(12) <= 100u);
  CAF_CHECK_EQUAL(log->named("frame_cache_failed").back().fields.at("failures"), "1");
}

CAF_TEST(the pool forgets what a dead frame cache has asked for) {
  start();
  std::vector<decltype(ask(0))> waiting;
  for (auto i = 0; i < 5; ++i)
    waiting.push_back(ask(i));
  CAF_CHECK_EQUAL(report_of_pool().queued, 3u);
  restart_cache();
  CAF_CHECK_EQUAL(report_of_pool().queued, 0u);
  // Calls under way go on; their results are for nobody.
  upstreams.answer(0, "data");
  upstreams.answer(1, "data");
  sched.run();
  CAF_CHECK_EQUAL(report_of_pool().upstreams.at(0).calls_in_flight, 0u);
  CAF_CHECK(upstreams.calls.empty());
  CAF_CHECK_EQUAL(frames(), 0u);
}

CAF_TEST(a stream dies with its frame cache and the next one has its own) {
  options.cache.feed.choice.mode = policy::fetch_mode::stream;
  start();
  auto waiting = ask(0);
  CAF_CHECK_EQUAL(upstreams.streams_opened, 1);
  restart_cache();
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  upstreams.reads.clear();
  auto response = ask(0);
  CAF_CHECK_EQUAL(upstreams.streams_opened, 2);
  upstreams.stream("data");
  sched.run();
  response.receive([](const frame_ptr& frame) { CAF_CHECK_EQUAL(frame->index(), 0); },
                   [](const caf::error& reason) { CAF_FAIL(reason); });
}

CAF_TEST(who follows between two lives is told of the next one) {
  start();
  kill_cache();
  const auto late = std::make_shared<std::vector<frame_source>>();
  const auto other = sys.spawn(follow, late);
  anon_send(supervisor, follow_source{other});
  sched.run();
  CAF_CHECK(late->empty());
  pass(options.restart.cap);
  CAF_CHECK_EQUAL(late->size(), 1u);
  late->clear();
  anon_send_exit(other, caf::exit_reason::kill);
}

CAF_TEST(the supervisor takes its frame cache with it) {
  start();
  self->monitor(source());
  anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  sched.run();
  auto gone = false;
  self->receive([&](const caf::down_msg&) { gone = true; }, caf::after(0s) >> [] {});
  CAF_CHECK(gone);
  CAF_CHECK(log->named("frame_cache_failed").empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
