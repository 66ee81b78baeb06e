#define CAF_SUITE warm_up

#include "actors/policy/warm_up.hpp"

#include <caf/test/unit_test.hpp>

#include <vector>

using dispatch::policy::warm_up;
using namespace std::chrono_literals;
using indices = std::vector<std::int32_t>;

namespace {

const warm_up::time_point start{1000s};

/// What is asked for now.
indices asked(warm_up& subject, warm_up::time_point now = start) {
  indices result;
  while (const auto next = subject.next(now))
    result.push_back(*next);
  return result;
}

/// The first batch is there.
warm_up begun(std::int32_t batches) {
  warm_up result;
  result.begin(batches);
  CAF_CHECK_EQUAL(asked(result), (indices{0}));
  result.arrived(0);
  return result;
}

} // namespace

CAF_TEST(the first batch comes before all others and each is asked for once) {
  auto subject = begun(10);
  CAF_CHECK_EQUAL(asked(subject), (indices{1, 2, 3, 4, 5, 6, 7, 8}));
  subject.arrived(3);
  CAF_CHECK_EQUAL(asked(subject), (indices{9}));
  for (const auto index : {1, 2, 4, 5, 6, 7, 8})
    subject.arrived(index);
  CAF_CHECK(subject.is_reading());
  subject.arrived(9);
  CAF_CHECK(!subject.is_reading());
  CAF_CHECK(asked(subject).empty());
}

CAF_TEST(a consumer stops it and what was under way is asked for again later) {
  auto subject = begun(12);
  CAF_CHECK_EQUAL(asked(subject).size(), warm_up::most_under_way);
  subject.arrived(1);
  subject.arrived(4);
  CAF_CHECK_EQUAL(subject.yield(start), (indices{2, 3, 5, 6, 7, 8}));
  CAF_CHECK(!subject.is_under_way(2));
  CAF_CHECK(asked(subject, start + warm_up::quiet_time - 1ms).empty());
  CAF_CHECK(subject.yield(start + 500ms).empty());
  CAF_CHECK(asked(subject, start + warm_up::quiet_time).empty());
  // Batch 4 has come. That is for the cache to know.
  CAF_CHECK_EQUAL(asked(subject, start + 500ms + warm_up::quiet_time), (indices{2, 3, 4, 5, 6, 7, 8, 9}));
}

CAF_TEST(nothing is read where nothing is to be read) {
  warm_up subject;
  CAF_CHECK(asked(subject).empty());
  subject.begin(0);
  CAF_CHECK(!subject.is_reading());
  CAF_CHECK(asked(subject).empty());
  subject.begin(3);
  CAF_CHECK_EQUAL(asked(subject), (indices{0}));
  CAF_CHECK_EQUAL(subject.end(), (indices{0}));
  CAF_CHECK(!subject.is_reading());
}

CAF_TEST(a dataset fits that takes half of the cache) {
  CAF_CHECK(warm_up::fits(10, 50, 1000));
  CAF_CHECK(!warm_up::fits(10, 51, 1000));
  CAF_CHECK(!warm_up::fits(std::int64_t{1} << 31, std::size_t{1} << 40, std::size_t{1} << 40));
}
