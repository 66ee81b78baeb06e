#define CAF_SUITE stream_plan

#include "actors/policy/stream_plan.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <vector>

using dispatch::policy::stream_plan;
using namespace std::chrono_literals;

namespace {

const stream_plan::time_point start{};

using indices = std::vector<std::int32_t>;

stream_plan fresh(std::int32_t reach = 8) {
  stream_plan subject{reach};
  subject.begin(start);
  return subject;
}

/// Reads and lets them arrive until it wants no more.
/// @returns how many batches came
std::int32_t read_all(stream_plan& subject) {
  std::int32_t read = 0;
  for (auto under_way = subject.start_reads(); under_way > 0; under_way += subject.start_reads()) {
    subject.arrived(start);
    --under_way;
    ++read;
  }
  return read;
}

/// Takes out all that can be.
indices release_all(stream_plan& subject) {
  indices released;
  for (auto next = subject.release_first(1); !next.empty(); next = subject.release_first(1))
    released.push_back(next.front());
  return released;
}

} // namespace

CAF_TEST(nothing is read that nobody wants) {
  auto subject = fresh();
  CAF_CHECK(subject.idle());
  CAF_CHECK(!subject.reading());
  CAF_CHECK_EQUAL(subject.start_reads(), 0);
  CAF_CHECK(!subject.reading());
}

CAF_TEST(nothing is read behind the last that is wanted) {
  for (const auto furthest : {0, 1, 2, 5, 7}) {
    auto subject = fresh();
    subject.want(furthest, start);
    CAF_CHECK_EQUAL(read_all(subject), furthest + 1);
    CAF_CHECK(subject.idle());
    CAF_CHECK(!subject.reading());
    CAF_CHECK_EQUAL(subject.start_reads(), 0);
  }
}

CAF_TEST(more reads are under way once the stream has run for a while) {
  auto subject = fresh(200);
  for (auto i = 0; i < 200; ++i)
    subject.want(i, start);
  auto reads = subject.start_reads();
  CAF_CHECK_EQUAL(reads, 2);
  for (auto i = 0; i < 100; ++i) {
    subject.arrived(start);
    reads += subject.start_reads() - 1;
  }
  CAF_CHECK_EQUAL(reads, 16);
}

CAF_TEST(two reads are under way at first) {
  auto subject = fresh();
  for (const auto index : {0, 1, 2, 3})
    subject.want(index, start);
  CAF_CHECK_EQUAL(subject.start_reads(), 2);
  CAF_CHECK_EQUAL(subject.start_reads(), 0);
  subject.arrived(start);
  CAF_CHECK_EQUAL(subject.start_reads(), 1);
  subject.arrived(start);
  subject.arrived(start);
  CAF_CHECK_EQUAL(subject.start_reads(), 1);
  CAF_CHECK(subject.reading());
  subject.arrived(start);
  CAF_CHECK_EQUAL(subject.start_reads(), 0);
  CAF_CHECK(!subject.reading());
}

CAF_TEST(what is wanted twice is read once) {
  auto subject = fresh();
  subject.want(0, start);
  subject.want(0, start);
  CAF_CHECK_EQUAL(read_all(subject), 1);
  CAF_CHECK(subject.idle());
}

CAF_TEST(a stream covers what is before it and near) {
  auto subject = fresh(3);
  CAF_CHECK(!subject.covers(-1));
  CAF_CHECK(subject.covers(0));
  CAF_CHECK(subject.covers(2));
  CAF_CHECK(!subject.covers(3));
  subject.want(1, start);
  read_all(subject);
  CAF_CHECK(!subject.covers(1));
  CAF_CHECK(subject.covers(2));
  CAF_CHECK(subject.covers(4));
  CAF_CHECK(!subject.covers(5));
}

