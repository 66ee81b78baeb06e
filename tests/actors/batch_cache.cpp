#define CAF_SUITE batch_cache

#include "actors/batch_cache.hpp"

#include "tests/actors/batch_cache_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::batch_cache_fixture;
using test::indices;

CAF_TEST_FIXTURE_SCOPE(batch_cache_tests, fixture)

// -- batches by calls -------------------------------------------------------------------------------------------------

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

CAF_TEST(a session has a batch fetched again that is there as text alone) {
  start();
  ask(a, 0);
  answer(0);
  a.got->batches[0]->classic_text();
  ask_for_received(b, 0);
  CAF_CHECK(batches_of(b).empty());
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0);
  CAF_REQUIRE_EQUAL(batches_of(b), (indices{0}));
  b.got->batches[0]->classic_text();
  CAF_CHECK(b.got->batches[0]->received() != nullptr);
  ask_for_received(c, 0);
  CAF_CHECK_EQUAL(batches_of(c), (indices{0}));
}

CAF_TEST(a batch that a session got keeps what was received) {
  start();
  ask(a, 0);
  answer(0);
  ask_for_received(b, 0);
  CAF_REQUIRE_EQUAL(batches_of(b), (indices{0}));
  a.got->batches[0]->classic_text();
  CAF_CHECK(b.got->batches[0]->received() != nullptr);
  CAF_CHECK(stats().bytes > a.got->batches[0]->footprint());
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

// -- for people -------------------------------------------------------------------------------------------------------

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
