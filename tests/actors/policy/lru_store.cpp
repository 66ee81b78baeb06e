#define CAF_SUITE lru_store

#include "actors/policy/lru_store.hpp"

#include <caf/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <utility>

namespace {

using base = dispatch::policy::lru_store<int, std::string>;

/// Sums up what has made room.
class store : public base {
public:
  using base::base;

  void insert(int key, std::string value, std::size_t bytes) {
    const auto gone = base::insert(key, std::move(value), bytes);
    evicted_ += gone.values;
    evicted_bytes_ += gone.bytes;
  }

  std::uint64_t evicted() const { return evicted_; }

  std::uint64_t evicted_bytes() const { return evicted_bytes_; }

private:
  std::uint64_t evicted_ = 0;
  std::uint64_t evicted_bytes_ = 0;
};

/// The value of `key`, which counts as used; "-" where there is none.
std::string get(store& subject, int key) {
  const auto* value = subject.find(key);
  return value ? *value : "-";
}

} // namespace

CAF_TEST(a store has nothing at first) {
  store subject{10};
  CAF_CHECK_EQUAL(get(subject, 1), "-");
  CAF_CHECK_EQUAL(subject.size(), 0u);
  CAF_CHECK_EQUAL(subject.bytes(), 0u);
  CAF_CHECK_EQUAL(subject.capacity(), 10u);
  CAF_CHECK_EQUAL(subject.evicted(), 0u);
  CAF_CHECK_EQUAL(subject.evicted_bytes(), 0u);
}

CAF_TEST(what something else takes makes values go and is free again) {
  base subject{10};
  for (auto key : {1, 2, 3, 4})
    subject.insert(key, std::to_string(key), 2);
  const auto gone = subject.reserve(5);
  CAF_CHECK_EQUAL(gone.values, 2u);
  CAF_CHECK_EQUAL(gone.bytes, 4u);
  CAF_CHECK_EQUAL(subject.bytes(), 4u);
  CAF_CHECK(subject.find(1) == nullptr);
  CAF_CHECK(subject.find(4) != nullptr);
  subject.insert(5, "5", 6);
  CAF_CHECK(subject.find(5) == nullptr);
  CAF_CHECK_EQUAL(subject.reserve(100).values, 2u);
  CAF_CHECK_EQUAL(subject.size(), 0u);
  CAF_CHECK_EQUAL(subject.reserve(0).values, 0u);
  subject.insert(6, "6", 10);
  CAF_CHECK(subject.find(6) != nullptr);
}

CAF_TEST(what was not used for longest goes first) {
  store subject{3};
  for (auto key : {1, 2, 3})
    subject.insert(key, std::to_string(key), 1);
  CAF_CHECK_EQUAL(get(subject, 1), "1");
  subject.insert(4, "4", 1);
  CAF_CHECK_EQUAL(get(subject, 2), "-");
  subject.insert(5, "5", 1);
  CAF_CHECK_EQUAL(get(subject, 3), "-");
  CAF_CHECK_EQUAL(get(subject, 1), "1");
  CAF_CHECK_EQUAL(get(subject, 4), "4");
  CAF_CHECK_EQUAL(get(subject, 5), "5");
}

CAF_TEST(looking for what is not there is no use of anything) {
  store subject{2};
  subject.insert(1, "1", 1);
  subject.insert(2, "2", 1);
  get(subject, 7);
  subject.insert(3, "3", 1);
  CAF_CHECK_EQUAL(get(subject, 1), "-");
  CAF_CHECK_EQUAL(get(subject, 2), "2");
}

CAF_TEST(as many go as have to and no more) {
  store subject{10};
  for (auto key : {1, 2, 3, 4})
    subject.insert(key, "", 2);
  subject.insert(5, "", 2);
  CAF_CHECK_EQUAL(subject.evicted(), 0u);
  CAF_CHECK_EQUAL(subject.bytes(), 10u);
  subject.insert(6, "", 3);
  CAF_CHECK_EQUAL(subject.evicted(), 2u);
  CAF_CHECK_EQUAL(subject.evicted_bytes(), 4u);
  CAF_CHECK_EQUAL(subject.size(), 4u);
  CAF_CHECK_EQUAL(subject.bytes(), 9u);
}

CAF_TEST(a value that takes all the room is kept alone) {
  store subject{10};
  for (auto key : {1, 2, 3})
    subject.insert(key, "", 3);
  subject.insert(4, "4", 10);
  CAF_CHECK_EQUAL(get(subject, 4), "4");
  CAF_CHECK_EQUAL(subject.size(), 1u);
  CAF_CHECK_EQUAL(subject.bytes(), 10u);
}

CAF_TEST(a value that does not fit costs no other its place) {
  store subject{10};
  subject.insert(1, "1", 5);
  subject.insert(2, "2", 5);
  subject.insert(3, "3", 11);
  subject.insert(4, "4", static_cast<std::size_t>(-1));
  CAF_CHECK_EQUAL(get(subject, 3), "-");
  CAF_CHECK_EQUAL(get(subject, 4), "-");
  CAF_CHECK_EQUAL(get(subject, 1), "1");
  CAF_CHECK_EQUAL(get(subject, 2), "2");
  CAF_CHECK_EQUAL(subject.evicted(), 0u);
}

CAF_TEST(a value that does not fit leaves no old one of its key behind) {
  store subject{10};
  subject.insert(1, "old", 5);
  subject.insert(2, "other", 5);
  subject.insert(1, "new", 11);
  CAF_CHECK_EQUAL(get(subject, 1), "-");
  CAF_CHECK_EQUAL(get(subject, 2), "other");
  CAF_CHECK_EQUAL(subject.bytes(), 5u);
}

