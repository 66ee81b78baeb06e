#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/batch_cache.hpp"
#include "actors/batch_stream.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_batch_source.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch::test {

using indices = std::vector<std::int32_t>;

/// What a fake pool was asked for, and what it does about streams. All else is answered by the test.
struct pool_record {
  struct held_request {
    batch_key key;
    deadline until;
    caf::typed_response_promise<batch_ptr> promise;
    batch_layout layout;
  };

  enum class stream_answer { open, hold, unimplemented };

  std::vector<held_request> requests;
  std::vector<caf::typed_response_promise<described_dataset>> descriptions;
  /// Of the last one that was asked for.
  deadline description_until = no_deadline;
  std::vector<std::int32_t> withdrawn;
  stream_answer streams = stream_answer::open;
  int streams_asked = 0;
  int hastened = 0;
  upstream_watcher_actor watcher;
  std::vector<caf::typed_response_promise<stream_opened>> streams_held;
};

using pool_record_ptr = std::shared_ptr<pool_record>;

inline fetcher_pool_actor::behavior_type fake_pool(fetcher_pool_actor::pointer self, pool_record_ptr record,
                                                   fake_upstreams* upstreams) {
  return {
    [=](const describe_dataset& request) -> caf::result<described_dataset> {
      auto promise = self->make_response_promise<described_dataset>();
      record->description_until = request.until;
      record->descriptions.push_back(promise);
      return promise;
    },
    [=](const fetch_batch& request) -> caf::result<batch_ptr> {
      auto promise = self->make_response_promise<batch_ptr>();
      record->requests.push_back({request.key, request.until, promise, request.layout});
      return promise;
    },
    [=](const withdraw_fetch& request) { record->withdrawn.push_back(request.key.index); },
    [=](const open_stream& request) -> caf::result<stream_opened> {
      ++record->streams_asked;
      if (record->streams == pool_record::stream_answer::unimplemented)
        return make_error(failure{status_code::unimplemented, "for the test"});
      if (record->streams == pool_record::stream_answer::hold) {
        auto promise = self->make_response_promise<stream_opened>();
        record->streams_held.push_back(promise);
        return promise;
      }
      return stream_opened{
        self->spawn<batch_stream_impl>(upstreams->factory()("a:1"), request, self->current_sender(), nullptr)};
    },
    [](const stream_broke&) {},
    [=](hasten_restarts) { ++record->hastened; },
    [=](const watch_upstreams& request) { record->watcher = request.watcher; },
    [](get_pool_report) { return pool_report{}; },
  };
}

/// What a requester was answered.
struct answers {
  std::map<std::int32_t, batch_ptr> batches;
  std::map<std::int32_t, failure> failures;
  /// How many messages brought batches.
  int messages = 0;
  std::vector<dataset_description> descriptions;
  std::vector<failure> description_failures;
  /// Which mean that the cache is gone.
  int errors_of_caf = 0;
};

using answers_ptr = std::shared_ptr<answers>;

inline caf::behavior cache_requester(caf::event_based_actor* self, batch_cache_actor cache, answers_ptr got) {
  return {
    [=](const batches_arrived& arrived) {
      ++got->messages;
      for (const auto& each : arrived.batches)
        got->batches[each->index()] = each;
    },
    [=](const batch_failed& failed) { got->failures[failed.index] = failed.reason; },
    [=](const describe_dataset& request) {
      self->request(cache, caf::infinite, request)
        .then([=](const dataset_description& description) { got->descriptions.push_back(description); },
              [=](const caf::error& reason) {
                got->description_failures.push_back(to_failure(reason));
                got->errors_of_caf += is_failure(reason) ? 0 : 1;
              });
    },
  };
}

struct batch_cache_fixture : actor_fixture<> {
  struct party {
    caf::actor actor;
    answers_ptr got = std::make_shared<answers>();
  };

  pool_record_ptr asked = std::make_shared<pool_record>();
  fake_upstreams upstreams;
  std::shared_ptr<event_recorder> log = std::make_shared<event_recorder>();
  batch_cache_options options;
  /// Of a sample. Empty: samples are not counted, unless a batch has as many bytes as was asked for samples.
  std::vector<std::int32_t> shape;
  std::vector<column_description> columns;
  fetcher_pool_actor pool;
  batch_cache_actor cache;
  party a;
  party b;
  party c;

  batch_cache_fixture() { options.prefetch.choice.mode = policy::fetch_mode::get; }

  void start() {
    pool = sys.spawn(fake_pool, asked, &upstreams);
    cache = sys.spawn<batch_cache_impl>(options, pool, log);
    for (auto* who : {&a, &b, &c})
      who->actor = sys.spawn(cache_requester, cache, who->got);
    sched.run();
  }

  void start(policy::fetch_mode mode) {
    options.prefetch.choice.mode = mode;
    start();
  }

  ~batch_cache_fixture() override {
    for (const auto& handle :
         {caf::actor_cast<caf::actor>(cache), caf::actor_cast<caf::actor>(pool), a.actor, b.actor, c.actor})
      if (handle)
        anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
    asked->requests.clear();
    asked->descriptions.clear();
    asked->streams_held.clear();
    asked->watcher = nullptr;
    sched.run();
  }

