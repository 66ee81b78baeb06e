#define CAF_SUITE batch_cache

#include "actors/batch_cache.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "actors/batch_stream.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_batch_source.hpp"
#include "wire/fingerprint.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

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
  std::vector<caf::typed_response_promise<stream_opened>> streams_held;
};

using pool_record_ptr = std::shared_ptr<pool_record>;

fetcher_pool_actor::behavior_type fake_pool(fetcher_pool_actor::pointer self, pool_record_ptr record,
                                            test::fake_upstreams* upstreams) {
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
      return stream_opened{self->spawn<batch_stream_impl>(upstreams->factory()("a:1"), request, self->current_sender(),
                                                          batch_stream_options{})};
    },
    [](const stream_broke&) {},
    [=](hasten_restarts) { ++record->hastened; },
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

caf::behavior requester(caf::event_based_actor* self, batch_cache_actor cache, answers_ptr got) {
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

using indices = std::vector<std::int32_t>;

struct fixture : test_coordinator_fixture<> {
  struct party {
    caf::actor actor;
    answers_ptr got = std::make_shared<answers>();
  };

  pool_record_ptr asked = std::make_shared<pool_record>();
  test::fake_upstreams upstreams;
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  batch_cache_options options;
  /// Of a sample. Empty: samples are not counted, unless a batch has as many bytes as was asked for samples.
  std::vector<std::int32_t> shape;
  fetcher_pool_actor pool;
  batch_cache_actor cache;
  party a;
  party b;
  party c;

  fixture() { options.prefetch.choice.mode = policy::fetch_mode::get; }

  void start() {
    pool = sys.spawn(fake_pool, asked, &upstreams);
    cache = sys.spawn<batch_cache_impl>(options, pool, log);
    for (auto* who : {&a, &b, &c})
      who->actor = sys.spawn(requester, cache, who->got);
    sched.run();
  }

  void start(policy::fetch_mode mode) {
    options.prefetch.choice.mode = mode;
    start();
  }

  ~fixture() override {
    for (const auto& handle :
         {caf::actor_cast<caf::actor>(cache), caf::actor_cast<caf::actor>(pool), a.actor, b.actor, c.actor})
      if (handle)
        anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
    asked->requests.clear();
    asked->descriptions.clear();
    asked->streams_held.clear();
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

  /// Indices of the batches that `who` has.
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
    in_pool([request = take(index), index, data]() mutable {
      request.promise.deliver(test::make_batch(index, false, data));
    });
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

  dataset_description description_of(std::int32_t samples) const { return {"mnist", samples, shape, "uint8"}; }

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
  cache_report stats() {
    auto response = self->request(cache, caf::infinite, get_batch_cache_report{});
    sched.run();
    cache_report result;
    response.receive([&](const batch_cache_report& x) { result = x.cache; },
                     [](const caf::error& reason) { CAF_FAIL(reason); });
    return result;
  }

  /// Nothing where there is none.
  std::optional<latest_batch> latest() {
    auto response = self->request(cache, caf::infinite, get_latest_batch{});
    sched.run();
    std::optional<latest_batch> result;
    response.receive([&](const latest_batch& x) { result = x; },
                     [](const caf::error& reason) { CAF_CHECK(to_failure(reason).code == status_code::not_found); });
    return result;
  }

  /// Lets time pass in small steps, so that what is due runs in its order.
  void pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 50ms) {
      advance_time(50ms);
      sched.run();
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(batch_cache_tests, fixture)

// -- batches by calls --------------------------------------------------------------------------------------------------

CAF_TEST(a second request for a batch joins the first) {
  start();
  ask(a, 0);
  ask(b, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0);
  CAF_REQUIRE_EQUAL(batches_of(a), (indices{0}));
  CAF_REQUIRE_EQUAL(batches_of(b), (indices{0}));
  CAF_CHECK(a.got->batches[0] == b.got->batches[0]);
  CAF_CHECK_EQUAL(stats().misses, 1u);
  CAF_CHECK_EQUAL(stats().joins, 1u);
  CAF_CHECK_EQUAL(stats().hits, 0u);
}

CAF_TEST(batches are told apart by all that names them) {
  start();
  ask(a, 0);
  ask(a, 1);
  ask(b, 0, "other");
  ask(c, 0, "mnist", 31);
  CAF_CHECK_EQUAL(asked->requests.size(), 4u);
}

CAF_TEST(a kept frame is answered at once) {
  start();
  ask(a, 0);
  answer(0);
  ask(b, 0);
  CAF_CHECK_EQUAL(batches_of(b), (indices{0}));
  CAF_CHECK(requested().empty());
  CAF_CHECK_EQUAL(stats().hits, 1u);
  CAF_CHECK_EQUAL(stats().batches, 1u);
  CAF_CHECK(stats().bytes > a.got->batches[0]->classic_text().view().size());
}

CAF_TEST(a question is answered at once with all that is at hand and the rest is fetched) {
  start();
  for (const auto i : {0, 1, 2, 4}) {
    ask(a, i);
    answer(i);
  }
  ask_range(b, 0, 6);
  CAF_CHECK_EQUAL(batches_of(b), (indices{0, 1, 2, 4}));
  CAF_CHECK_EQUAL(b.got->messages, 1);
  CAF_CHECK_EQUAL(requested(), (indices{3, 5}));
  CAF_CHECK_EQUAL(stats().hits, 4u);
  answer(5);
  CAF_CHECK_EQUAL(batches_of(b), (indices{0, 1, 2, 4, 5}));
}

CAF_TEST(an error reaches all who wait and is not kept) {
  start();
  ask(a, 0);
  ask(b, 0);
  fail(0, status_code::not_found);
  CAF_REQUIRE_EQUAL(a.got->failures.count(0), 1u);
  CAF_REQUIRE_EQUAL(b.got->failures.count(0), 1u);
  CAF_CHECK(b.got->failures[0].code == status_code::not_found);
  CAF_CHECK_EQUAL(b.got->failures[0].message, "a test");
  CAF_CHECK(requested().empty());
  ask(c, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0);
  CAF_CHECK_EQUAL(batches_of(c), (indices{0}));
}

CAF_TEST(a pool that is gone is a failure and not the end of the cache) {
  start();
  ask(a, 0);
  ask_description(a);
  anon_send_exit(pool, caf::exit_reason::unknown);
  sched.run();
  asked->requests.clear();
  asked->descriptions.clear();
  sched.run();
  // Errors of CAF's own would tell requesters that the cache is gone.
  CAF_REQUIRE_EQUAL(a.got->failures.count(0), 1u);
  CAF_CHECK(a.got->failures.at(0).code == status_code::internal);
  CAF_CHECK_EQUAL(a.got->errors_of_caf, 0);
  CAF_CHECK_EQUAL(a.got->description_failures.size(), 1u);
}

CAF_TEST(a cache without room joins requests and keeps nothing) {
  options.capacity_bytes = 0;
  start();
  ask(a, 0);
  ask(b, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
  CAF_CHECK_EQUAL(batches_of(b), (indices{0}));
  CAF_CHECK_EQUAL(stats().batches, 0u);
  ask(c, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
}

CAF_TEST(what had to go is asked for again) {
  // Room for two batches and half of one more.
  options.capacity_bytes = test::make_batch(0, false, "data")->footprint() * 5 / 2;
  start();
  for (const auto i : {0, 1, 2}) {
    ask(a, i);
    answer(i);
  }
  CAF_CHECK_EQUAL(stats().evictions, 1u);
  CAF_CHECK(stats().evicted_bytes > 0u);
  CAF_CHECK_EQUAL(stats().batches, 2u);
  ask(b, 2);
  ask(b, 1);
  CAF_CHECK(requested().empty());
  ask(b, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
}

// -- requesters that leave --------------------------------------------------------------------------------------------

CAF_TEST(what nobody waits for any more is withdrawn) {
  start();
  ask(a, 0);
  ask(a, 1);
  answer(1);
  leave(a);
  CAF_CHECK_EQUAL(asked->withdrawn, (indices{0}));
  // A call that was started brings its batch all the same.
  answer(0);
  CAF_CHECK_EQUAL(stats().batches, 2u);
}

CAF_TEST(what somebody else still waits for is not withdrawn) {
  start();
  ask(a, 0);
  ask(b, 0);
  leave(a);
  CAF_CHECK(asked->withdrawn.empty());
  answer(0);
  CAF_CHECK_EQUAL(batches_of(b), (indices{0}));
}

CAF_TEST(who comes while a call is being withdrawn gets a call of his own) {
  start();
  ask(a, 0);
  leave(a);
  ask(b, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  fail(0, status_code::cancelled);
  CAF_CHECK(b.got->failures.empty());
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0);
  CAF_CHECK_EQUAL(batches_of(b), (indices{0}));
}

CAF_TEST(a batch that an upstream cancels again and again is a failure like any other) {
  start();
  ask(a, 0);
  fail(0, status_code::cancelled);
  CAF_REQUIRE_EQUAL(a.got->failures.count(0), 1u);
  CAF_CHECK(a.got->failures.at(0).code == status_code::cancelled);
  CAF_CHECK(requested().empty());
}

CAF_TEST(a withdrawn call is not asked for again where nobody waits) {
  start();
  ask(a, 0);
  leave(a);
  fail(0, status_code::cancelled);
  CAF_CHECK(requested().empty());
  ask(b, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
}

// -- deadlines --------------------------------------------------------------------------------------------------------

CAF_TEST(a wait that the pool has ended is over for requests that are due alone) {
  start();
  const auto first = now() + 60s;
  const auto second = now() + 80s;
  ask(a, {"mnist", 30, 0}, 1, first);
  CAF_CHECK(asked->requests.at(0).until == first);
  ask(b, {"mnist", 30, 0}, 1, second);
  advance_time(60s);
  sched.run();
  fail(0, status_code::unavailable);
  CAF_REQUIRE_EQUAL(a.got->failures.count(0), 1u);
  CAF_CHECK(a.got->failures[0].code == status_code::unavailable);
  CAF_CHECK(b.got->failures.empty());
  CAF_REQUIRE_EQUAL(requested(), (indices{0}));
  CAF_CHECK(asked->requests.at(0).until == second);
  answer(0);
  CAF_CHECK_EQUAL(batches_of(b), (indices{0}));
}

CAF_TEST(without deadlines a failure is for all) {
  start();
  ask(a, 0);
  ask(b, 0);
  fail(0, status_code::unavailable);
  CAF_CHECK_EQUAL(a.got->failures.count(0), 1u);
  CAF_CHECK_EQUAL(b.got->failures.count(0), 1u);
  CAF_CHECK(requested().empty());
}

// -- descriptions -----------------------------------------------------------------------------------------------------

CAF_TEST(a description is asked for by each who comes and joined while it is asked for) {
  start();
  ask_description(a);
  CAF_CHECK_EQUAL(asked->hastened, 0);
  ask_description(b);
  CAF_CHECK_EQUAL(asked->descriptions.size(), 1u);
  // What it waits for may have come back since the first asked.
  CAF_CHECK_EQUAL(asked->hastened, 1);
  describe(1000);
  CAF_REQUIRE_EQUAL(a.got->descriptions.size(), 1u);
  CAF_REQUIRE_EQUAL(b.got->descriptions.size(), 1u);
  CAF_CHECK_EQUAL(b.got->descriptions[0].total_samples, 1000);
  ask_description(c);
  CAF_CHECK_EQUAL(c.got->descriptions.size(), 0u);
  CAF_CHECK_EQUAL(asked->descriptions.size(), 1u);
}

CAF_TEST(a wait for a description is over for requests that are due alone) {
  start();
  const auto first = now() + 60s;
  const auto second = now() + 61s;
  ask_description(a, first);
  CAF_CHECK(asked->description_until == first);
  ask_description(b, second);
  advance_time(60s);
  fail_description(status_code::unavailable);
  CAF_CHECK_EQUAL(a.got->description_failures.size(), 1u);
  CAF_CHECK_EQUAL(b.got->description_failures.size(), 0u);
  CAF_CHECK_EQUAL(asked->descriptions.size(), 1u);
  CAF_CHECK(asked->description_until == second);
  describe(1000);
  CAF_CHECK_EQUAL(b.got->descriptions.size(), 1u);
}

CAF_TEST(who asked for a description and is gone is forgotten) {
  start();
  ask_description(a);
  leave(a);
  fail_description(status_code::unavailable);
  CAF_CHECK(asked->descriptions.empty());
}

CAF_TEST(a description that is as it was leaves the batches alone) {
  start();
  ask_description(a);
  describe(1000);
  ask_of_fingerprint(a, 0, 1000);
  answer(0);
  ask_of_fingerprint(a, 1, 1000);
  advance_time(1s);
  ask_description(b);
  describe(1000);
  answer(1);
  for (const auto index : {0, 1})
    ask_of_fingerprint(b, index, 1000);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  CAF_CHECK_EQUAL(batches_of(b), (indices{0, 1}));
  CAF_CHECK(log->named("dataset_changed").empty());
}

CAF_TEST(a pass that began without a description goes on when it comes and leaves no frames) {
  start();
  ask(a, 0);
  answer(0);
  ask(a, 1);
  ask_description(b);
  describe(1000);
  CAF_CHECK_EQUAL(stats().batches, 0u);
  answer(1);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
}

CAF_TEST(frames of one fingerprint are not those of another) {
  start();
  ask(a, batch_key{"mnist", 30, 0, fingerprint{5}}, 1);
  sched.run();
  answer(0);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
  ask(b, batch_key{"mnist", 30, 0, fingerprint{6}}, 1);
  sched.run();
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  CAF_CHECK(batches_of(b).empty());
}

CAF_TEST(a description that is another leaves the frames of its fingerprint alone) {
  start();
  const auto fingerprint = fingerprint_of({"mnist", 2000, {}, "uint8"});
  ask_description(a);
  describe(1000);
  ask(a, batch_key{"mnist", 30, 0, fingerprint}, 1);
  sched.run();
  answer(0);
  ask_description(b);
  describe(2000);
  ask(b, batch_key{"mnist", 30, 0, fingerprint}, 1);
  sched.run();
  CAF_CHECK_EQUAL(batches_of(b), (indices{0}));
}

CAF_TEST(what the first batch shows is asked of the others) {
  start();
  ask_description(a);
  describe(100);
  ask_of_fingerprint(a, 0, 100);
  CAF_CHECK(!asked->requests.front().layout.is_known());
  answer(0, std::string(30, 'x'));
  ask_of_fingerprint(a, 1, 100);
  CAF_CHECK(asked->requests.front().layout.batches() == 4);
  // A dataset that is another shows it anew.
  ask_description(a);
  describe(200);
  ask_of_fingerprint(a, 1, 200);
  CAF_CHECK(!asked->requests.back().layout.is_known());
}

CAF_TEST(a first batch that is not as large as was asked for is asked for once more) {
  shape = {1};
  start();
  ask_description(a);
  describe(100);
  ask_of_fingerprint(a, 0, 100);
  answer(0, std::string(29, 'x'));
  CAF_CHECK(batches_of(a).empty());
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0, std::string(30, 'x'));
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
}

CAF_TEST(when a batch fails for good the first one is fetched anew for the next pass) {
  start();
  ask_description(a);
  describe(100);
  ask_of_fingerprint(a, 0, 100);
  answer(0, std::string(30, 'x'));
  ask_of_fingerprint(a, 1, 100);
  fail(1, status_code::internal);
  ask_of_fingerprint(b, 0, 100);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  CAF_CHECK(!asked->requests.front().layout.is_known());
}

CAF_TEST(frames of a fingerprint stay as long as an upstream has it) {
  start();
  ask_description(a);
  describe(1000);
  ask_of_fingerprint(a, 0, 1000);
  answer(0);
  ask_of_fingerprint(a, 1, 1000);
  for (const auto samples : {2000, 1000, 2000}) {
    advance_time(1s);
    ask_description(b);
    describe(samples, 3000 - samples);
  }
  CAF_CHECK_EQUAL(b.got->descriptions.size(), 3u);
  answer(1);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  // What came before counts, and each fingerprint has frames of its own.
  ask_of_fingerprint(c, 0, 1000);
  ask_of_fingerprint(c, 1, 1000);
  CAF_CHECK_EQUAL(batches_of(c), (indices{0, 1}));
  ask_of_fingerprint(b, 0, 2000);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0);
  CAF_CHECK(b.got->batches[0] != a.got->batches[0]);
}

CAF_TEST(frames of a fingerprint go when no upstream has it any more and are not there when it comes back) {
  start();
  ask_description(a);
  describe(1000, 2000);
  ask_of_fingerprint(a, 0, 1000);
  answer(0);
  for (const auto samples : {2000, 1000}) {
    advance_time(1s);
    ask_description(b);
    describe(samples);
  }
  ask_of_fingerprint(b, 0, 1000);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  CAF_CHECK(batches_of(b).empty());
}

CAF_TEST(a stream goes on while an upstream has its fingerprint) {
  start(policy::fetch_mode::stream);
  ask_description(a);
  describe(1000);
  ask_of_fingerprint(a, 0, 1000);
  ask_of_fingerprint(a, 1, 1000);
  upstreams.describe(1000);
  sched.run();
  stream();
  advance_time(1s);
  ask_description(b);
  describe(2000, 1000);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 0);
  stream();
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  advance_time(1s);
  ask_of_fingerprint(a, 2, 1000);
  ask_description(b);
  describe(2000);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(requested(), (indices{2}));
}

CAF_TEST(a description that is another drops the frames and what was asked for before it) {
  start();
  ask_description(a);
  describe(1000);
  ask(a, 0);
  answer(0);
  ask(a, 1);
  ask(c, 2);
  leave(c);
  ask(a, 9, "other");
  advance_time(1s);
  ask_description(b);
  describe(2000);
  CAF_CHECK_EQUAL(b.got->descriptions.at(0).total_samples, 2000);
  CAF_CHECK_EQUAL(log->named("dataset_changed").size(), 1u);
  CAF_CHECK_EQUAL(stats().batches, 0u);
  // Of the old dataset: not delivered, not kept, and asked for again only where somebody waits.
  answer(1);
  answer(2);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
  CAF_CHECK_EQUAL(requested(), (indices{9, 1}));
  CAF_CHECK_EQUAL(stats().batches, 0u);
  answer(1);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  CAF_CHECK_EQUAL(stats().batches, 1u);
  // The other dataset is what it was.
  answer(9);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1, 9}));
}

CAF_TEST(a failure of a call from before the change is no answer) {
  start();
  ask_description(a);
  describe(1000);
  ask(a, 50);
  advance_time(1s);
  ask_description(b);
  describe(2000);
  fail(50, status_code::out_of_range);
  CAF_CHECK(a.got->failures.empty());
  CAF_CHECK_EQUAL(requested(), (indices{50}));
  fail(50, status_code::out_of_range);
  CAF_CHECK_EQUAL(a.got->failures.count(50), 1u);
}

CAF_TEST(a known description is given when no newer one comes) {
  start();
  ask_description(a);
  describe(1000);
  pass(1s);
  ask_description(b);
  pass(options.description_timeout - 50ms);
  CAF_CHECK(b.got->descriptions.empty());
  pass(300ms);
  CAF_CHECK_EQUAL(b.got->descriptions.size(), 1u);
  // Those who come after that ask along, and are as patient.
  ask_description(c);
  CAF_CHECK_EQUAL(asked->descriptions.size(), 1u);
  pass(options.description_timeout - 50ms);
  CAF_CHECK(c.got->descriptions.empty());
  pass(300ms);
  CAF_CHECK_EQUAL(c.got->descriptions.size(), 1u);
  // What comes late counts.
  describe(2000);
  ask_description(a);
  pass(options.description_timeout + 250ms);
  CAF_REQUIRE_EQUAL(a.got->descriptions.size(), 2u);
  CAF_CHECK_EQUAL(a.got->descriptions[1].total_samples, 2000);
}

CAF_TEST(an unknown description is waited for) {
  start();
  ask_description(a);
  pass(5s);
  CAF_CHECK(a.got->descriptions.empty());
  CAF_CHECK(a.got->description_failures.empty());
  describe(1000);
  CAF_CHECK_EQUAL(a.got->descriptions.size(), 1u);
}

CAF_TEST(a description that fails reaches all who wait and is not kept) {
  start();
  ask_description(a);
  ask_description(b);
  fail_description(status_code::not_found);
  CAF_REQUIRE_EQUAL(a.got->description_failures.size(), 1u);
  CAF_REQUIRE_EQUAL(b.got->description_failures.size(), 1u);
  CAF_CHECK(b.got->description_failures[0].code == status_code::not_found);
  ask_description(c);
  CAF_CHECK_EQUAL(asked->descriptions.size(), 1u);
  describe(1000);
  CAF_CHECK_EQUAL(c.got->descriptions.size(), 1u);
  CAF_CHECK_EQUAL(a.got->descriptions.size(), 0u);
}

// -- frames by a stream -----------------------------------------------------------------------------------------------

CAF_TEST(a pass that begins is fed by a stream) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 3);
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
  for (auto i = 0; i < 3; ++i)
    stream();
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1, 2}));
  CAF_CHECK_EQUAL(a.got->batches[2]->classic_text().view(), test::make_batch(2, false, "data")->classic_text().view());
  CAF_CHECK(requested().empty());
  CAF_CHECK_EQUAL(stats().streamed, 3u);
  CAF_CHECK_EQUAL(stats().batches, 3u);
}