CAF_TEST(a stream that rested covers what follows however far its consumers have gone by calls) {
  auto subject = fresh(8);
  // A consumer is always eight batches ahead of what it has got, and calls bring a hundred of them.
  for (auto index = 0; index < 100; ++index) {
    CAF_REQUIRE(subject.covers(index));
    subject.want(index, start);
    if (index >= 8)
      CAF_REQUIRE(subject.release_first(1) == indices{index - 8});
  }
  CAF_CHECK(subject.covers(100));
  CAF_CHECK(!subject.covers(107));
  CAF_CHECK_EQUAL(read_all(subject), 100);
  CAF_CHECK(subject.idle());
}

CAF_TEST(no reach is too far to be counted) {
  constexpr auto most = std::numeric_limits<std::int32_t>::max();
  auto subject = fresh(most);
  subject.want(0, start);
  read_all(subject);
  CAF_CHECK(subject.covers(most));
  CAF_CHECK(!subject.covers(0));
  CAF_CHECK(!subject.covers(std::numeric_limits<std::int32_t>::min()));
}

CAF_TEST(a batch under way is covered until it arrives) {
  auto subject = fresh();
  subject.want(0, start);
  subject.start_reads();
  CAF_CHECK(subject.covers(0));
  CAF_CHECK(subject.wants(0));
  subject.arrived(start);
  CAF_CHECK(!subject.covers(0));
  CAF_CHECK(!subject.wants(0));
}

// -- time -------------------------------------------------------------------------------------------------------------

CAF_TEST(a batch is waited for since the one before or since it was wanted) {
  auto subject = fresh();
  subject.want(0, start + 1s);
  subject.want(2, start + 2s);
  subject.start_reads();
  CAF_CHECK(subject.progress_at() == start + 1s);
  CAF_CHECK(subject.arrived(start + 5s) == start + 1s);
  CAF_CHECK(subject.progress_at() == start + 5s);
  // Nobody wants this one, but it stands between them and the one that they want.
  CAF_CHECK(subject.arrived(start + 7s) == start + 5s);
  subject.start_reads();
  CAF_CHECK(subject.arrived(start + 8s) == start + 7s);
}

CAF_TEST(a rest is not time that somebody waited) {
  auto subject = fresh();
  subject.want(0, start);
  subject.start_reads();
  subject.arrived(start + 1s);
  subject.want(1, start + 60s);
  CAF_CHECK(subject.progress_at() == start + 60s);
  subject.start_reads();
  CAF_CHECK(subject.arrived(start + 61s) == start + 60s);
}

CAF_TEST(nobody waited for a batch that nobody wants any more) {
  auto subject = fresh();
  subject.want(0, start);
  subject.start_reads();
  subject.unwant(0);
  CAF_CHECK(subject.idle());
  CAF_CHECK(subject.reading());
  CAF_CHECK(subject.arrived(start + 1s) == std::nullopt);
  CAF_CHECK(!subject.reading());
  CAF_CHECK(!subject.covers(0));
}

// -- changes of mind --------------------------------------------------------------------------------------------------

CAF_TEST(what is wanted no more is not read) {
  auto subject = fresh();
  subject.want(0, start);
  subject.want(5, start);
  subject.unwant(5);
  subject.unwant(6);
  CAF_CHECK(subject.wants(0));
  CAF_CHECK(!subject.wants(5));
  CAF_CHECK_EQUAL(read_all(subject), 1);
}

CAF_TEST(what reads under way bring is not released) {
  auto subject = fresh();
  for (const auto index : {0, 1, 2, 4})
    subject.want(index, start);
  subject.start_reads();
  CAF_CHECK_EQUAL(release_all(subject), (indices{2, 4}));
  CAF_CHECK_EQUAL(release_all(subject), indices{});
  CAF_CHECK(subject.wants(0));
  CAF_CHECK(subject.wants(1));
  CAF_CHECK(!subject.wants(2));
  CAF_CHECK_EQUAL(subject.start_reads(), 0);
  subject.arrived(start);
  CAF_CHECK_EQUAL(release_all(subject), indices{});
  CAF_CHECK(subject.wants(1));
}