  // -- what requesters do ---------------------------------------------------------------------------------------------

  void ask(const party& who, std::int32_t index, const std::string& dataset = "mnist", std::int32_t batch_size = 30) {
    ask(who, {dataset, batch_size, index}, 1);
  }

  /// One question for `count` batches from `first` on.
  void ask(const party& who, const batch_key& first, std::int32_t count, deadline until = no_deadline) {
    anon_send(cache, want_batches{caf::actor_cast<batch_taker_actor>(who.actor), first, count, until});
    sched.run();
  }

  /// As a session does.
  void ask_for_received(const party& who, std::int32_t index) {
    const batch_key key{"mnist", 30, index};
    anon_send(cache, want_batches{caf::actor_cast<batch_taker_actor>(who.actor), key, 1, no_deadline, true});
    sched.run();
  }

  void ask_range(const party& who, std::int32_t first, std::int32_t end) {
    ask(who, {"mnist", 30, first}, end - first);
  }

  void ask_description(const party& who, deadline until = no_deadline) {
    anon_send(who.actor, describe_dataset{"mnist", until});
    sched.run();
  }

  deadline now() { return sys.clock().now(); }

  void leave(const party& who) {
    anon_send_exit(who.actor, caf::exit_reason::kill);
    sched.run();
  }

  /// Indices of the batches that a client has.
  static indices batches_of(const party& who) {
    indices result;
    for (const auto& [index, each] : who.got->batches)
      result.push_back(index);
    return result;
  }

  // -- what the pool does ---------------------------------------------------------------------------------------------

  /// Runs `f` inside the pool: a promise is kept by the actor that made it.
  template <class F>
  void in_pool(F f) {
    caf::anon_send(caf::actor_cast<caf::actor>(pool), caf::make_action(std::move(f)));
    sched.run();
  }

  /// Batches that the pool is asked for and has not answered.
  indices requested() const {
    indices result;
    for (const auto& request : asked->requests)
      result.push_back(request.key.index);
    return result;
  }

  pool_record::held_request take(std::int32_t index) {
    const auto found = std::find_if(asked->requests.begin(), asked->requests.end(),
                                    [&](const auto& request) { return request.key.index == index; });
    if (found == asked->requests.end())
      CAF_FAIL("batch " << index << " was not asked for");
    auto result = *found;
    asked->requests.erase(found);
    return result;
  }

  void answer(std::int32_t index, const std::string& data = "data") {
    in_pool(
      [request = take(index), index, data]() mutable { request.promise.deliver(make_batch(index, false, data)); });
  }

  /// An upstream has a new connection.
  void connect() {
    anon_send(cache, upstreams_changed{});
    sched.run();
  }

  /// No upstream can be reached.
  void lose_upstreams() {
    anon_send(cache, upstreams_away{});
    sched.run();
  }

  void fail(std::int32_t index, status_code code) {
    in_pool([request = take(index), code]() mutable { request.promise.deliver(make_error(failure{code, "a test"})); });
  }

  auto take_description() {
    if (asked->descriptions.empty())
      CAF_FAIL("no description was asked for");
    auto promise = asked->descriptions.front();
    asked->descriptions.erase(asked->descriptions.begin());
    return promise;
  }

  dataset_description description_of(std::int32_t samples) const {
    return {"mnist", samples, shape, "uint8", {}, columns};
  }

  /// An upstream has so many samples.
  /// @param elsewhere how many another one has; 0: there is none
  void describe(std::int32_t samples, std::int32_t elsewhere = 0) {
    described_dataset said{description_of(samples), {fingerprint_of(description_of(samples))}};
    if (elsewhere > 0)
      said.fingerprints.push_back(fingerprint_of(description_of(elsewhere)));
    std::sort(said.fingerprints.begin(), said.fingerprints.end());
    in_pool([promise = take_description(), said]() mutable { promise.deliver(said); });
  }

  void ask_of_fingerprint(const party& who, std::int32_t index, std::int32_t samples) {
    ask(who, batch_key{"mnist", 30, index, fingerprint_of(description_of(samples))}, 1);
    sched.run();
  }

  void fail_description(status_code code) {
    in_pool([promise = take_description(), code]() mutable { promise.deliver(make_error(failure{code, "a test"})); });
  }

  void stream(bool is_last = false, const std::string& data = "data") {
    upstreams.stream(data, is_last);
    sched.run();
  }

  // -- what is there --------------------------------------------------------------------------------------------------

  /// What there is in the cache, and what happened so far.
  cache_report stats() { return answer_from(cache, get_batch_cache_report{}).cache; }

  /// Nothing where there is none.
  std::optional<latest_batch> latest() {
    auto response = send_request(cache, get_latest_batch{});
    std::optional<latest_batch> result;
    response.receive([&](const latest_batch& x) { result = x; },
                     [](const caf::error& reason) { CAF_CHECK(to_failure(reason).code == status_code::not_found); });
    return result;
  }
};

} // namespace dispatch::test