CAF_TEST(capacity 0 keeps nothing) {
  store subject{0};
  subject.insert(1, "1", 1);
  CAF_CHECK_EQUAL(get(subject, 1), "-");
  CAF_CHECK_EQUAL(subject.size(), 0u);
  CAF_CHECK_EQUAL(subject.evicted(), 0u);
}

CAF_TEST(a value takes the place of one of the same key) {
  store subject{10};
  subject.insert(1, "old", 6);
  subject.insert(2, "other", 4);
  // There is room for it only where the old one is gone.
  subject.insert(1, "new", 5);
  CAF_CHECK_EQUAL(subject.size(), 2u);
  CAF_CHECK_EQUAL(subject.bytes(), 9u);
  CAF_CHECK_EQUAL(subject.evicted(), 0u);
  CAF_CHECK_EQUAL(get(subject, 1), "new");
  CAF_CHECK_EQUAL(get(subject, 2), "other");
}

CAF_TEST(replacing a value is a use) {
  store subject{2};
  subject.insert(1, "1", 1);
  subject.insert(2, "2", 1);
  subject.insert(1, "1 again", 1);
  subject.insert(3, "3", 1);
  CAF_CHECK_EQUAL(get(subject, 2), "-");
  CAF_CHECK_EQUAL(get(subject, 1), "1 again");
}

CAF_TEST(what is outdated is dropped and not counted as evicted) {
  store subject{100};
  for (auto key = 0; key < 10; ++key)
    subject.insert(key, std::to_string(key), 3);
  subject.erase_if([](int key) { return key % 3 == 0; });
  CAF_CHECK_EQUAL(subject.size(), 6u);
  CAF_CHECK_EQUAL(subject.bytes(), 18u);
  CAF_CHECK_EQUAL(subject.evicted(), 0u);
  CAF_CHECK_EQUAL(subject.evicted_bytes(), 0u);
  CAF_CHECK_EQUAL(get(subject, 9), "-");
  CAF_CHECK_EQUAL(get(subject, 8), "8");
  subject.erase_if([](int) { return true; });
  CAF_CHECK_EQUAL(subject.size(), 0u);
  CAF_CHECK_EQUAL(subject.bytes(), 0u);
}

CAF_TEST(what is dropped is let go of) {
  dispatch::policy::lru_store<std::string, std::shared_ptr<int>> subject{2};
  const auto value = std::make_shared<int>(1);
  subject.insert("a", value, 1);
  subject.insert("b", value, 1);
  CAF_CHECK_EQUAL(value.use_count(), 3);
  subject.insert("c", nullptr, 1);
  CAF_CHECK_EQUAL(value.use_count(), 2);
  subject.insert("b", nullptr, 1);
  CAF_CHECK_EQUAL(value.use_count(), 1);
}

// -- comparison with a model ------------------------------------------------------------------------------------------

namespace {

/// The same in the plainest words: one list, looked through from the front.
struct naive_store {
  struct entry {
    int key;
    std::string value;
    std::size_t bytes;
  };

  std::size_t capacity;
  std::list<entry> entries{};
  std::uint64_t evicted = 0;
  std::uint64_t evicted_bytes = 0;

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& e : entries)
      sum += e.bytes;
    return sum;
  }

  std::string get(int key) {
    for (auto i = entries.begin(); i != entries.end(); ++i)
      if (i->key == key) {
        const auto used = *i;
        entries.erase(i);
        entries.push_back(used);
        return used.value;
      }
    return "-";
  }

  void insert(int key, const std::string& value, std::size_t size) {
    entries.remove_if([&](const entry& e) { return e.key == key; });
    if (size > capacity)
      return;
    for (; bytes() + size > capacity; entries.pop_front()) {
      ++evicted;
      evicted_bytes += entries.front().bytes;
    }
    entries.push_back({key, value, size});
  }
};

} // namespace

CAF_TEST(a store does what a plain list would) {
  constexpr std::uint64_t seed = 51;
  std::mt19937_64 random{seed};
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  for (auto round = 0; round < 200; ++round) {
    const auto capacity = pick(4) == 0 ? pick(3) : pick(100);
    store subject{capacity};
    naive_store model{capacity};
    for (auto step = 0; step < 200; ++step) {
      const auto key = static_cast<int>(pick(12));
      const auto action = pick(20);
      if (action == 0) {
        const auto is_outdated = [&](int k) { return k % 4 == key % 4; };
        subject.erase_if(is_outdated);
        model.entries.remove_if([&](const naive_store::entry& e) { return is_outdated(e.key); });
      } else if (action < 10) {
        const auto bytes = pick(action == 1 ? 150 : 30);
        subject.insert(key, std::to_string(step), bytes);
        model.insert(key, std::to_string(step), bytes);
      } else if (get(subject, key) != model.get(key)) {
        CAF_FAIL("seed " << seed << ", round " << round << ": another value of key " << key);
      }
      if (subject.size() != model.entries.size() || subject.bytes() != model.bytes()
          || subject.evicted() != model.evicted || subject.evicted_bytes() != model.evicted_bytes)
        CAF_FAIL("seed " << seed << ", round " << round << ": a wrong count");
    }
    for (auto key = 0; key < 12; ++key)
      CAF_REQUIRE_EQUAL(get(subject, key), model.get(key));
  }
}
