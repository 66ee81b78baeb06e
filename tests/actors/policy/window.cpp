#define CAF_SUITE window

#include "actors/policy/window.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::pass_position;

namespace {

/// Frames are their own index; failures say what they are.
using window = dispatch::policy::window<std::int32_t, std::string>;

const window::time_point start{};

std::vector<std::int32_t> ask_all(window& subject, window::time_point now = start) {
  std::vector<std::int32_t> asked;
  while (const auto index = subject.ask(now))
    asked.push_back(*index);
  return asked;
}

/// What leaves the window now: "3" for a frame, "3." for the last, a failure's text for a failure.
std::vector<std::string> take_all(window& subject) {
  std::vector<std::string> taken;
  while (const auto next = subject.next()) {
    if (const auto* failure = std::get_if<std::string>(&*next)) {
      taken.push_back(*failure);
      break;
    }
    const auto& ready = std::get<window::delivery>(*next);
    taken.push_back(std::to_string(ready.batch) + (ready.last ? "." : ""));
  }
  return taken;
}

pass_position certain(std::int32_t total, std::int32_t first = 0) {
  pass_position result{std::nullopt, first};
  result.settle_total(total);
  return result;
}

bool arrive(window& subject, std::int32_t index, bool marked_last = false) {
  return subject.arrived(index, index, {marked_last, false});
}

bool arrive_empty(window& subject, std::int32_t index, bool marked_last) {
  return subject.arrived(index, index, {marked_last, true});
}

bool out_of_range(window& subject, std::int32_t index) {
  return subject.failed(index, "out of range", true);
}

using indices = std::vector<std::int32_t>;
using words = std::vector<std::string>;

} // namespace

// -- asking -----------------------------------------------------------------------------------------------------------

CAF_TEST(as many batches are asked for as there is room) {
  window subject{3, pass_position{10}};
  CAF_CHECK_EQUAL(ask_all(subject), (indices{0, 1, 2}));
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
}

CAF_TEST(nothing behind the total is asked for) {
  window subject{8, pass_position{2}};
  CAF_CHECK_EQUAL(ask_all(subject), (indices{0, 1}));
}

CAF_TEST(what is buffered or unsent takes room until it is written) {
  window subject{3, pass_position{10}};
  ask_all(subject);
  arrive(subject, 1);
  arrive(subject, 0);
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1"}));
  CAF_CHECK_EQUAL(subject.unsent(), 2u);
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
  subject.written(1);
  CAF_CHECK_EQUAL(subject.unsent(), 1u);
  CAF_CHECK_EQUAL(ask_all(subject), indices{3});
}

CAF_TEST(more frames written than there are leave no room that is not there) {
  window subject{2, pass_position{10}};
  ask_all(subject);
  arrive(subject, 0);
  take_all(subject);
  subject.written(100);
  CAF_CHECK_EQUAL(subject.unsent(), 0u);
  CAF_CHECK_EQUAL(ask_all(subject), indices{2});
}

CAF_TEST(one more is asked for when a batch cannot be placed without it) {
  window subject{1, pass_position{}};
  CAF_CHECK_EQUAL(ask_all(subject), indices{0});
  arrive(subject, 0);
  CAF_CHECK_EQUAL(take_all(subject), words{});
  CAF_CHECK_EQUAL(ask_all(subject), indices{1});
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
  arrive(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), words{"0"});
}

CAF_TEST(a consumer that does not read stops the asking where the total is unknown too) {
  for (const std::size_t capacity : {1, 2, 8}) {
    window subject{capacity, pass_position{}};
    std::size_t asked = 0;
    for (auto i = 0; i < 100; ++i) {
      for (const auto index : ask_all(subject)) {
        ++asked;
        arrive(subject, index);
      }
      take_all(subject);
    }
    CAF_CHECK_EQUAL(asked, capacity + 1);
    // It goes on where it stopped once something is read.
    subject.written(1);
    CAF_CHECK_EQUAL(ask_all(subject), indices{static_cast<std::int32_t>(capacity + 1)});
  }
}

// -- answers ----------------------------------------------------------------------------------------------------------

CAF_TEST(answers leave in order whatever order they come in) {
  window subject{4, certain(4)};
  ask_all(subject);
  arrive(subject, 3);
  arrive(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), words{});
  arrive(subject, 0);
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1"}));
  arrive(subject, 2);
  CAF_CHECK_EQUAL(take_all(subject), (words{"2", "3."}));
  CAF_CHECK(subject.position().done());
  CAF_CHECK_EQUAL(take_all(subject), words{});
}

