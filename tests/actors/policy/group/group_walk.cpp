#define CAF_SUITE group_walk

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "actors/policy/group/group_ledger.hpp"
#include "actors/policy/group/group_share.hpp"
#include "tests/actors/policy/group/group_fixture.hpp"

/// @file
/// Random walks of a group over several dispatchers: members join, leave and die, acknowledge late, twice or out of
/// order, answers of the store are lost, dispatchers die and come again.

using namespace dispatch;
using namespace std::chrono_literals;
using policy::group_ledger;
using policy::group_share;

namespace {

/// A batch that a member was given.
struct given_batch {
  handed_batch handed;
  bool was_sent = false;
};

struct dispatcher {
  std::int64_t generation;
  group_share share;
  std::map<member_id, std::vector<given_batch>> members;
};

class walk {
public:
  struct options {
    std::int64_t samples = 300;
    std::uint64_t epochs = 2;
    bool has_barrier = false;
    bool has_faults = true;
    std::size_t dispatchers = 3;
    std::uint32_t max_deliver = 0;
  };

  walk(std::uint64_t seed, options opts) : options_(opts), random_(seed) {
    auto spec = spec_of(opts.samples, opts.epochs);
    spec.has_barrier = opts.has_barrier;
    state_ = state_of(spec);
    for (std::size_t i = 0; i < opts.dispatchers; ++i)
      dispatchers_.push_back(new_dispatcher());
    left_ = opts.samples * static_cast<std::int64_t>(opts.epochs);
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i)
      step();
  }

  /// Nothing fails any more. @returns whether everything came to its end
  bool finish() {
    options_.has_faults = false;
    for (int i = 0; i < 20'000; ++i) {
      if (group_ledger{state_}.progress().is_over)
        return true;
      step();
    }
    return false;
  }

  const kept_group& state() const { return state_; }

  /// How often each batch was sent to a member.
  const std::map<group_batch, int>& sent() const { return sent_; }

  const std::set<group_batch>& acked() const { return acked_; }

  /// Batches of the present generation.
  std::size_t batches() const { return static_cast<std::size_t>(left_); }

  bool was_marked() const { return was_marked_; }

private:
  bool one_in(int n) { return std::uniform_int_distribution<int>{1, n}(random_) == 1; }
  std::size_t up_to(std::size_t most) { return std::uniform_int_distribution<std::size_t>{0, most}(random_); }

  dispatcher new_dispatcher() {
    const auto name = "d" + std::to_string(started_++);
    const auto generation = state_.group.generation;
    return {generation, group_share{"run", generation, {name, 10s, 30s, options_.max_deliver}}, {}};
  }

  void step() {
    pass_time();
    auto& at = dispatchers_[up_to(dispatchers_.size() - 1)];
    if (at.members.size() < 4 && one_in(10))
      at.members[at.share.join("m", now_)];
    for (auto& [id, batches] : at.members)
      move(at, id, batches);
    if (one_in(3))
      sync(at);
    hand_out(at);
    if (options_.has_faults)
      fail(at);
  }

  void pass_time() {
    std::chrono::milliseconds passed{up_to(options_.has_faults ? 1000 : 100)};
    if (options_.has_faults && one_in(200))
      passed = 40s;
    now_ += passed;
    // The store's clock is another one, and may jump.
    store_now_ += passed;
    if (options_.has_faults && one_in(200))
      store_now_ += 15s;
  }

  void move(dispatcher& at, member_id id, std::vector<given_batch>& batches) {
    at.share.note_alive(id, now_);
    if (one_in(2))
      at.share.want(id, up_to(4));
    for (auto& each : batches)
      if (!each.was_sent && one_in(2))
        send(each, at.generation);
    acknowledge(at, id, batches);
  }

  void send(given_batch& each, std::int64_t generation) {
    each.was_sent = true;
    if (generation != state_.group.generation)
      return;
    ++sent_[each.handed.batch];
    // Of two dispatchers that both think they have a lease, one has marked it.
    if (!each.handed.is_redelivered)
      CAF_REQUIRE(sent_unmarked_.insert(each.handed.batch).second);
  }

  void acknowledge(dispatcher& at, member_id id, std::vector<given_batch>& batches) {
    std::vector<group_batch> used;
    for (auto each = batches.begin(); each != batches.end();) {
      if (!each->was_sent || !one_in(3)) {
        ++each;
        continue;
      }
      used.push_back(each->handed.batch);
      each = options_.has_faults && one_in(10) ? std::next(each) : batches.erase(each);
    }
    at.share.ack(id, used);
    if (at.generation == state_.group.generation)
      acked_.insert(used.begin(), used.end());
  }

