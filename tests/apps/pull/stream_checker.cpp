#define CAF_SUITE stream_checker

#include "apps/pull/stream_checker.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::pull::frame;
using dispatch::pull::stream_checker;
using dispatch::pull::stream_error;

namespace {

frame batch(std::int64_t index, bool eof = false) {
  frame result;
  result.batch_id = result.batch_index = index;
  result.eof = eof;
  return result;
}

// Says "" when nothing is wrong.
std::string accept(stream_checker& checker, const frame& next) {
  return checker.accept(next).value_or("");
}

// A checker that has seen batches 0 to count-1.
stream_checker after(std::int64_t count) {
  stream_checker result;
  for (std::int64_t i = 0; i < count; ++i)
    CAF_REQUIRE_EQUAL(accept(result, batch(i)), "");
  return result;
}

} // namespace

CAF_TEST(a complete stream) {
  auto checker = after(333);
  CAF_CHECK(!checker.complete());
  CAF_CHECK_EQUAL(accept(checker, batch(333, true)), "");
  CAF_CHECK(checker.complete());
  CAF_CHECK_EQUAL(checker.batches(), 334);
  CAF_CHECK(!checker.finish(0));
}

CAF_TEST(a single batch may be all) {
  stream_checker checker;
  CAF_CHECK_EQUAL(accept(checker, batch(0, true)), "");
  CAF_CHECK(!checker.finish(0));
}

CAF_TEST(a gap) {
  auto checker = after(3);
  CAF_CHECK_EQUAL(accept(checker, batch(5)), "batch 3 is missing: batch 5 came in its place");
  CAF_CHECK_EQUAL(checker.batches(), 3);
}

CAF_TEST(a stream that does not begin with batch 0) {
  stream_checker checker;
  CAF_CHECK_EQUAL(accept(checker, batch(1)), "batch 0 is missing: batch 1 came in its place");
}

CAF_TEST(a duplicate) {
  auto checker = after(3);
  CAF_CHECK_EQUAL(accept(checker, batch(2)), "batch 2 came again after batch 2");
  checker = after(3);
  CAF_CHECK_EQUAL(accept(checker, batch(0)), "batch 0 came again after batch 2");
}

CAF_TEST(EOF in the middle) {
  auto checker = after(3);
  CAF_CHECK_EQUAL(accept(checker, batch(3, true)), "");
  CAF_CHECK_EQUAL(accept(checker, batch(4)), "a frame came after the one that said EOF");
}

CAF_TEST(an end without EOF) {
  CAF_CHECK_EQUAL(after(3).finish(0).value_or(""), "the connection ended after 3 batches, without EOF");
  CAF_CHECK_EQUAL(after(1).finish(0).value_or(""), "the connection ended after 1 batch, without EOF");
  CAF_CHECK_EQUAL(after(3).finish(10).value_or(""),
                  "the connection ended within a line, after 3 batches and 10 bytes more");
}

CAF_TEST(bytes after the end) {
  auto checker = after(3);
  accept(checker, batch(3, true));
  CAF_CHECK(checker.finish(1));
}

CAF_TEST(an error frame ends the stream whatever its index is) {
  for (auto index : {0, 3, 7}) {
    auto checker = after(3);
    auto last = batch(index);
    last.error = stream_error{"NOT_FOUND", "no such\ndataset"};
    CAF_CHECK_EQUAL(accept(checker, last),
                    "the server ended the stream after 3 batches with NOT_FOUND: no such\\x0adataset");
    CAF_CHECK(checker.finish(0));
  }
}

CAF_TEST(another number of batches than expected) {
  stream_checker few{3};
  accept(few, batch(0));
  CAF_CHECK(!few.shortfall());
  CAF_CHECK_EQUAL(accept(few, batch(1, true)), "");
  CAF_CHECK_EQUAL(few.shortfall().value_or(""), "the stream ended after 2 batches instead of the expected 3");
  CAF_CHECK_EQUAL(few.batches(), 2);
  stream_checker many{1};
  accept(many, batch(0));
  CAF_CHECK_EQUAL(accept(many, batch(1)), "batch 1 came although only 1 batch were expected");
  stream_checker exact{1};
  CAF_CHECK_EQUAL(accept(exact, batch(0, true)), "");
  CAF_CHECK(!exact.shortfall());
  CAF_CHECK(!exact.finish(0));
}
