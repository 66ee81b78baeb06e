#define CAF_SUITE waiting_list

#include "actors/policy/waiting_list.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

using list = dispatch::policy::waiting_list<std::string, int>;

const list::time_point start{};

std::vector<std::string> sorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return words;
}

using waiters = std::vector<int>;
using words = std::vector<std::string>;

} // namespace

CAF_TEST(nobody waits at first) {
  list subject;
  CAF_CHECK(!subject.anyone_for("a"));
  CAF_CHECK(subject.first_due("a") == list::time_point::max());
  CAF_CHECK_EQUAL(subject.take("a"), waiters{});
  CAF_CHECK_EQUAL(subject.leave(1), words{});
}

CAF_TEST(the first who waits for a thing is told so) {
  list subject;
  CAF_CHECK(subject.join("a", 1, start, 10));
  CAF_CHECK(!subject.join("a", 2, start, 20));
  CAF_CHECK(!subject.join("a", 1, start, 11));
  CAF_CHECK(subject.join("b", 1, start, 12));
}

CAF_TEST(all who wait for a thing are taken in the order in which they came) {
  list subject;
  for (const auto waiter : {3, 1, 2})
    subject.join("a", 7, start, waiter);
  subject.join("b", 7, start, 4);
  CAF_CHECK_EQUAL(subject.take("a"), (waiters{3, 1, 2}));
  CAF_CHECK(!subject.anyone_for("a"));
  CAF_CHECK_EQUAL(subject.take("a"), waiters{});
  CAF_CHECK(subject.anyone_for("b"));
}

CAF_TEST(who comes after all were taken is the first again) {
  list subject;
  subject.join("a", 1, start, 1);
  subject.take("a");
  CAF_CHECK(subject.join("a", 2, start + 3s, 2));
  CAF_CHECK(subject.first_due("a") == start + 3s);
}

CAF_TEST(the first that is due need not be the first that came) {
  list subject;
  subject.join("a", 1, start + 4s, 1);
  subject.join("a", 2, start + 2s, 2);
  subject.join("b", 1, start + 3s, 3);
  CAF_CHECK(subject.first_due("a") == start + 2s);
  CAF_CHECK(subject.first_due("b") == start + 3s);
  subject.leave(2);
  CAF_CHECK(subject.first_due("a") == start + 4s);
}

CAF_TEST(only requests that are due are taken at their time) {
  list subject;
  for (const auto second : {1, 3, 2})
    subject.join("a", 1, start + second * 1s, second);
  CAF_CHECK_EQUAL(subject.take_due("a", start), waiters{});
  CAF_CHECK_EQUAL(subject.take_due("a", start + 2s), (waiters{1, 2}));
  CAF_CHECK(subject.first_due("a") == start + 3s);
  CAF_CHECK(!subject.join("a", 1, start + 4s, 4));
  CAF_CHECK_EQUAL(subject.take_due("a", start + 4s), (waiters{3, 4}));
  CAF_CHECK(!subject.anyone_for("a"));
}

CAF_TEST(who leaves waits for nothing more) {
  list subject;
  subject.join("a", 1, start, 1);
  subject.join("a", 2, start, 2);
  subject.join("a", 1, start, 3);
  subject.join("b", 1, start, 4);
  subject.join("c", 2, start, 5);
  subject.join("d", 1, start, 6);
  subject.join("d", 1, start, 7);
  CAF_CHECK_EQUAL(sorted(subject.leave(1)), (words{"b", "d"}));
  CAF_CHECK(subject.anyone_for("a"));
  CAF_CHECK(!subject.anyone_for("b"));
  CAF_CHECK_EQUAL(subject.leave(1), words{});
  CAF_CHECK_EQUAL(subject.take("a"), waiters{2});
  CAF_CHECK_EQUAL(subject.leave(2), words{"c"});
}