CAF_TEST(all is released where no read is under way) {
  auto subject = fresh();
  subject.want(0, start);
  subject.want(3, start);
  CAF_CHECK_EQUAL(release_all(subject), (indices{0, 3}));
  CAF_CHECK(subject.idle());
}

CAF_TEST(a stream that ends gives back all that was left to it) {
  auto subject = fresh();
  for (const auto index : {0, 1, 3})
    subject.want(index, start);
  subject.start_reads();
  subject.arrived(start);
  CAF_CHECK_EQUAL(subject.end(), (indices{1, 3}));
  CAF_CHECK(subject.idle());
  CAF_CHECK(!subject.reading());
  CAF_CHECK_EQUAL(subject.end(), indices{});
}

CAF_TEST(a new stream stands at its first batch) {
  auto subject = fresh(2);
  subject.want(1, start);
  subject.start_reads();
  subject.arrived(start);
  subject.end();
  subject.begin(start + 9s);
  CAF_CHECK(subject.progress_at() == start + 9s);
  CAF_CHECK(subject.idle());
  CAF_CHECK(!subject.reading());
  CAF_CHECK(subject.covers(0));
  CAF_CHECK(!subject.covers(2));
  subject.want(0, start);
  CAF_CHECK_EQUAL(read_all(subject), 1);
}

// -- anything ---------------------------------------------------------------------------------------------------------

CAF_TEST(reads are as many as what is wanted needs) {
  constexpr std::uint64_t seed = 53;
  std::mt19937_64 random{seed};
  const auto pick = [&](std::int32_t below) {
    return static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(below));
  };
  for (auto round = 0; round < 300; ++round) {
    const auto reach = 1 + pick(20);
    auto subject = fresh(reach);
    std::set<std::int32_t> wanted;
    std::int32_t position = 0;
    std::int32_t reads = 0;
    std::int32_t started = 0;
    auto furthest_ever = -1;
    auto now = start;
    const auto check = [&](bool holds, const char* what) {
      if (!holds)
        CAF_FAIL("seed " << seed << ", round " << round << ", batch " << position << ": " << what);
    };
    for (auto step = 0; step < 300; ++step) {
      now += 1s;
      const auto index = position - 2 + pick(reach + 4);
      check(subject.covers(index) == (index >= position && index < std::max(position, furthest_ever) + reach),
            "another reach");
      switch (pick(10)) {
      case 0:
        subject.unwant(index);
        wanted.erase(index);
        break;
      case 1:
        if (pick(4) == 0) {
          const indices expected(wanted.lower_bound(position + reads), wanted.end());
          check(release_all(subject) == expected, "others are released");
          wanted.erase(wanted.lower_bound(position + reads), wanted.end());
        }
        break;
      case 2:
      case 3:
      case 4:
        if (subject.covers(index)) {
          subject.want(index, now);
          wanted.insert(index);
          furthest_ever = std::max(furthest_ever, index);
        }
        break;
      default:
        if (reads > 0) {
          const auto since = subject.arrived(now);
          check(since.has_value() == !wanted.empty(), "wrong about who waited");
          check(!since || *since < now, "waited for less than it took");
          wanted.erase(position++);
          --reads;
        }
      }
      const auto more = subject.start_reads();
      check(more >= 0, "less than no reads");
      reads += more;
      started += more;
      const auto most = std::clamp(position / 2, 2, 16);
      check(more == 0 || reads <= most, "too many reads");
      // Nothing is stuck either: something wanted means that a read is under way.
      check(wanted.empty() || reads > 0, "nothing is read");
      check(wanted.empty() || reads >= std::min(most, *wanted.rbegin() - position + 1), "too few reads");
      check(started <= furthest_ever + 1, "read too far");
      check(subject.reading() == (reads > 0) && subject.idle() == wanted.empty(), "wrong about itself");
      for (auto i = position; i < position + reach; ++i)
        check(subject.wants(i) == (wanted.count(i) > 0), "something else is wanted");
    }
    check(subject.end() == indices(wanted.begin(), wanted.end()), "something else is left");
  }
}