CAF_TEST(in the mode get there are no streams) {
  start(policy::fetch_mode::get);
  ask_range(a, 0, 3);
  CAF_CHECK_EQUAL(asked->streams_asked, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 2}));
}

CAF_TEST(a pass that does not begin is fed by calls) {
  start(policy::fetch_mode::stream);
  ask(a, 5);
  CAF_CHECK_EQUAL(asked->streams_asked, 0);
  CAF_CHECK_EQUAL(requested(), (indices{5}));
}

CAF_TEST(one stream feeds several clients) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  ask_range(b, 0, 3);
  stream();
  ask(c, 0);
  stream();
  stream();
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  CAF_CHECK_EQUAL(batches_of(b), (indices{0, 1, 2}));
  CAF_CHECK_EQUAL(batches_of(c), (indices{0}));
  CAF_CHECK_EQUAL(upstreams.streams_opened, 1);
  CAF_CHECK(requested().empty());
}

CAF_TEST(another batch size is not of the stream) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  ask(b, 0, "mnist", 31);
  ask(b, 1, "mnist", 31);
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1}));
}

CAF_TEST(a stream is read no further than somebody wants) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  stream();
  CAF_CHECK(upstreams.reads.empty());
  ask(a, 3);
  // What lies between comes along.
  for (auto i = 0; i < 3; ++i)
    stream();
  CAF_CHECK(upstreams.reads.empty());
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 3}));
  CAF_CHECK_EQUAL(stats().batches, 4u);
  // At most the reads under way are too much when a client leaves.
  ask_range(a, 4, 20);
  leave(a);
  stream();
  stream();
  CAF_CHECK(upstreams.reads.empty());
  CAF_CHECK(asked->withdrawn.empty());
}