CAF_TEST(who was taken is let go of and so is who leaves) {
  dispatch::policy::waiting_list<int, std::unique_ptr<int>> subject;
  subject.join(1, 1, start, std::make_unique<int>(5));
  subject.join(1, 2, start, std::make_unique<int>(6));
  subject.leave(1);
  const auto taken = subject.take(1);
  CAF_REQUIRE_EQUAL(taken.size(), 1u);
  CAF_CHECK_EQUAL(*taken[0], 6);
}

CAF_TEST(thousands who wait for the same things and leave one after another leave the others in their order) {
  constexpr auto crowd = 20'000;
  constexpr auto leaving = crowd - 10;
  list subject;
  for (auto i = 0; i < crowd; ++i)
    for (const auto* key : {"a", "b", "c"})
      subject.join(key, list::owner_id(i), start + i * 1s, i);
  subject.join("own", leaving - 1, start, 0);
  for (auto i = 0; i < leaving; ++i)
    CAF_CHECK_EQUAL(subject.leave(list::owner_id(i)), (i == leaving - 1 ? words{"own"} : words{}));
  waiters left(crowd - leaving);
  std::iota(left.begin(), left.end(), leaving);
  CAF_CHECK(subject.first_due("a") == start + leaving * 1s);
  CAF_CHECK_EQUAL(subject.take("a"), left);
  for (const auto i : left)
    CAF_CHECK_EQUAL(sorted(subject.leave(list::owner_id(i))), (i == crowd - 1 ? words{"b", "c"} : words{}));
}

// -- comparison with a model ------------------------------------------------------------------------------------------

namespace {

/// The same in the plainest words: all places in one row.
struct naive_list {
  struct place {
    std::string key;
    list::owner_id owner;
    list::time_point due;
    int waiter;
  };

  std::vector<place> places{};

  bool anyone_for(const std::string& key) const {
    return std::any_of(places.begin(), places.end(), [&](const place& p) { return p.key == key; });
  }

  words keys() const {
    words result;
    for (const auto& p : places)
      result.push_back(p.key);
    result = sorted(result);
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }

  list::time_point first_due(const std::string& key) const {
    auto first = list::time_point::max();
    for (const auto& p : places)
      if (p.key == key)
        first = std::min(first, p.due);
    return first;
  }

  waiters take_due(const std::string& key, list::time_point now) {
    waiters taken;
    std::vector<place> left;
    for (const auto& p : places)
      if (p.key == key && p.due <= now)
        taken.push_back(p.waiter);
      else
        left.push_back(p);
    places = left;
    return taken;
  }

  words leave(list::owner_id owner) {
    const auto before = keys();
    places.erase(std::remove_if(places.begin(), places.end(), [&](const place& p) { return p.owner == owner; }),
                 places.end());
    const auto after = keys();
    words unwanted;
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(unwanted));
    return unwanted;
  }
};

} // namespace

CAF_TEST(a list does what one row of places would) {
  constexpr std::uint64_t seed = 52;
  std::mt19937_64 random{seed};
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  for (auto round = 0; round < 200; ++round) {
    list subject;
    naive_list model;
    const auto check = [&](bool holds, const char* what) {
      if (!holds)
        CAF_FAIL("seed " << seed << ", round " << round << ": " << what);
    };
    auto now = start;
    for (auto step = 0; step < 200; ++step) {
      now += pick(3) * 1s;
      const std::string key(1, static_cast<char>('a' + pick(6)));
      const auto owner = list::owner_id{pick(5)};
      switch (pick(12)) {
      case 0:
        check(sorted(subject.leave(owner)) == model.leave(owner), "something else is unwanted");
        break;
      case 1:
        check(subject.take(key) == model.take_due(key, list::time_point::max()), "others are taken");
        break;
      case 2:
      case 3:
        check(subject.take_due(key, now) == model.take_due(key, now), "others are due");
        break;
      default: {
        const auto is_first = !model.anyone_for(key);
        const auto due = now + pick(20) * 1s;
        check(subject.join(key, owner, due, step) == is_first, "another is the first");
        model.places.push_back({key, owner, due, step});
      }
      }
      check(subject.anyone_for(key) == model.anyone_for(key), "wrong about who is there");
      check(subject.first_due(key) == model.first_due(key), "due at another time");
    }
  }
}
