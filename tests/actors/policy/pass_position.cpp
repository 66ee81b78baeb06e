#define CAF_SUITE pass_position

#include "actors/policy/pass_position.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <optional>

using dispatch::policy::batch_total;
using dispatch::policy::pass_position;
using dispatch::policy::placement;
using dispatch::policy::successor;

namespace {

constexpr std::int32_t highest = std::numeric_limits<std::int32_t>::max();

pass_position at(std::int32_t position, std::optional<std::int32_t> total) {
  pass_position result{total};
  while (result.index() < position)
    result.advance(placement::middle);
  return result;
}

pass_position certain_at(std::int32_t position, std::int32_t total) {
  auto result = at(position, std::nullopt);
  result.settle_total(total);
  return result;
}

constexpr auto any_successor = {successor::unknown, successor::exists, successor::empty_last, successor::out_of_range,
                                successor::failed};

bool is(std::optional<placement> got, std::optional<placement> wanted) {
  return got == wanted;
}

} // namespace

CAF_TEST(a pass starts at batch 0 and steps by one) {
  pass_position subject;
  CAF_CHECK_EQUAL(subject.index(), 0);
  CAF_CHECK(!subject.total());
  subject.advance(placement::middle);
  CAF_CHECK_EQUAL(subject.index(), 1);
  CAF_CHECK(!subject.done());
  subject.advance(placement::last);
  CAF_CHECK_EQUAL(subject.index(), 2);
  CAF_CHECK(subject.done());
}

CAF_TEST(nothing beyond a known total is worth asking for) {
  const pass_position subject{3};
  CAF_CHECK(subject.may_exist(0));
  CAF_CHECK(subject.may_exist(2));
  CAF_CHECK(!subject.may_exist(3));
}

CAF_TEST(without a total everything that the wire can name is worth asking for) {
  const pass_position subject;
  CAF_CHECK(subject.may_exist(0));
  CAF_CHECK(subject.may_exist(highest - 1));
  CAF_CHECK(!subject.may_exist(std::int64_t{highest} + 1));
}

CAF_TEST(a pass of as many batches as there are indices ends as any other) {
  pass_position subject{std::nullopt, highest - 1};
  subject.settle_total(highest);
  CAF_CHECK(subject.may_exist(highest - 1));
  CAF_CHECK(!subject.may_exist(highest));
  CAF_CHECK(is(subject.place(false, successor::unknown), placement::last));
  subject.advance(placement::last);
  CAF_CHECK(subject.done());
  CAF_CHECK(!subject.exhausted());
}

CAF_TEST(a pass without a total does not run out of indices in silence) {
  pass_position subject{std::nullopt, highest - 1};
  CAF_CHECK(!subject.exhausted());
  CAF_CHECK(!subject.may_exist(highest));
  // There is no index left to ask for, and a mark alone is no end.
  for (const auto marked : {false, true})
    CAF_CHECK(is(subject.place(marked, successor::unknown), placement::middle));
  subject.advance(placement::middle);
  CAF_CHECK(subject.exhausted());
  CAF_CHECK(!subject.may_exist(subject.index()));
}

CAF_TEST(nothing is worth asking for when the pass is over) {
  auto subject = at(1, std::nullopt);
  subject.advance(placement::last);
  CAF_CHECK(!subject.may_exist(2));
}

CAF_TEST(a total that is certain is all that counts) {
  for (const auto marked : {false, true})
    for (const auto next : any_successor) {
      CAF_CHECK(is(certain_at(1, 3).place(marked, next), placement::middle));
      CAF_CHECK(is(certain_at(2, 3).place(marked, next), placement::last));
    }
}

CAF_TEST(a total may become certain in the middle of a pass) {
  pass_position subject{34};
  subject.settle_total(100);
  CAF_CHECK(subject.total() == 100);
  CAF_CHECK(subject.may_exist(99));
  CAF_CHECK(!subject.may_exist(100));
}

CAF_TEST(without a total the successor decides) {
  const auto subject = at(1, std::nullopt);
  for (const auto marked : {false, true}) {
    CAF_CHECK(is(subject.place(marked, successor::unknown), std::nullopt));
    CAF_CHECK(is(subject.place(marked, successor::exists), placement::middle));
    CAF_CHECK(is(subject.place(marked, successor::out_of_range), placement::last));
  }
}

CAF_TEST(a failure behind a batch never makes it the last) {
  for (const auto marked : {false, true}) {
    CAF_CHECK(is(at(1, std::nullopt).place(marked, successor::failed), placement::middle));
    CAF_CHECK(is(at(1, 3).place(marked, successor::failed), placement::middle));
    CAF_CHECK(is(certain_at(1, 3).place(marked, successor::failed), placement::middle));
  }
}

CAF_TEST(without a total a last batch with an empty last one behind it is the last) {
  const auto subject = at(1, std::nullopt);
  CAF_CHECK(is(subject.place(true, successor::empty_last), placement::last));
  CAF_CHECK(is(subject.place(false, successor::empty_last), placement::middle));
}

CAF_TEST(before a total that is expected an unmarked batch never waits) {
  for (const auto next : any_successor)
    CAF_CHECK(is(at(1, 3).place(false, next), placement::middle));
}

CAF_TEST(a mark before a total that is expected waits for the successor) {
  const auto subject = at(1, 3);
  CAF_CHECK(is(subject.place(true, successor::unknown), std::nullopt));
  CAF_CHECK(is(subject.place(true, successor::exists), placement::middle));
  CAF_CHECK(is(subject.place(true, successor::empty_last), placement::last));
  CAF_CHECK(is(subject.place(true, successor::out_of_range), placement::last));
}

CAF_TEST(a total that is expected and a mark agree) {
  for (const auto next : any_successor)
    CAF_CHECK(is(at(2, 3).place(true, next), placement::last));
}

CAF_TEST(without a mark a total that is expected holds unless another batch follows) {
  const auto subject = at(2, 3);
  CAF_CHECK(is(subject.place(false, successor::unknown), std::nullopt));
  CAF_CHECK(is(subject.place(false, successor::exists), placement::middle));
  for (const auto next : {successor::empty_last, successor::out_of_range, successor::failed})
    CAF_CHECK(is(subject.place(false, next), placement::last));
}

CAF_TEST(behind a total that was expected the successor decides) {
  const auto subject = at(3, 3);
  for (const auto marked : {false, true}) {
    CAF_CHECK(is(subject.place(marked, successor::unknown), std::nullopt));
    CAF_CHECK(is(subject.place(marked, successor::exists), placement::middle));
    CAF_CHECK(is(subject.place(marked, successor::out_of_range), placement::last));
    CAF_CHECK(is(subject.place(marked, successor::failed), placement::middle));
  }
}

CAF_TEST(a short last batch counts) {
  CAF_CHECK(batch_total(10'000, 30) == 334);
  CAF_CHECK(batch_total(9'990, 30) == 333);
  CAF_CHECK(batch_total(1, 30) == 1);
  CAF_CHECK(batch_total(30, 30) == 1);
  CAF_CHECK(batch_total(31, 30) == 2);
}

CAF_TEST(the largest numbers do not overflow) {
  CAF_CHECK(batch_total(highest, 1) == highest);
  CAF_CHECK(batch_total(highest, highest) == 1);
  CAF_CHECK(batch_total(1, highest) == 1);
}

CAF_TEST(no samples means an unknown total) {
  CAF_CHECK(batch_total(0, 30) == std::nullopt);
  CAF_CHECK(batch_total(-1, 30) == std::nullopt);
}