CAF_TEST(when a stream fails the pool is asked for what is wanted) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 4);
  stream();
  upstreams.end_stream(status_code::unavailable);
  sched.run();
  CAF_CHECK_EQUAL(requested(), (indices{1, 2, 3}));
  CAF_CHECK_EQUAL(log->named("stream_lost").size(), 1u);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  for (auto i = 1; i < 4; ++i)
    answer(i);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1, 2, 3}));
  CAF_CHECK(a.got->failures.empty());
  // The next pass may try one again.
  ask(a, 0, "other");
  CAF_CHECK_EQUAL(asked->streams_asked, 2);
}

CAF_TEST(a stream that ends well before what is wanted is no warning) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  stream();
  upstreams.end_stream(status_code::out_of_range);
  sched.run();
  CAF_CHECK(log->named("stream_lost").empty());
  CAF_CHECK_EQUAL(requested(), (indices{1}));
}

CAF_TEST(an upstream without streams is not asked for one at each pass) {
  asked->streams = pool_record::stream_answer::unimplemented;
  start(policy::fetch_mode::automatic);
  ask_range(a, 0, 2);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1}));
  ask(b, 0, "other");
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 0}));
}

CAF_TEST(a stream that brings nothing is given up) {
  options.prefetch.call_timeout = 2s;
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  pass(1500ms);
  stream();
  pass(1500ms);
  CAF_CHECK(requested().empty());
  pass(1s);
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(log->named("stream_lost").size(), 1u);
  // Somebody else answers now; the stream is late.
  stream();
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
}

