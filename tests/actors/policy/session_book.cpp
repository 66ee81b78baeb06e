#define CAF_SUITE session_book

#include "actors/policy/session_book.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using namespace dispatch;
using namespace dispatch::policy;
using namespace std::chrono_literals;

namespace {

struct fixture {
  session_book subject;
  session_book::time_point at{600s};

  static session_key key(std::string name, std::int64_t shard = 0, std::int64_t count = 1) {
    return {std::move(name), {shard, count}};
  }

  /// Of a session that began at `at`.
  session_place place(std::uint64_t batches, std::uint64_t epoch = 0) const {
    session_place result;
    result.dataset = "mnist";
    result.epoch = epoch;
    result.position = static_cast<std::int64_t>(batches);
    result.batches = batches;
    result.began_at = at;
    return result;
  }

  const session_row* find(const session_key& wanted) const {
    const auto& rows = subject.rows();
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.key == wanted; });
    return found != rows.end() ? &*found : nullptr;
  }

  const session_row& row(const session_key& wanted) const {
    const auto* found = find(wanted);
    CAF_REQUIRE(found != nullptr);
    return *found;
  }

  /// Sessions that are here, `most` of them.
  void fill(std::uint64_t first_id) {
    for (std::uint64_t i = 0; i < session_book::most; ++i)
      subject.heard(first_id + i, key("job-" + std::to_string(i)), place(0), at + std::chrono::seconds{i});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_book_tests, fixture)

CAF_TEST(a session that comes again goes on in its row) {
  CAF_CHECK(subject.heard(1, key("resnet"), place(0), at));
  CAF_CHECK(!subject.heard(1, key("resnet"), place(10, 1), at + 1s));
  subject.over(1, key("resnet"), place(25, 1), "lost", at + 2s);
  CAF_CHECK(!row(key("resnet")).is_here);
  CAF_CHECK_EQUAL(row(key("resnet")).outcome, "lost");
  CAF_CHECK(row(key("resnet")).heard_at == at + 2s);
  CAF_CHECK_EQUAL(row(key("resnet")).place.position, 25);
  CAF_CHECK(subject.heard(2, key("resnet"), place(3, 2), at + 120s));
  CAF_CHECK_EQUAL(subject.rows().size(), 1u);
  CAF_CHECK(row(key("resnet")).is_here);
  CAF_CHECK_EQUAL(row(key("resnet")).times, 2u);
  CAF_CHECK_EQUAL(row(key("resnet")).place.epoch, 2u);
  // Of the minutes 10 to 12, in one of which it was away.
  const auto rates = row(key("resnet")).minutes.rates(13, 3);
  CAF_CHECK_EQUAL(rates[0], 12.5);
  CAF_CHECK(std::isnan(rates[1]));
  CAF_CHECK_EQUAL(row(key("resnet")).minutes.epochs(13, 3)[2], 2.0);
}

CAF_TEST(a session that is over before it was heard of has a row) {
  subject.over(1, key("short"), place(40), "complete", at + 2s);
  CAF_CHECK(!row(key("short")).is_here);
  CAF_CHECK_EQUAL(row(key("short")).times, 1u);
  CAF_CHECK_EQUAL(row(key("short")).minutes.rates(11, 1)[0], 20.0);
}

CAF_TEST(shards of one name have rows of their own) {
  for (const auto shard : {0, 1, 2, 3})
    subject.heard(1 + static_cast<std::uint64_t>(shard), key("job", shard, 4), place(5), at);
  subject.heard(9, key("job", 0, 2), place(5), at);
  CAF_CHECK_EQUAL(subject.rows().size(), 5u);
  for (const auto& each : subject.rows())
    CAF_CHECK_EQUAL(each.times, 1u);
}

