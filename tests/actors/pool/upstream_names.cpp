#define CAF_SUITE upstream_names

#include "actors/pool/upstream_names.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/fetcher_pool.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_batch_source.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

/// What a name has now, and how often it was looked up.
struct name_server {
  /// Nothing: it is not found.
  strings addresses;
  int lookups = 0;
};

using name_server_ptr = std::shared_ptr<name_server>;

name_resolver_actor::behavior_type resolver(const name_server_ptr& names) {
  return {
    [=](const resolve_name&) -> caf::result<resolved_name> {
      ++names->lookups;
      if (names->addresses.empty())
        return make_error(failure{status_code::unavailable, "Name or service not known"});
      return resolved_name{names->addresses};
    },
    [](const lookup_result&) {},
  };
}

struct fixture : test::actor_fixture<> {
  /// How long a request waits.
  static constexpr auto patience = 60s;

  test::fake_upstreams upstreams;
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  name_server_ptr names = std::make_shared<name_server>();
  pool_options options;
  name_resolver_actor looked_up;
  fetcher_pool_actor pool;

  fixture() {
    options.names = {{"dns:gpu:1", "gpu", 1}};
    options.fetchers_per_upstream = 1;
    options.limit = {4, 4, 4};
    names->addresses = {"10.0.0.1:1", "10.0.0.2:1"};
    upstreams.connected = true;
  }

  ~fixture() override {
    for (const auto& handle : {caf::actor_cast<caf::actor>(pool), caf::actor_cast<caf::actor>(looked_up)})
      if (handle)
        anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
  }

  void start() {
    looked_up = sys.spawn(resolver, names);
    options.resolver = looked_up;
    pool = sys.spawn<fetcher_pool_impl>(options, upstreams.factory(), log);
    sched.run();
  }

  /// The name has these addresses from now on, and is looked up again.
  void becomes(const strings& addresses) {
    names->addresses = addresses;
    pass(policy::name_watch::refresh + 1s);
  }

  auto ask(std::int32_t index) {
    return send_request(pool, fetch_batch{{"mnist", 30, index}, sys.clock().now() + patience});
  }

  pool_report report() { return answer_from(pool, get_pool_report{}); }

  /// The addresses of the upstreams that are up.
  strings up() {
    strings result;
    for (const auto& each : report().upstreams)
      if (each.up)
        result.push_back(each.address);
    std::sort(result.begin(), result.end());
    return result;
  }

  /// Answers the calls that wait. Returns how many each upstream had.
  std::map<std::string, int> answer_all() {
    std::map<std::string, int> result;
    for (const auto& call : std::exchange(upstreams.calls, {})) {
      ++result[call.upstream];
      upstreams.answer(call, "samples");
    }
    sched.run();
    return result;
  }