CAF_TEST(a stream that stalls is given up soon where calls go elsewhere) {
  options.prefetch.stall_timeout = 500ms;
  start(policy::fetch_mode::stream);
  ask(a, 0);
  stream();
  ask(a, 1);
  pass(450ms);
  CAF_CHECK(requested().empty());
  pass(300ms);
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  CAF_CHECK_EQUAL(log->named("stream_lost").size(), 1u);
}

CAF_TEST(a batch without samples that a stream brings is asked for) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  upstreams.stream("");
  sched.run();
  CAF_CHECK(batches_of(a).empty());
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
}

CAF_TEST(a batch of another size that a stream brings is asked for) {
  start(policy::fetch_mode::stream);
  ask_description(a);
  describe(100);
  ask_of_fingerprint(a, 0, 100);
  upstreams.describe(100);
  sched.run();
  stream(false, std::string(30, 'x'));
  ask_of_fingerprint(a, 1, 100);
  stream(false, std::string(29, 'x'));
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  answer(1, std::string(30, 'x'));
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
}

CAF_TEST(a stream that is not opened in time is given up) {
  asked->streams = pool_record::stream_answer::hold;
  options.prefetch.call_timeout = 2s;
  start(policy::fetch_mode::stream);
  ask(a, 0);
  pass(2300ms);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  // It comes all the same, and is sent away.
  in_pool([this, promise = asked->streams_held.at(0)]() mutable {
    auto source = upstreams.factory()("a:1");
    promise.deliver(stream_opened{
      sys.spawn<batch_stream_impl>(std::move(source), open_stream{"mnist", 30}, nullptr, batch_stream_options{})});
  });
  CAF_CHECK_EQUAL(upstreams.streams_opened, 1);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK(upstreams.reads.empty());
}