  void sync(dispatcher& at) {
    const auto said = at.share.say();
    if (options_.has_faults && one_in(10))
      return at.share.not_synced();
    const auto answer = group_ledger{state_}.sync(said, store_now_);
    if (options_.has_faults && one_in(10))
      return at.share.not_synced();
    if (answer.progress.generation != at.generation)
      at = new_dispatcher();
    else
      at.share.synced(answer, now_);
  }

  void hand_out(dispatcher& at) {
    if (!at.share.has_leases(now_))
      return;
    for (const auto& each : at.share.hand_out(now_))
      for (const auto& handed : each.batches) {
        was_marked_ = was_marked_ || handed.is_redelivered;
        at.members.at(each.to).push_back({handed, false});
      }
  }

  void fail(dispatcher& at) {
    if (!at.members.empty() && one_in(20)) {
      const auto who = std::next(at.members.begin(), static_cast<std::ptrdiff_t>(up_to(at.members.size() - 1)));
      leave(at, who->first, one_in(2));
    }
    if (one_in(20)) {
      // Members that say nothing for too long.
      now_ += one_in(10) ? 31s : 0s;
      at.share.take_back_overdue(now_);
    }
    if (one_in(100))
      kill(at);
    if (one_in(1000))
      seek();
  }

  void leave(dispatcher& at, member_id who, bool is_in_order) {
    std::vector<group_batch> untouched;
    for (auto& each : at.members.at(who))
      if (!each.was_sent && is_in_order)
        untouched.push_back(each.handed.batch);
      else if (!each.was_sent && one_in(2))
        send(each, at.generation);
    at.share.leave(who, untouched);
    at.members.erase(who);
  }

  void kill(dispatcher& at) {
    for (auto& [id, batches] : at.members)
      for (auto& each : batches)
        if (!each.was_sent && one_in(2))
          send(each, at.generation);
    at = new_dispatcher();
  }

  /// Everything from a place on is to be given out again.
  void seek() {
    const auto epoch = up_to(options_.epochs - 1);
    const auto position = static_cast<std::int64_t>(up_to(static_cast<std::size_t>(options_.samples - 1)));
    group_ledger{state_}.seek(epoch, position);
    left_ = options_.samples * static_cast<std::int64_t>(options_.epochs - epoch) - position;
    sent_.clear();
    sent_unmarked_.clear();
    acked_.clear();
  }

  options options_;
  std::mt19937_64 random_;
  kept_group state_;
  std::vector<dispatcher> dispatchers_;
  int started_ = 0;
  group_share::time_point now_{1000s};
  store_time store_now_{5000s};
  std::map<group_batch, int> sent_;
  std::set<group_batch> sent_unmarked_;
  std::set<group_batch> acked_;
  bool was_marked_ = false;
  std::int64_t left_ = 0;
};

/// Everything that was promised, at the end.
void check_end(const walk& at) {
  const auto& group = at.state().group;
  CAF_CHECK_EQUAL(group.acked + group.parked, at.batches());
  CAF_CHECK_LESS_OR_EQUAL(group.acked, at.acked().size());
  CAF_CHECK_GREATER_OR_EQUAL(at.acked().size() + group.parked, at.batches());
  CAF_CHECK(at.state().leases.empty());
}

} // namespace

CAF_TEST(without faults each batch is delivered exactly once) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    walk::options options;
    options.has_faults = false;
    options.has_barrier = seed % 2 == 1;
    options.dispatchers = 1 + seed % 3;
    options.samples = 1 + static_cast<std::int64_t>(seed * 17);
    walk walking{seed, options};
    CAF_REQUIRE(walking.finish());
    check_end(walking);
    CAF_CHECK(!walking.was_marked());
    CAF_CHECK_EQUAL(walking.acked().size(), walking.batches());
    CAF_CHECK_EQUAL(walking.sent().size(), static_cast<std::size_t>(options.samples) * options.epochs);
    for (const auto& [batch, times] : walking.sent())
      CAF_CHECK_EQUAL(times, 1);
  }
}

CAF_TEST(with faults each batch is acknowledged and what comes twice is marked) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    walk::options options;
    options.has_barrier = seed % 2 == 1;
    options.dispatchers = 1 + seed % 3;
    options.samples = 1 + static_cast<std::int64_t>(seed * 3);
    options.max_deliver = seed % 5 == 4 ? 3 : 0;
    walk walking{seed, options};
    walking.run(1500);
    CAF_REQUIRE(walking.finish());
    check_end(walking);
    if (options.max_deliver == 0)
      CAF_CHECK_EQUAL(walking.acked().size(), walking.batches());
  }
}

CAF_TEST(a group takes memory for what is out) {
  walk::options options;
  options.samples = 100'000;
  walk walking{7, options};
  for (int i = 0; i < 200; ++i) {
    walking.run(50);
    // Twelve members hold at most some hundred batches each, and a few leases are split.
    CAF_REQUIRE_LESS(walking.state().leases.size(), 200u);
  }
  CAF_CHECK_GREATER(walking.state().group.next.number, 10);
}
