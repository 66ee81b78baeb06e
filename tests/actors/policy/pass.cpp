#define CAF_SUITE pass

#include "actors/policy/pass.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/batches.hpp"

using namespace std::chrono_literals;
using dispatch::dataset_description;
using dispatch::failure;
using dispatch::status_code;
using dispatch::policy::pass;

namespace {

using indices = std::vector<std::int32_t>;

const pass::time_point start{};

/// Samples of four bytes, in batches of ten; at most eight batches ahead.
pass pass_over(std::int32_t samples) {
  pass result{{10, {8, 8, 1 << 20, 1s}}};
  result.describe({"d", samples, {4}, "uint8"});
  result.begin();
  return result;
}

/// What is asked for now, as indices.
indices asked(pass& subject) {
  indices result;
  while (const auto wanted = subject.ask(start))
    for (auto i = 0; i < wanted->count; ++i)
      result.push_back(wanted->first + i);
  return result;
}

bool give(pass& subject, std::int32_t index, std::size_t samples) {
  return subject.arrived(dispatch::test::make_batch(index, false, std::string(4 * samples, 'x')));
}

indices indices_of(const pass::departures& leaving) {
  indices result;
  for (const auto& each : leaving.batches)
    result.push_back(each.batch->index());
  return result;
}

} // namespace

CAF_TEST(where samples can be counted batch 0 comes alone and the others are measured by it) {
  auto subject = pass_over(35);
  CAF_CHECK_EQUAL(asked(subject), indices{0});
  CAF_CHECK(give(subject, 0, 10));
  CAF_CHECK_EQUAL(indices_of(subject.depart()), indices{0});
  CAF_CHECK_EQUAL(asked(subject), (indices{1, 2, 3}));
  for (const auto index : {3, 1, 2})
    CAF_CHECK(give(subject, index, index == 3 ? 5 : 10));
  const auto leaving = subject.depart();
  CAF_CHECK_EQUAL(indices_of(leaving), (indices{1, 2, 3}));
  CAF_CHECK(leaving.is_end);
  CAF_CHECK(!leaving.broken);
}

CAF_TEST(a service that cuts batches of its own size is followed to its end) {
  auto subject = pass_over(35);
  asked(subject);
  CAF_CHECK(give(subject, 0, 20));
  CAF_CHECK_EQUAL(subject.total().value_or(0), 2);
  subject.depart();
  CAF_CHECK_EQUAL(asked(subject), indices{1});
  CAF_CHECK(give(subject, 1, 15));
  CAF_CHECK(subject.depart().is_end);
}

CAF_TEST(a batch of another size breaks the pass behind what may leave) {
  auto subject = pass_over(35);
  asked(subject);
  give(subject, 0, 10);
  subject.depart();
  asked(subject);
  give(subject, 1, 10);
  CAF_CHECK(give(subject, 2, 9));
  const auto leaving = subject.depart();
  CAF_CHECK_EQUAL(indices_of(leaving), indices{1});
  CAF_REQUIRE(leaving.broken);
  CAF_CHECK(leaving.broken->code == status_code::internal);
  CAF_CHECK(!leaving.is_end);
}

CAF_TEST(where nothing is described as many as the window allows are asked for at once) {
  pass subject{{10, {8, 8, 1 << 20, 1s}}};
  subject.begin();
  CAF_CHECK_EQUAL(asked(subject), (indices{0, 1, 2, 3, 4, 5, 6, 7}));
  CAF_CHECK(!subject.fingerprint().is_known());
  give(subject, 0, 10);
  subject.failed(1, {status_code::out_of_range, "no such batch"});
  CAF_CHECK(subject.depart().is_end);
}

CAF_TEST(an end before the described one is an error that says what is described) {
  auto subject = pass_over(35);
  asked(subject);
  give(subject, 0, 10);
  subject.depart();
  asked(subject);
  CAF_CHECK(subject.failed(1, {status_code::out_of_range, "it said"}));
  const auto leaving = subject.depart();
  CAF_REQUIRE(leaving.broken);
  CAF_CHECK_EQUAL(leaving.broken->message,
                  "the dataset service has no batch 1, but describes 35 samples, which are 4 batches of 10: it said "
                  "(let GetDatasetInfo describe what is served)");
}

CAF_TEST(only a batch that all wait for is overdue) {
  auto subject = pass_over(35);
  asked(subject);
  CAF_CHECK_EQUAL(subject.overdue(start).value_or(-1), 0);
  CAF_CHECK(!subject.overdue(start - 1s));
  give(subject, 0, 10);
  subject.depart();
  asked(subject);
  give(subject, 1, 10);
  // It is there, and so batch 2 is what nothing can be sent without; but 1 has not departed yet.
  CAF_CHECK(!subject.overdue(start));
  subject.depart();
  CAF_CHECK_EQUAL(subject.overdue(start).value_or(-1), 2);
}

CAF_TEST(what departed is unsent until it is written) {
  auto subject = pass_over(35);
  asked(subject);
  CAF_CHECK_EQUAL(subject.requested(), 1u);
  give(subject, 0, 10);
  subject.depart();
  CAF_CHECK_EQUAL(subject.requested(), 0u);
  CAF_CHECK_EQUAL(subject.unsent(), 1u);
  CAF_CHECK_EQUAL(subject.position(), 1);
  subject.written(start, 1, 100);
  CAF_CHECK_EQUAL(subject.unsent(), 0u);
}