CAF_TEST(a stream that nobody reads is ended) {
  options.prefetch.idle_timeout = 3s;
  start(policy::fetch_mode::stream);
  ask(a, 0);
  stream();
  pass(2500ms);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 0);
  ask(a, 1);
  stream();
  pass(2500ms);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 0);
  pass(1s);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK(log->named("stream_lost").empty());
  ask(a, 2);
  CAF_CHECK_EQUAL(requested(), (indices{2}));
}

CAF_TEST(a stream that hangs is ended although nobody waits for it) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  leave(a);
  pass(options.prefetch.call_timeout + 500ms);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
}

CAF_TEST(the last batch ends the stream) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 3);
  stream();
  stream(true);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  CAF_CHECK_EQUAL(requested(), (indices{2}));
}

CAF_TEST(a late answer of an old stream does no harm) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  leave(a);
  // Nobody wants anything of the first stream, so another pass may have one; the reads of the first are under way.
  ask(b, 0, "other");
  CAF_CHECK_EQUAL(upstreams.streams_opened, 2);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_REQUIRE_EQUAL(upstreams.reads.size(), 3u);
  stream();
  stream();
  CAF_CHECK(batches_of(b).empty());
  CAF_CHECK_EQUAL(stats().batches, 0u);
  stream();
  CAF_CHECK_EQUAL(batches_of(b), (indices{0}));
}