CAF_TEST(an answer that nobody asked for is not taken) {
  window subject{2, pass_position{10}};
  CAF_CHECK(!arrive(subject, 0));
  ask_all(subject);
  for (const auto index :
       {-1, 2, 9, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()}) {
    CAF_CHECK(!arrive(subject, index));
    CAF_CHECK(!subject.failed(index, "late", false));
  }
  CAF_CHECK_EQUAL(take_all(subject), words{});
}

CAF_TEST(an answer counts once) {
  window subject{2, pass_position{10}};
  ask_all(subject);
  CAF_CHECK(arrive(subject, 1));
  CAF_CHECK(!arrive(subject, 1));
  CAF_CHECK(!subject.failed(1, "too late to fail", false));
  CAF_CHECK(arrive(subject, 0));
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1"}));
}

CAF_TEST(an answer for a batch that has left is late) {
  window subject{2, pass_position{10}};
  ask_all(subject);
  arrive(subject, 0);
  take_all(subject);
  CAF_CHECK(!arrive(subject, 0));
  CAF_CHECK(!subject.failed(0, "late", false));
  CAF_CHECK(!subject.ask_again(0, start));
}

CAF_TEST(a refused failure does not stop the asking) {
  window subject{2, pass_position{10}};
  ask_all(subject);
  subject.failed(7, "unknown", false);
  arrive(subject, 0);
  take_all(subject);
  subject.written(1);
  CAF_CHECK_EQUAL(ask_all(subject), indices{2});
}

// -- the end ----------------------------------------------------------------------------------------------------------

CAF_TEST(with a total that is certain the last batch does not wait) {
  window subject{8, certain(2)};
  ask_all(subject);
  arrive(subject, 0);
  arrive(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1."}));
}

CAF_TEST(a mark on the last batch of an unknown total waits for the answer behind it) {
  window subject{2, pass_position{}};
  ask_all(subject);
  arrive(subject, 0, true);
  CAF_CHECK_EQUAL(take_all(subject), words{});
  out_of_range(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), words{"0."});
}

CAF_TEST(a mark that comes early is not believed) {
  window subject{8, pass_position{}};
  ask_all(subject);
  arrive(subject, 0, true);
  CAF_CHECK_EQUAL(take_all(subject), words{});
  arrive(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), words{"0"});
  arrive(subject, 2, true);
  out_of_range(subject, 3);
  CAF_CHECK_EQUAL(take_all(subject), (words{"1", "2."}));
}

CAF_TEST(a total that is certain beats marks and what is behind them) {
  window subject{8, certain(3)};
  ask_all(subject);
  arrive(subject, 0, true);
  CAF_CHECK_EQUAL(take_all(subject), words{"0"});
  arrive(subject, 1, true);
  out_of_range(subject, 2);
  CAF_CHECK_EQUAL(take_all(subject), (words{"1", "out of range"}));
}

CAF_TEST(the first batch may show that there are fewer batches than were asked for) {
  window subject{8, pass_position{34}};
  CAF_CHECK_EQUAL(ask_all(subject).size(), 8u);
  out_of_range(subject, 2);
  subject.settle_total(2);
  arrive(subject, 0);
  arrive(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1."}));
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
}

CAF_TEST(the first batch may show that there are more batches than were expected) {
  window subject{8, pass_position{1}};
  CAF_CHECK_EQUAL(ask_all(subject), indices{0});
  subject.settle_total(3);
  arrive(subject, 0, true);
  CAF_CHECK_EQUAL(take_all(subject), words{"0"});
  CAF_CHECK_EQUAL(ask_all(subject), (indices{1, 2}));
}

CAF_TEST(where a total is expected and there is no mark the batch behind it is asked for) {
  window subject{8, pass_position{2}};
  CAF_CHECK_EQUAL(ask_all(subject), (indices{0, 1}));
  arrive(subject, 0);
  arrive(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), words{"0"});
  CAF_CHECK_EQUAL(ask_all(subject), indices{2});
  arrive(subject, 2);
  CAF_CHECK_EQUAL(take_all(subject), words{"1"});
  CAF_CHECK_EQUAL(ask_all(subject), indices{3});
  out_of_range(subject, 3);
  CAF_CHECK_EQUAL(take_all(subject), words{"2."});
}

