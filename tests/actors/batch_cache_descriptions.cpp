#define CAF_SUITE batch_cache_descriptions

#include "actors/batch_cache.hpp"

#include "tests/actors/batch_cache_fixture.hpp"
#include "wire/fingerprint.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::batch_cache_fixture;
using test::indices;

CAF_TEST_FIXTURE_SCOPE(batch_cache_descriptions_tests, fixture)

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

CAF_TEST(what is known of a dataset is given as soon as no upstream can be reached) {
  start();
  ask_description(a);
  describe(1000);
  ask_description(a);
  ask_description(b);
  CAF_CHECK_EQUAL(a.got->descriptions.size(), 1u);
  lose_upstreams();
  CAF_CHECK_EQUAL(a.got->descriptions.size(), 2u);
  CAF_REQUIRE_EQUAL(b.got->descriptions.size(), 1u);
  CAF_CHECK_EQUAL(b.got->descriptions[0].total_samples, 1000);
  // The next one has the upstreams tried again.
  ask_description(c);
  CAF_CHECK_EQUAL(asked->hastened, 2);
  CAF_CHECK(c.got->descriptions.empty());
  describe(2000);
  CAF_REQUIRE_EQUAL(c.got->descriptions.size(), 1u);
  CAF_CHECK_EQUAL(c.got->descriptions[0].total_samples, 2000);
}

CAF_TEST(a dataset that nothing is known of is waited for while no upstream can be reached) {
  start();
  ask_description(a);
  lose_upstreams();
  CAF_CHECK(a.got->descriptions.empty());
  describe(1000);
  CAF_CHECK_EQUAL(a.got->descriptions.size(), 1u);
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

CAF_TEST(columns have to fit before the first batch shows anything) {
  shape = {1};
  columns = {{"label", {}, "int64"}};
  start();
  ask_description(a);
  describe(1000);
  ask_of_fingerprint(a, 0, 1000);
  const auto samples = test::receive(0, false, std::string(30, 'x'));
  const auto request = take(0);
  CAF_CHECK(!request.layout.is_known());
  CAF_CHECK(request.layout.misfit(samples));
  CAF_CHECK(!request.layout.misfit(test::with_column(samples, "label", std::string(240, 'x'))));
  // What is of another fingerprint is not measured by this description.
  ask_of_fingerprint(a, 0, 900);
  CAF_CHECK(!take(0).layout.misfit(samples));
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
  // Of the old dataset: not delivered, not kept, and asked for again only where a client waits.
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
  const auto time_until_described = [this](const party& who, std::size_t count) {
    return pass_until([&] { return who.got->descriptions.size() == count; });
  };
  ask_description(b);
  CAF_CHECK(time_until_described(b, 1) >= options.description_timeout);
  // A client that comes after that joins the question, and waits as long.
  ask_description(c);
  CAF_CHECK_EQUAL(asked->descriptions.size(), 1u);
  CAF_CHECK(time_until_described(c, 1) >= options.description_timeout);
  // What comes late counts.
  describe(2000);
  ask_description(a);
  time_until_described(a, 2);
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

CAF_TEST_FIXTURE_SCOPE_END()