CAF_TEST(a batch of an old stream that is on its way to the cache is not taken for one of the new) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  leave(a);
  // The request is in the mailbox of the cache before the batch is.
  ask(b, batch_key{"other", 30, 0}, 1);
  upstreams.stream("old");
  sched.run();
  CAF_CHECK_EQUAL(upstreams.streams_opened, 2);
  CAF_CHECK(batches_of(b).empty());
  upstreams.stream("new");
  sched.run();
  CAF_REQUIRE_EQUAL(batches_of(b), (indices{0}));
  CAF_CHECK_EQUAL(b.got->batches[0]->classic_text().view(), test::make_batch(0, false, "new")->classic_text().view());
}

CAF_TEST(a stream ends with its cache) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  anon_send_exit(cache, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(upstreams.made, upstreams.destroyed);
}

CAF_TEST(a dataset that is another ends its stream and is asked for once) {
  start(policy::fetch_mode::stream);
  ask_description(a);
  describe(1000);
  ask_range(a, 0, 2);
  stream();
  advance_time(1s);
  ask_description(b);
  describe(2000);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  CAF_CHECK_EQUAL(stats().batches, 0u);
  answer(1);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  CAF_CHECK(requested().empty());
}

// -- the faster of the two --------------------------------------------------------------------------------------------