CAF_TEST(where a total is expected and marked nothing behind it is asked for) {
  window subject{8, pass_position{2}};
  ask_all(subject);
  arrive(subject, 0);
  arrive(subject, 1, true);
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1."}));
}

CAF_TEST(behind the end a service may answer with empty last batches for ever) {
  window subject{4, pass_position{}};
  ask_all(subject);
  arrive(subject, 0);
  arrive(subject, 1, true);
  CAF_CHECK_EQUAL(take_all(subject), words{"0"});
  arrive_empty(subject, 2, true);
  arrive_empty(subject, 3, true);
  CAF_CHECK_EQUAL(take_all(subject), words{"1."});
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
}

CAF_TEST(an empty batch in the middle ends nothing) {
  window subject{4, pass_position{}};
  ask_all(subject);
  arrive(subject, 0, true);
  arrive_empty(subject, 1, false);
  arrive(subject, 2, true);
  out_of_range(subject, 3);
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1", "2."}));
}

CAF_TEST(a last batch without a mark is found by what is behind it) {
  window subject{4, pass_position{}};
  ask_all(subject);
  out_of_range(subject, 3);
  out_of_range(subject, 2);
  arrive(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), words{});
  arrive(subject, 0);
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1."}));
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
}

CAF_TEST(a total that is expected is corrected by a mark and the end of the range) {
  window subject{4, pass_position{100}};
  ask_all(subject);
  arrive(subject, 0);
  arrive(subject, 1, true);
  out_of_range(subject, 2);
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1."}));
}

CAF_TEST(the end of the range before a total that is expected is a failure) {
  window subject{4, pass_position{100}};
  ask_all(subject);
  arrive(subject, 0);
  out_of_range(subject, 1);
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "out of range"}));
}

CAF_TEST(a failure behind a marked batch is a failure and no end) {
  for (const auto total : {std::optional<std::int32_t>{10}, std::optional<std::int32_t>{}}) {
    window subject{2, pass_position{total}};
    ask_all(subject);
    arrive(subject, 0, true);
    subject.failed(1, "boom", false);
    CAF_CHECK_EQUAL(take_all(subject), (words{"0", "boom"}));
  }
}

CAF_TEST(an empty dataset is a failure) {
  window subject{2, pass_position{}};
  ask_all(subject);
  out_of_range(subject, 0);
  CAF_CHECK_EQUAL(take_all(subject), words{"out of range"});
}

CAF_TEST(nothing is asked for behind the last) {
  window subject{4, certain(1)};
  ask_all(subject);
  arrive(subject, 0);
  CAF_CHECK_EQUAL(take_all(subject), words{"0."});
  subject.written(1);
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
}

// -- failures ---------------------------------------------------------------------------------------------------------

CAF_TEST(a failure in the middle comes after what is before it) {
  for (const auto total : {std::optional<std::int32_t>{10}, std::optional<std::int32_t>{}}) {
    window subject{4, pass_position{total}};
    ask_all(subject);
    CAF_CHECK(subject.failed(2, "boom", false));
    CAF_CHECK_EQUAL(take_all(subject), words{});
    arrive(subject, 3);
    arrive(subject, 1);
    arrive(subject, 0);
    CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1", "boom"}));
    CAF_CHECK_EQUAL(subject.position().index(), 2);
    CAF_CHECK(!subject.position().done());
  }
}

CAF_TEST(nothing new is asked for behind a failure) {
  window subject{2, pass_position{10}};
  ask_all(subject);
  subject.failed(1, "boom", false);
  arrive(subject, 0);
  take_all(subject);
  subject.written(1);
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
}

// -- time -------------------------------------------------------------------------------------------------------------

CAF_TEST(the last index that there is can be asked for and delivered) {
  constexpr auto last = std::numeric_limits<std::int32_t>::max() - 1;
  window subject{8, pass_position{std::nullopt, last - 1}};
  CAF_CHECK_EQUAL(ask_all(subject), (indices{last - 1, last}));
  arrive(subject, last - 1);
  arrive(subject, last);
  CAF_CHECK_EQUAL(take_all(subject), (words{std::to_string(last - 1), std::to_string(last)}));
  CAF_CHECK_EQUAL(ask_all(subject), indices{});
  CAF_CHECK(subject.position().exhausted());
}

