#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/fetcher_pool.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_batch_source.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch::test {

/// What a request came to.
struct outcome {
  batch_ptr frame;
  std::optional<failure> problem;

  bool pending() const { return frame == nullptr && !problem; }
};

using outcomes = std::shared_ptr<std::map<std::int32_t, outcome>>;

/// Asks for batches and notes what comes.
inline caf::behavior pool_requester(caf::event_based_actor* self, fetcher_pool_actor pool, outcomes results) {
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

struct fetcher_pool_fixture : actor_fixture<> {
  /// In which the pool looks at what is due, and what it then starts begins.
  static constexpr auto a_tick = pool::tick_interval + step;

  fake_upstreams upstreams;
  std::shared_ptr<event_recorder> log = std::make_shared<event_recorder>();
  outcomes results = std::make_shared<outcomes::element_type>();
  pool_options options;
  fetcher_pool_actor pool;
  caf::actor asker;

  fetcher_pool_fixture() {
    options.upstreams = {"a:1"};
    options.fetchers_per_upstream = 2;
    options.limit = {4, 4, 4};
    options.max_attempts = 3;
    options.fetcher.call_timeout = std::chrono::seconds{10};
  }

  ~fetcher_pool_fixture() override {
    for (const auto& handle : {caf::actor_cast<caf::actor>(pool), asker})
      if (handle)
        anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
  }

  void start() {
    pool = sys.spawn<fetcher_pool_impl>(options, upstreams.factory(), log);
    asker = sys.spawn(pool_requester, pool, results);
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
    const auto interval = options.fetcher.check_interval;
    pass(interval / 2);
    upstreams.connected = false;
    pass(interval / 2);
    upstreams.connected = true;
    // The next connection is seen to be there.
    pass(interval);
  }

  /// Asks for a batch, which may take so long.
  void ask(std::int32_t index, std::chrono::seconds timeout = std::chrono::minutes{1}) {
    anon_send(asker, fetch_batch{{"mnist", 30, index}, sys.clock().now() + timeout});
    sched.run();
  }

  void withdraw(std::int32_t index) {
    anon_send(pool, withdraw_fetch{{"mnist", 30, index}});
    sched.run();
  }

  /// Why the pool opens no stream.
  failure refusal_of(const open_stream& request) {
    auto response = send_request(pool, request);
    return failure_of(response);
  }

  /// The stream must be there.
  batch_stream_actor opened() { return answer_from(pool, open_stream{"mnist", 30}).stream; }

  const outcome& result(std::int32_t index) {
    sched.run();
    return (*results)[index];
  }

  pool_report report() {
    sched.run();
    return answer_from(pool, get_pool_report{});
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

  /// The fingerprints that the pool knows of after it was asked for a description.
  std::vector<fingerprint> fingerprints_with(const std::map<std::string, std::int32_t>& samples) {
    auto response = send_request(pool, describe_dataset{"mnist"});
    answer_as(samples);
    return answer_to(response).fingerprints;
  }

  std::uint32_t in_flight() { return report().upstreams.at(0).calls_in_flight; }
};

} // namespace dispatch::test