CAF_TEST(calls that are faster than a slow stream replace it) {
  start(policy::fetch_mode::automatic);
  ask_range(a, 0, 40);
  for (auto i = 0; i < 3; ++i) {
    CAF_CHECK(requested().empty());
    advance_time(5ms);
    stream();
  }
  // One read is under way. One call at a time is tried first, then two.
  CAF_CHECK_EQUAL(requested(), indices{4});
  ask(a, 40);
  CAF_CHECK_EQUAL(requested(), indices{4});
  for (auto i = 4; i < 6; ++i) {
    advance_time(5ms);
    answer(i);
  }
  CAF_CHECK_EQUAL(requested(), (indices{6, 7}));
  CAF_CHECK_EQUAL(upstreams.streams_closed, 0);
  for (auto i = 6; i < 9; ++i) {
    advance_time(2ms);
    answer(i);
  }
  CAF_CHECK(log->named("fetch_mode_chosen").empty());
  advance_time(2ms);
  answer(9);
  const auto chosen = log->named("fetch_mode_chosen");
  CAF_REQUIRE_EQUAL(chosen.size(), 1u);
  CAF_CHECK_EQUAL(chosen[0].fields.at("mode"), "get");
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  // What the stream was still to bring is called: all but what is called already.
  CAF_REQUIRE_EQUAL(requested().size(), 32u);
  CAF_CHECK_EQUAL(requested()[1], 3);
  CAF_CHECK_EQUAL(requested().back(), 40);
  ask(b, 0, "other");
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
}

