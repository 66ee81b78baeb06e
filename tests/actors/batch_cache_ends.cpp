#define CAF_SUITE batch_cache_ends

#include "actors/batch_cache.hpp"

#include "tests/actors/batch_cache_fixture.hpp"

using namespace dispatch;
using test::indices;

namespace {

struct fixture : test::batch_cache_fixture {
  /// Answers with a batch that is marked as the last.
  void answer_last(std::int32_t index, const std::string& data) {
    in_pool(
      [request = take(index), index, data]() mutable { request.promise.deliver(test::make_batch(index, true, data)); });
  }

  /// `who` learns that there are three batches.
  void find_end(const party& who) {
    ask_range(who, 0, 6);
    for (const auto i : {0, 1, 2})
      answer(i);
    fail(3, status_code::out_of_range);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(batch_cache_ends_tests, fixture)

CAF_TEST(what is asked behind an end that is known is neither a call nor a miss) {
  start();
  find_end(a);
  // Those that were under way are answered too.
  CAF_CHECK_EQUAL(a.got->failures.size(), 3u);
  CAF_CHECK_EQUAL(asked->withdrawn.size(), 2u);
  for (const auto i : {4, 5})
    fail(i, status_code::cancelled);
  CAF_CHECK_EQUAL(stats().misses, 3u);
  ask_range(b, 0, 6);
  CAF_CHECK_EQUAL(batches_of(b), (indices{0, 1, 2}));
  for (const auto i : {3, 4, 5}) {
    CAF_REQUIRE_EQUAL(b.got->failures.count(i), 1u);
    CAF_CHECK(b.got->failures.at(i).code == status_code::out_of_range);
    CAF_CHECK_EQUAL(b.got->failures.at(i).message, "a test");
  }
  CAF_CHECK(requested().empty());
  CAF_CHECK_EQUAL(stats().hits, 3u);
  CAF_CHECK_EQUAL(stats().misses, 3u);
  CAF_CHECK_EQUAL(stats().joins, 0u);
}

CAF_TEST(an end is not known before the batch in front of it has come) {
  start();
  ask_range(a, 0, 5);
  fail(3, status_code::out_of_range);
  answer(0);
  answer(1);
  CAF_CHECK_EQUAL(a.got->failures.size(), 1u);
  ask(b, 3);
  CAF_CHECK_EQUAL(requested(), (indices{2, 4, 3}));
  answer(2);
  CAF_CHECK_EQUAL(a.got->failures.size(), 2u);
  CAF_CHECK_EQUAL(b.got->failures.size(), 1u);
}

CAF_TEST(the end of another batch size says nothing) {
  start();
  find_end(a);
  ask(b, 3, "mnist", 31);
  ask(b, 3, "other");
  CAF_CHECK(b.got->failures.empty());
}

CAF_TEST(a batch that is missing before the described total is no end) {
  start();
  ask_description(a);
  describe(300);
  ask_of_fingerprint(a, 2, 300);
  answer(2);
  ask_of_fingerprint(a, 3, 300);
  fail(3, status_code::out_of_range);
  ask_of_fingerprint(b, 3, 300);
  CAF_CHECK_EQUAL(requested(), (indices{3}));
  ask_of_fingerprint(a, 9, 300);
  answer(9);
  ask_of_fingerprint(a, 10, 300);
  fail(10, status_code::out_of_range);
  ask_of_fingerprint(b, 10, 300);
  CAF_CHECK_EQUAL(b.got->failures.count(10), 1u);
}

CAF_TEST(an end is asked for again when an upstream has a new connection) {
  start();
  CAF_REQUIRE(asked->watcher != nullptr);
  find_end(a);
  asked->requests.clear();
  connect();
  ask(b, 3);
  CAF_CHECK_EQUAL(requested(), (indices{3}));
  // The batch before it is kept, so one answer shows the end.
  fail(3, status_code::out_of_range);
  ask(c, 3);
  CAF_CHECK_EQUAL(c.got->failures.count(3), 1u);
  CAF_CHECK(requested().empty());
}

CAF_TEST(an end is forgotten when its dataset is described) {
  start();
  find_end(a);
  asked->requests.clear();
  ask_description(b);
  describe(300);
  ask(b, 3);
  CAF_CHECK_EQUAL(requested(), (indices{3}));
}

CAF_TEST(a batch that comes from behind an end takes the end back) {
  start();
  find_end(a);
  answer(5);
  ask(b, 3);
  CAF_CHECK_EQUAL(requested(), (indices{4, 3}));
  CAF_CHECK(b.got->failures.empty());
}

CAF_TEST(batches without samples that are marked show an end behind one that is marked) {
  start();
  ask_range(a, 0, 5);
  answer(0);
  answer_last(1, "data");
  answer_last(2, "");
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1, 2}));
  CAF_CHECK_EQUAL(a.got->failures.size(), 2u);
  CAF_CHECK_EQUAL(stats().misses, 2u);
  ask_range(b, 0, 5);
  CAF_CHECK_EQUAL(batches_of(b), (indices{0, 1}));
  CAF_CHECK_EQUAL(b.got->failures.size(), 3u);
}

CAF_TEST(a cache without room remembers no end) {
  options.capacity_bytes = 0;
  start();
  find_end(a);
  CAF_CHECK_EQUAL(a.got->failures.size(), 1u);
  ask(b, 3);
  CAF_CHECK_EQUAL(requested(), (indices{4, 5, 3}));
}

CAF_TEST_FIXTURE_SCOPE_END()