  template <class Response>
  void expect_frame(Response& response) {
    CAF_CHECK(answer_to(response) != nullptr);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(upstream_names_tests, fixture)

CAF_TEST(each address of a name is an upstream that is asked by that name) {
  start();
  CAF_CHECK_EQUAL(up(), (strings{"gpu/10.0.0.1:1", "gpu/10.0.0.2:1"}));
  auto first = ask(0);
  auto second = ask(1);
  CAF_CHECK_EQUAL(answer_all(), (std::map<std::string, int>{{"gpu/10.0.0.1:1", 1}, {"gpu/10.0.0.2:1", 1}}));
  expect_frame(first);
  expect_frame(second);
}

CAF_TEST(metrics are of the name whatever addresses come and go) {
  start();
  for (const auto& each : report().upstreams)
    CAF_CHECK_EQUAL(each.name, "dns:gpu:1");
}

CAF_TEST(addresses come and go with the answers of every half minute) {
  start();
  CAF_CHECK_EQUAL(names->lookups, 1);
  becomes({"10.0.0.2:1", "10.0.0.3:1"});
  CAF_CHECK_EQUAL(names->lookups, 2);
  CAF_CHECK_EQUAL(up(), (strings{"gpu/10.0.0.2:1", "gpu/10.0.0.3:1"}));
  CAF_CHECK_EQUAL(log->named("upstream_added").size(), 3u);
  CAF_REQUIRE_EQUAL(log->named("upstream_removed").size(), 1u);
  CAF_CHECK_EQUAL(log->named("upstream_removed").front().fields.at("upstream"), "gpu/10.0.0.1:1");
  CAF_CHECK(log->named("upstream_down").empty());
  CAF_CHECK(log->named("fetcher_failed").empty());
}

CAF_TEST(calls at an address that the name has no more end well and new ones go elsewhere) {
  names->addresses = {"10.0.0.1:1"};
  options.fetcher.call_timeout = 50s;
  start();
  auto under_way = ask(0);
  CAF_REQUIRE_EQUAL(upstreams.calls.size(), 1u);
  const auto call = upstreams.calls.front();
  upstreams.calls.clear();
  becomes({"10.0.0.2:1"});
  upstreams.answer(call, "samples");
  sched.run();
  expect_frame(under_way);
  upstreams.calls.clear();
  auto next = ask(1);
  CAF_CHECK_EQUAL(answer_all(), (std::map<std::string, int>{{"gpu/10.0.0.2:1", 1}}));
  expect_frame(next);
  // Its connection is closed then.
  pass(2 * pool::tick_interval);
  CAF_CHECK_EQUAL(upstreams.made - upstreams.destroyed, 1);
}

CAF_TEST(an address that fails has the name looked up again soon) {
  names->addresses = {"10.0.0.1:1"};
  start();
  pass(5s);
  names->addresses = {"10.0.0.2:1"};
  upstreams.connected = false;
  upstreams.health = status_code::unavailable;
  auto waiting = ask(0);
  upstreams.fail(0, status_code::unavailable);
  sched.run();
  upstreams.connected = true;
  upstreams.health = status_code::ok;
  pass(policy::name_watch::after_trouble + 1s);
  CAF_CHECK_EQUAL(up(), strings{"gpu/10.0.0.2:1"});
  answer_all();
  expect_frame(waiting);
}

CAF_TEST(a name that is not found is an upstream that is down and is looked up again) {
  names->addresses = {};
  start();
  auto waiting = ask(0);
  pass(1s);
  const auto rows = report().upstreams;
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK_EQUAL(rows.front().address, "dns:gpu:1");
  CAF_CHECK(!rows.front().up);
  CAF_CHECK_EQUAL(rows.front().last_failure, "UNAVAILABLE: the name is not found: Name or service not known");
  CAF_CHECK_EQUAL(log->named("name_not_found").size(), 1u);
  pass(20s);
  // Once in a row of failures.
  CAF_CHECK_EQUAL(log->named("name_not_found").size(), 1u);
  names->addresses = {"10.0.0.1:1"};
  pass(policy::name_watch::longest_retry + 1s);
  CAF_CHECK_EQUAL(answer_all(), (std::map<std::string, int>{{"gpu/10.0.0.1:1", 1}}));
  expect_frame(waiting);
  CAF_CHECK_EQUAL(up(), strings{"gpu/10.0.0.1:1"});
  CAF_CHECK_EQUAL(report().upstreams.size(), 1u);
}

CAF_TEST(a request that waits in vain for a name is told what is wrong with it) {
  names->addresses = {};
  start();
  auto waiting = ask(0);
  pass(patience + pool::tick_interval);
  const auto text = failure_of(waiting).message;
  CAF_CHECK(text.find("dns:gpu:1: UNAVAILABLE: the name is not found") != std::string::npos);
}

CAF_TEST(what is known of a name stays while it is not found) {
  start();
  becomes({});
  CAF_CHECK_EQUAL(up().size(), 2u);
  auto next = ask(0);
  answer_all();
  expect_frame(next);
}

CAF_TEST(an upstream in the place of a former one has none of its history) {
  names->addresses = {"10.0.0.1:1", "10.0.0.9:1"};
  start();
  // The first lacks the dataset, and has a failure.
  for (auto i = 0; i < 2; ++i) {
    auto response = ask(i);
    for (const auto& call : std::exchange(upstreams.calls, {}))
      if (call.upstream == "gpu/10.0.0.1:1")
        upstreams.fail(call, status_code::not_found);
      else
        upstreams.answer(call, "samples");
    sched.run();
    answer_all();
    expect_frame(response);
  }
  becomes({"10.0.0.9:1"});
  for (auto round = 2; round < 40; ++round) {
    const auto address = "10.0.0." + std::to_string(round % 5 + 2) + ":1";
    becomes({"10.0.0.9:1", address});
    const auto rows = report().upstreams;
    CAF_REQUIRE_EQUAL(rows.size(), 2u);
    const auto& fresh = rows[rows[0].address == "gpu/" + address ? 0 : 1];
    CAF_CHECK_EQUAL(fresh.address, "gpu/" + address);
    CAF_CHECK(fresh.up);
    CAF_CHECK_EQUAL(fresh.calls, 0u);
    CAF_CHECK_EQUAL(fresh.last_failure, "");
    CAF_CHECK_EQUAL(fresh.fetchers.size(), 1u);
    auto first = ask(round);
    auto second = ask(round + 100);
    CAF_CHECK_EQUAL(answer_all().size(), 2u);
    expect_frame(first);
    expect_frame(second);
  }
}

CAF_TEST(addresses and names stand beside each other) {
  options.upstreams = {"plain:1"};
  names->addresses = {"10.0.0.1:1"};
  start();
  CAF_CHECK_EQUAL(up(), (strings{"gpu/10.0.0.1:1", "plain:1"}));
  CAF_CHECK_EQUAL(report().fetchers.size(), 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