CAF_TEST(a stream that wins a trial feeds all that follows however far its consumer asks ahead) {
  start(policy::fetch_mode::automatic);
  auto next = 128;
  ask_range(a, 0, next);
  for (auto i = 0; i < 3; ++i) {
    advance_time(5ms);
    stream();
    ask(a, next++);
  }
  for (auto i = 4; i < 10; ++i) {
    advance_time(50ms);
    answer(i);
    ask(a, next++);
  }
  const auto chosen = log->named("fetch_mode_chosen");
  CAF_REQUIRE_EQUAL(chosen.size(), 1u);
  CAF_CHECK_EQUAL(chosen[0].fields.at("mode"), "stream");
  // The call that was under way when it was decided.
  CAF_CHECK_EQUAL(requested(), indices{10});
  for (auto i = 3; i < 400; ++i) {
    stream();
    ask(a, next++);
  }
  CAF_CHECK_EQUAL(requested(), indices{10});
  CAF_CHECK_EQUAL(a.got->batches.count(399), 1u);
}

CAF_TEST(the latest batch is what came last) {
  // It is there for people also where nothing is kept.
  options.capacity_bytes = 0;
  start();
  CAF_CHECK(!latest());
  ask(a, 0);
  ask(a, 1);
  answer(1);
  CAF_CHECK_EQUAL(latest()->batch->index, 1);
  answer(0);
  CAF_CHECK_EQUAL(latest()->batch->index, 0);
  CAF_CHECK_EQUAL(latest()->batch_size, 30);
  CAF_CHECK_EQUAL(latest()->description.dataset, "mnist");
}

CAF_TEST_FIXTURE_SCOPE_END()