CAF_TEST(a total of as many batches as there are indices is delivered whole) {
  constexpr auto total = std::numeric_limits<std::int32_t>::max();
  window subject{8, certain(total, total - 2)};
  CAF_CHECK_EQUAL(ask_all(subject), (indices{total - 2, total - 1}));
  arrive(subject, total - 2);
  arrive(subject, total - 1);
  CAF_CHECK_EQUAL(take_all(subject), (words{std::to_string(total - 2), std::to_string(total - 1) + "."}));
}

CAF_TEST(the batch that is awaited for too long is the first of them) {
  window subject{3, pass_position{10}};
  subject.ask(start);
  subject.ask(start + 5s);
  subject.ask(start + 5s);
  CAF_CHECK(subject.awaited_since(start - 1s) == std::nullopt);
  CAF_CHECK(subject.awaited_since(start) == 0);
  arrive(subject, 0);
  CAF_CHECK(subject.awaited_since(start + 4s) == std::nullopt);
  CAF_CHECK(subject.awaited_since(start + 5s) == 1);
  take_all(subject);
  CAF_CHECK(subject.awaited_since(start + 5s) == 1);
}

CAF_TEST(asking again starts the time again) {
  window subject{2, pass_position{10}};
  ask_all(subject);
  CAF_CHECK(subject.ask_again(0, start + 3s));
  CAF_CHECK(!subject.ask_again(2, start + 3s));
  CAF_CHECK(subject.awaited_since(start + 2s) == 1);
  CAF_CHECK(arrive(subject, 1));
  CAF_CHECK(!subject.ask_again(1, start + 3s));
  CAF_CHECK(subject.awaited_since(start + 2s) == std::nullopt);
  CAF_CHECK(subject.awaited_since(start + 3s) == 0);
  CAF_CHECK(arrive(subject, 0));
  CAF_CHECK_EQUAL(take_all(subject), (words{"0", "1"}));
}

CAF_TEST(the batch behind the next is waited for as well where the next cannot be placed without it) {
  window subject{3, pass_position{}};
  ask_all(subject);
  CAF_CHECK(!subject.is_next(1));
  arrive(subject, 0);
  CAF_CHECK(subject.is_next(0));
  CAF_CHECK(subject.is_next(1));
  CAF_CHECK(!subject.is_next(2));
}

CAF_TEST(the next batch is the one at the position) {
  window subject{2, pass_position{10}};
  ask_all(subject);
  CAF_CHECK(subject.is_next(0));
  CAF_CHECK(!subject.is_next(1));
  arrive(subject, 0);
  take_all(subject);
  CAF_CHECK(subject.is_next(1));
}

// -- whole passes -----------------------------------------------------------------------------------------------------

namespace {

enum class total_kind { certain, expected, too_high, unknown };

/// A dataset service with faults of its own, a consumer that reads when it likes, and a window between them.
class simulated_pass {
public:
  simulated_pass(std::uint64_t seed, int round)
    : where_("seed " + std::to_string(seed) + ", round " + std::to_string(round)),
      random_(seed + static_cast<std::uint64_t>(round)),
      batches_(1 + static_cast<std::int32_t>(pick(40))),
      capacity_(1 + pick(10)),
      totals_(static_cast<total_kind>(pick(4))) {
    // A total that is too high has only the mark to say where the end is; otherwise the marks may be any nonsense.
    const auto habit = pick(4);
    for (std::int32_t i = 0; i < batches_; ++i)
      marks_.push_back(habit == 0 ? false : habit == 1 ? i == batches_ - 1 : pick(habit == 2 ? 2 : 10) == 0);
    if (totals_ == total_kind::too_high)
      marks_.back() = true;
  }

  /// Makes batch `index` fail for good.
  void break_one() { broken_ = static_cast<std::int32_t>(pick(static_cast<std::size_t>(batches_))); }

  void run() {
    window subject{capacity_, totals_ == total_kind::certain ? certain(batches_) : pass_position{total()}};
    while (!over_) {
      const auto idle = !ask(subject) && awaited_.empty() && subject.unsent() == 0;
      answer(subject);
      deliver(subject);
      read(subject);
      check_bound(subject);
      if (idle && !over_ && !ask(subject))
        fail("stuck at batch " + std::to_string(delivered_));
    }
    if (delivered_ != broken_.value_or(batches_))
      fail(std::to_string(delivered_) + " batches delivered");
    if (ask(subject) || subject.next().has_value() != failed_)
      fail("it goes on after its end");
  }

private:
  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