CAF_TEST(of two that are equal the later one has the row until it ends) {
  subject.heard(1, key("twin"), place(10), at);
  CAF_CHECK(subject.heard(2, key("twin"), place(50), at + 1s));
  CAF_CHECK(!subject.heard(1, key("twin"), place(20), at + 2s));
  CAF_CHECK_EQUAL(row(key("twin")).place.position, 50);
  // The end of the first says nothing of the second.
  auto other = *this;
  other.subject.over(1, key("twin"), place(20), "complete", at + 2s);
  CAF_CHECK(other.row(key("twin")).is_here);
  subject.over(2, key("twin"), place(60), "complete", at + 3s);
  CAF_CHECK(!row(key("twin")).is_here);
  CAF_CHECK(subject.heard(1, key("twin"), place(30), at + 4s));
  CAF_CHECK(row(key("twin")).is_here);
  CAF_CHECK_EQUAL(row(key("twin")).place.position, 30);
  CAF_CHECK_EQUAL(row(key("twin")).times, 2u);
}

CAF_TEST(a session that says nothing of its end is lost) {
  subject.heard(1, key("crashed"), place(10), at);
  subject.lost(2, "lost", at + 1s);
  CAF_CHECK(row(key("crashed")).is_here);
  subject.lost(1, "lost", at + 1s);
  CAF_CHECK(!row(key("crashed")).is_here);
  CAF_CHECK_EQUAL(row(key("crashed")).outcome, "lost");
  subject.over(3, key("crashed"), place(10), "complete", at + 2s);
  subject.lost(3, "lost", at + 3s);
  CAF_CHECK_EQUAL(row(key("crashed")).outcome, "complete");
}

CAF_TEST(a new name takes the place of the one that has been away longest) {
  fill(1);
  subject.over(8, key("job-7"), place(0), "left", at + 200s);
  subject.over(4, key("job-3"), place(0), "left", at + 100s);
  CAF_CHECK(subject.heard(1000, key("new"), place(0), at + 300s));
  CAF_CHECK_EQUAL(subject.rows().size(), session_book::most);
  CAF_CHECK(find(key("job-3")) == nullptr);
  CAF_CHECK(find(key("job-7")) != nullptr);
}

CAF_TEST(names without end push out nobody who is here) {
  fill(1);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    CAF_CHECK(!subject.heard(2000 + i, key("hostile-" + std::to_string(i)), place(0), at + 100s));
    subject.over(2000 + i, key("hostile-" + std::to_string(i)), place(0), "left", at + 101s);
  }
  CAF_CHECK_EQUAL(subject.rows().size(), session_book::most);
  for (std::uint64_t i = 0; i < session_book::most; ++i)
    CAF_CHECK(find(key("job-" + std::to_string(i))) != nullptr);
  CAF_CHECK(!subject.heard(1, key("job-0"), place(1), at + 102s));
  CAF_CHECK_EQUAL(row(key("job-0")).place.position, 1);
}

CAF_TEST(steps are counted from the beginning of the epoch) {
  session_place place;
  place.batch_size = 30;
  place.samples = 1000;
  const auto at_position = [&](std::int64_t position, std::int64_t shards) {
    place.position = position;
    return steps_of(place, {0, shards});
  };
  CAF_CHECK_EQUAL(at_position(0, 4).step, 0);
  CAF_CHECK_EQUAL(at_position(240, 4).step, 2);
  CAF_CHECK_EQUAL(at_position(1000, 4).step, 9);
  CAF_CHECK_EQUAL(at_position(0, 4).steps.value_or(0), 9);
  CAF_CHECK_EQUAL(at_position(0, 1).steps.value_or(0), 34);
  // All is one step.
  place.batch_size = std::int64_t{1} << 40;
  CAF_CHECK_EQUAL(at_position(0, std::int64_t{1} << 40).steps.value_or(0), 1);
  CAF_CHECK_EQUAL(at_position(1000, 1).step, 1);
}

CAF_TEST(where samples are not counted a step is a block of each shard) {
  session_place place;
  place.position = 12;
  CAF_CHECK_EQUAL(steps_of(place, {1, 4}).step, 3);
  CAF_CHECK(!steps_of(place, {1, 4}).steps);
}

CAF_TEST_FIXTURE_SCOPE_END()
