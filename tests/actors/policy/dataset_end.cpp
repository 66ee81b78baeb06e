#define CAF_SUITE dataset_end

#include "actors/policy/dataset_end.hpp"

#include <caf/test/unit_test.hpp>

using dispatch::policy::dataset_end;

namespace {

dataset_end after(std::int32_t batches, bool marked_last = false) {
  dataset_end result;
  for (std::int32_t i = 0; i < batches; ++i)
    result.given(i, marked_last && i == batches - 1);
  return result;
}

} // namespace

CAF_TEST(an end is known when a batch is refused and the one before it has come) {
  auto subject = after(3);
  CAF_CHECK_EQUAL(subject.index().value_or(-1), -1);
  subject.refused(3);
  CAF_CHECK_EQUAL(subject.index().value_or(-1), 3);
}

CAF_TEST(answers may come in any order) {
  auto subject = after(2);
  for (const auto i : {7, 5, 4, 6})
    subject.refused(i);
  CAF_CHECK_EQUAL(subject.index().value_or(-1), -1);
  subject.given(3, false);
  CAF_CHECK_EQUAL(subject.index().value_or(-1), 4);
  subject.given(2, false);
  CAF_CHECK_EQUAL(subject.index().value_or(-1), 4);
}

CAF_TEST(a dataset without batches has no end that is known) {
  dataset_end subject;
  subject.refused(0);
  CAF_CHECK(!subject.index());
}

CAF_TEST(a batch that comes from behind an end shows that it was none) {
  auto subject = after(3);
  subject.refused(3);
  subject.given(5, false);
  CAF_CHECK(!subject.index());
  subject.refused(6);
  CAF_CHECK_EQUAL(subject.index().value_or(-1), 6);
}

CAF_TEST(a batch that is refused before others that have come shows no end) {
  auto subject = after(5);
  subject.refused(2);
  CAF_CHECK(!subject.index());
  subject.refused(5);
  CAF_CHECK(!subject.index());
  subject.given(4, false);
  CAF_CHECK_EQUAL(subject.index().value_or(-1), 5);
}

CAF_TEST(an empty batch that is marked is an end where the one before it is marked too) {
  auto subject = after(3, true);
  subject.empty_last(4);
  CAF_CHECK(!subject.index());
  subject.empty_last(3);
  CAF_CHECK_EQUAL(subject.index().value_or(-1), 3);
  auto unmarked = after(3);
  unmarked.empty_last(3);
  CAF_CHECK(!unmarked.index());
}
