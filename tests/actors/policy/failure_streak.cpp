#define CAF_SUITE failure_streak

#include "actors/policy/failure_streak.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <random>
#include <set>

using streak = dispatch::policy::failure_streak<int>;

CAF_TEST(different batches in a row reach the limit) {
  streak subject{3};
  CAF_CHECK(!subject.failed(1));
  CAF_CHECK(!subject.failed(2));
  CAF_CHECK(subject.failed(3));
}

CAF_TEST(one poisoned batch never does) {
  streak subject{3};
  for (auto i = 0; i < 100; ++i)
    CAF_CHECK(!subject.failed(7));
  CAF_CHECK(!subject.failed(8));
  CAF_CHECK(!subject.failed(7));
  CAF_CHECK(subject.failed(9));
}

CAF_TEST(a success starts over) {
  streak subject{2};
  CAF_CHECK(!subject.failed(1));
  subject.succeeded();
  CAF_CHECK(!subject.failed(2));
  CAF_CHECK(subject.failed(1));
}

CAF_TEST(a limit of one is reached at once) {
  streak subject{1};
  CAF_CHECK(subject.failed(1));
}

CAF_TEST(the limit is reached exactly when that many different batches have failed since a success) {
  constexpr std::uint64_t seed = 21;
  std::mt19937_64 random{seed};
  for (auto round = 0; round < 500; ++round) {
    const auto limit = 1 + random() % 5;
    streak subject{limit};
    std::set<int> failed;
    for (auto i = 0; i < 100; ++i) {
      if (random() % 4 == 0) {
        subject.succeeded();
        failed.clear();
        continue;
      }
      const auto key = static_cast<int>(random() % 8);
      failed.insert(key);
      if (subject.failed(key) != (failed.size() >= limit))
        CAF_FAIL("seed " << seed << ", round " << round << ", step " << i << ": " << failed.size() << " of " << limit);
    }
  }
}

CAF_TEST(an upstream that turns calls away is bad whichever batch they are for) {
  dispatch::policy::failure_streak<int> subject{3};
  CAF_CHECK(!subject.turned_away());
  CAF_CHECK(!subject.turned_away());
  CAF_CHECK(subject.turned_away());
  subject.succeeded();
  CAF_CHECK(!subject.turned_away());
  CAF_CHECK(!subject.failed(1));
  CAF_CHECK(!subject.failed(1));
  CAF_CHECK(subject.turned_away());
}