  std::optional<std::int32_t> total() {
    if (totals_ == total_kind::unknown)
      return std::nullopt;
    return batches_ + (totals_ == total_kind::too_high ? 1 + static_cast<std::int32_t>(pick(20)) : 0);
  }

  bool ask(window& subject) {
    auto any = false;
    for (auto times = pick(5) + 1; times > 0; --times) {
      const auto index = subject.ask(start);
      if (!index)
        break;
      if (*index != asked_)
        fail("batch " + std::to_string(*index) + " asked for instead of " + std::to_string(asked_));
      ++asked_;
      awaited_.push_back(*index);
      any = true;
    }
    check_bound(subject);
    return any;
  }

  void answer(window& subject) {
    for (auto times = pick(4); times > 0 && !awaited_.empty(); --times) {
      const auto chosen = awaited_.begin() + static_cast<std::ptrdiff_t>(pick(awaited_.size()));
      const auto index = *chosen;
      awaited_.erase(chosen);
      if (!answer_one(subject, index))
        fail("the answer for batch " + std::to_string(index) + " was refused");
      if (pick(4) == 0 && answer_one(subject, index))
        fail("a second answer for batch " + std::to_string(index) + " was taken");
    }
    if (pick(8) == 0 && answer_one(subject, asked_ + static_cast<std::int32_t>(pick(3))))
      fail("an answer that nobody asked for was taken");
  }

  bool answer_one(window& subject, std::int32_t index) {
    if (index == broken_)
      return subject.failed(index, "boom", false);
    if (index >= batches_)
      return out_of_range(subject, index);
    return arrive(subject, index, marks_[static_cast<std::size_t>(index)]);
  }

  void deliver(window& subject) {
    while (!over_) {
      const auto next = subject.next();
      if (!next)
        return;
      if (const auto* failure = std::get_if<std::string>(&*next)) {
        over_ = failed_ = true;
        if (delivered_ != broken_ || *failure != "boom")
          fail(*failure + " instead of batch " + std::to_string(delivered_));
        return;
      }
      const auto& ready = std::get<window::delivery>(*next);
      if (ready.batch != delivered_)
        fail("batch " + std::to_string(ready.batch) + " instead of " + std::to_string(delivered_));
      if (ready.last != (delivered_ == batches_ - 1))
        fail("batch " + std::to_string(delivered_) + " of " + std::to_string(batches_) + " has the wrong end mark");
      ++delivered_;
      over_ = ready.last;
    }
  }

  void read(window& subject) {
    const auto frames = pick(subject.unsent() + 1);
    subject.written(frames);
    read_ += static_cast<std::int32_t>(frames);
    if (static_cast<std::size_t>(delivered_ - read_) != subject.unsent())
      fail("wrong count of unsent frames");
  }

  /// Requested, buffered and unsent together: the capacity, and one more only where the end is not known beforehand.
  void check_bound(const window& subject) {
    const auto held = static_cast<std::size_t>(asked_ - delivered_) + subject.unsent();
    const auto marked = std::find(marks_.begin(), marks_.end(), true) != marks_.end();
    const auto may_look_ahead = totals_ == total_kind::unknown || totals_ == total_kind::expected || marked;
    if (held > capacity_ + (may_look_ahead ? 1 : 0))
      fail(std::to_string(held) + " held with a capacity of " + std::to_string(capacity_));
  }

  [[noreturn]] void fail(const std::string& what) { CAF_FAIL(where_ << ": " << what); }

  std::string where_;
  std::mt19937_64 random_;
  std::int32_t batches_;
  std::size_t capacity_;
  total_kind totals_;
  std::vector<bool> marks_;
  std::optional<std::int32_t> broken_;
  std::vector<std::int32_t> awaited_;
  std::int32_t asked_ = 0;
  std::int32_t delivered_ = 0;
  std::int32_t read_ = 0;
  bool over_ = false;
  bool failed_ = false;
};

} // namespace

CAF_TEST(every pass delivers every batch once and in order and marks the last) {
  for (auto round = 0; round < 2000; ++round)
    simulated_pass{1000, round}.run();
}

CAF_TEST(a broken batch ends a pass after all that is before it) {
  for (auto round = 0; round < 1000; ++round) {
    simulated_pass subject{5000, round};
    subject.break_one();
    subject.run();
  }
}
