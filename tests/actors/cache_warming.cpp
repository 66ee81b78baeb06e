#define CAF_SUITE cache_warming

#include "actors/cache_warming.hpp"

#include "tests/actors/batch_cache_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using test::indices;

namespace {

struct fixture : test::batch_cache_fixture {
  fixture() {
    options.dataset = "mnist";
    options.batch_size = 30;
    options.is_warmed = true;
    shape = {1};
  }

  /// An upstream has so many samples, of a byte each.
  void begin(std::int32_t samples) {
    start();
    connect();
    describe(samples);
  }

  /// The upstream gives a whole batch.
  void give(std::int32_t index) { answer(index, std::string(30, 'x')); }

  /// No consumer wants anything for long enough.
  void be_quiet() { pass(policy::warm_up::quiet_time + 500ms); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cache_warming_tests, fixture)

CAF_TEST(a dataset is read when it is described and a first consumer finds all of it) {
  begin(90);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  for (const auto index : {0, 1, 2})
    give(index);
  CAF_CHECK(requested().empty());
  CAF_REQUIRE_EQUAL(log->named("prefetched").size(), 1u);
  CAF_CHECK_EQUAL(log->named("prefetched")[0].fields.at("batches"), "3");
  ask(a, {"mnist", 30, 0, fingerprint_of(description_of(90))}, 3);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1, 2}));
  CAF_CHECK_EQUAL(a.got->messages, 1);
  CAF_CHECK(requested().empty());
  CAF_CHECK_EQUAL(stats().misses, 0u);
}

CAF_TEST(what was read is there for sessions and the classic port) {
  begin(30);
  give(0);
  ask_of_fingerprint(b, 0, 30);
  CAF_REQUIRE_EQUAL(b.got->batches.size(), 1u);
  CAF_CHECK(b.got->batches.begin()->second->received() != nullptr);
  CAF_CHECK_GREATER(stats().bytes, b.got->batches.begin()->second->footprint());
}

CAF_TEST(where there are no sessions the text alone is kept) {
  options.has_sessions = false;
  begin(30);
  give(0);
  ask_of_fingerprint(b, 0, 30);
  CAF_REQUIRE_EQUAL(b.got->batches.size(), 1u);
  CAF_CHECK(b.got->batches.begin()->second->received() == nullptr);
}

CAF_TEST(without the option nothing is read) {
  options.is_warmed = false;
  begin(90);
  be_quiet();
  CAF_CHECK(requested().empty());
}

CAF_TEST(a cache that keeps nothing is not read into) {
  options.capacity_bytes = 0;
  begin(90);
  be_quiet();
  CAF_CHECK(requested().empty());
}

CAF_TEST(the first batch shows that a dataset is too large) {
  options.capacity_bytes = 5 * test::make_batch(0, false, std::string(30, 'x'))->footprint();
  begin(90);
  give(0);
  be_quiet();
  CAF_CHECK(requested().empty());
  CAF_REQUIRE_EQUAL(log->named("prefetch_too_large").size(), 1u);
  // Which another connection does not change.
  connect();
  pass(2s);
  describe(90);
  CAF_CHECK(requested().empty());
  CAF_CHECK_EQUAL(log->named("prefetch_too_large").size(), 1u);
}

CAF_TEST(all batches are read where the service makes them smaller than was asked for) {
  begin(60);
  // Of 15 samples instead of 30: once is an accident.
  for (auto i = 0; i < 2; ++i)
    answer(0, std::string(15, 'x'));
  CAF_CHECK_EQUAL(requested(), (indices{1, 2, 3}));
  for (const auto index : {1, 2, 3})
    answer(index, std::string(15, 'x'));
  CAF_REQUIRE_EQUAL(log->named("prefetched").size(), 1u);
  CAF_CHECK_EQUAL(log->named("prefetched")[0].fields.at("batches"), "4");
}

CAF_TEST(a consumer stops it at once and no batch is asked for twice) {
  begin(300);
  give(0);
  CAF_CHECK_EQUAL(requested(), (indices{1, 2, 3, 4, 5, 6, 7, 8}));
  ask_description(a);
  CAF_CHECK_EQUAL(asked->withdrawn, (indices{1, 2, 3, 4, 5, 6, 7, 8}));
  describe(300);
  // One is with a fetcher already.
  give(1);
  for (const auto index : {2, 3, 4, 5, 6, 7, 8})
    fail(index, status_code::cancelled);
  CAF_CHECK(requested().empty());
  be_quiet();
  CAF_CHECK_EQUAL(requested(), (indices{2, 3, 4, 5, 6, 7, 8, 9}));
}

CAF_TEST(a consumer that comes for a batch under way gets it by that call) {
  begin(300);
  give(0);
  ask_of_fingerprint(a, 3, 300);
  CAF_CHECK_EQUAL(requested(), (indices{1, 2, 3, 4, 5, 6, 7, 8}));
  give(3);
  CAF_CHECK_EQUAL(batches_of(a), (indices{3}));
}

CAF_TEST(a consumer gets a batch whose call was withdrawn by another call) {
  begin(300);
  give(0);
  ask_of_fingerprint(a, 3, 300);
  fail(3, status_code::cancelled);
  CAF_CHECK_EQUAL(requested(), (indices{1, 2, 4, 5, 6, 7, 8, 3}));
  give(3);
  CAF_CHECK_EQUAL(batches_of(a), (indices{3}));
  CAF_CHECK(log->named("prefetch_failed").empty());
}

CAF_TEST(a batch that cannot be had ends it until the next connection) {
  begin(300);
  give(0);
  fail(2, status_code::internal);
  CAF_CHECK_EQUAL(log->named("prefetch_failed").size(), 1u);
  give(1);
  be_quiet();
  CAF_CHECK_EQUAL(requested(), (indices{3, 4, 5, 6, 7, 8}));
  for (const auto index : {3, 4, 5, 6, 7, 8})
    fail(index, status_code::cancelled);
  connect();
  pass(2s);
  describe(300);
  // The first one is taken anew, since the one that failed was measured by it.
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  give(0);
  CAF_CHECK_EQUAL(requested(), (indices{2, 3, 4, 5, 6, 7, 8, 9}));
}

CAF_TEST(a dataset that has become another one is read anew) {
  begin(60);
  give(0);
  give(1);
  connect();
  pass(2s);
  describe(60);
  CAF_CHECK(requested().empty());
  connect();
  pass(2s);
  describe(90);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  for (const auto index : {0, 1, 2})
    give(index);
  CAF_CHECK_EQUAL(log->named("prefetched").size(), 2u);
}

CAF_TEST(what a stream does not bring is brought by a call) {
  options.prefetch.choice.mode = policy::fetch_mode::stream;
  begin(90);
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
  stream(false, std::string(30, 'x'));
  stream(false, "odd");
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  give(1);
  stream(true, std::string(30, 'x'));
  CAF_CHECK_EQUAL(log->named("prefetched").size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
