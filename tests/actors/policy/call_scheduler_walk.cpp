#define CAF_SUITE call_scheduler_walk

#include "actors/policy/call_scheduler.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/actors/policy/scheduling.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;
using dispatch::policy::call_scheduler;
using dispatch::policy::fault;
using dispatch::policy::fetcher_id;
using dispatch::policy::pause_apart;
using dispatch::policy::pause_before_retry;
using dispatch::policy::ticket;
using dispatch::policy::upstream_id;
using dispatch::policy::verdict;

namespace {

/// Does everything that can be done to a scheduler in random order, keeps an account of its own, and compares.
class random_walk {
public:
  random_walk(std::uint64_t seed, int round)
    : where_("seed " + std::to_string(seed) + ", round " + std::to_string(round)),
      random_(seed + static_cast<std::uint64_t>(round)),
      options_{fixed_limits(random_limits()), 1 + static_cast<int>(pick(4))},
      scheduler_(options_) {}

  /// Returns how much work there was, all of which has left.
  std::size_t run(int steps) {
    for (; steps > 0; --steps) {
      now_ += std::chrono::milliseconds{pick(1000)};
      step();
      compare();
    }
    finish();
    return added_;
  }

private:
  struct job {
    call_scheduler::time_point deadline;
    int attempts = 0;
    int failures = 0;
    call_scheduler::time_point not_before = start;
    std::set<fetcher_id> failed_on;
    std::set<upstream_id> failed_at;
    std::set<fetcher_id> not_on;
    std::set<upstream_id> refused_at;
    bool waits = true;
  };

  struct fetcher {
    upstream_id upstream;
    std::map<ticket, call_scheduler::time_point> calls;
  };

  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

  std::vector<std::size_t> random_limits() {
    std::vector<std::size_t> limits(1 + pick(3));
    for (auto& limit : limits)
      limit = 1 + pick(4);
    return limits;
  }

  void step() {
    const auto dice = pick(100);
    if (dice < 25)
      add();
    else if (dice < 55)
      assign();
    else if (dice < 75)
      end_call(pick(3) == 0);
    else if (dice < 80)
      fetcher_up();
    else if (dice < 83)
      fetcher_down();
    else if (dice < 84)
      fetcher_crashed();
    else if (dice < 88)
      take_out();
    else if (dice < 91)
      expire();
    else if (dice < 93)
      give_up_refused();
    else if (dice < 97)
      nonsense();
    else
      stuck();
  }

  void add() {
    // What takes how long is not part of this account.
    const auto deadline = pick(4) == 0 ? call_scheduler::time_point::max() : now_ + std::chrono::seconds{5 + pick(40)};
    const auto work = scheduler_.add(deadline, false);
    if (!jobs_.emplace(work, job{deadline, 0, 0, start, {}, {}, {}, {}, true}).second || left_.count(work) > 0)
      fail("ticket " + std::to_string(work) + " was given out twice");
    ++added_;
  }

  bool may_work(const job& wanted, fetcher_id id) const {
    const auto& candidate = fetchers_.at(id);
    if (in_flight(candidate.upstream) >= options_.limits[candidate.upstream].most || is_excluded(wanted, id))
      return false;
    const auto own = tries_of(wanted, id, candidate);
    return std::all_of(fetchers_.begin(), fetchers_.end(), [&](const auto& kv) {
      return is_excluded(wanted, kv.first) || own <= tries_of(wanted, kv.first, kv.second);
    });
  }

  bool is_excluded(const job& wanted, fetcher_id id) const {
    return wanted.not_on.count(id) > 0 || wanted.refused_at.count(fetchers_.at(id).upstream) > 0;
  }

  /// 2: it has failed it itself; 1: its upstream has, for its own reason; 0: neither.
  static int tries_of(const job& wanted, fetcher_id id, const fetcher& candidate) {
    return wanted.failed_on.count(id) > 0 ? 2 : wanted.failed_at.count(candidate.upstream) > 0 ? 1 : 0;
  }

  /// The oldest work that can start, and all that could do it with the fewest calls in flight.
  std::optional<std::pair<ticket, std::set<fetcher_id>>> expected_assignment() const {
    for (const auto& [work, wanted] : jobs_) {
      auto fewest = std::numeric_limits<std::size_t>::max();
      std::set<fetcher_id> best;
      for (const auto& [id, candidate] : fetchers_) {
        const auto load = candidate.calls.size();
        if (!wanted.waits || wanted.not_before > now_ || !may_work(wanted, id) || load > fewest)
          continue;
        if (load < fewest)
          best.clear();
        fewest = load;
        best.insert(id);
      }
      if (!best.empty())
        return std::pair{work, best};
    }
    return std::nullopt;
  }

  void assign() {
    const auto expected = expected_assignment();
    const auto got = scheduler_.assign(now_);
    if (got.has_value() != expected.has_value())
      fail(got ? "work was assigned that cannot start" : "work was not assigned that can start");
    if (!got)
      return;
    if (got->work != expected->first)
      fail("ticket " + std::to_string(got->work) + " was assigned instead of " + std::to_string(expected->first));
    if (expected->second.count(got->fetcher) == 0)
      fail("ticket " + std::to_string(got->work) + " went to the wrong fetcher");
    jobs_.at(got->work).waits = false;
    fetchers_.at(got->fetcher).calls.emplace(got->work, now_);
  }

  /// A random call under way ends.
  void end_call(bool fails) {
    std::vector<std::pair<ticket, fetcher_id>> calls;
    for (const auto& [id, busy] : fetchers_)
      for (const auto& [work, since] : busy.calls)
        calls.emplace_back(work, id);
    if (calls.empty())
      return;
    const auto [work, id] = calls[pick(calls.size())];
    fetchers_.at(id).calls.erase(work);
    if (fails)
      fail_call(work, id);
    else if (scheduler_.complete(work, id, now_) != (jobs_.count(work) > 0))
      fail("a completion was taken for another than it was");
    else if (jobs_.count(work) > 0)
      leave(work);
  }

  void fail_call(ticket work, fetcher_id id) {
    const auto reason = random_fault();
    const auto got = scheduler_.fail(work, id, reason, now_);
    const auto found = jobs_.find(work);
    if (found == jobs_.end()) {
      if (got)
        fail("forgotten work was decided upon");
      return;
    }
    auto& wanted = found->second;
    if (reason == fault::upstream) {
      ++wanted.attempts;
      wanted.failed_at.insert(fetchers_.at(id).upstream);
    }
    if (reason == fault::upstream || reason == fault::upstream_gone || reason == fault::overload)
      wanted.failed_on.insert(id);
    if (reason == fault::request)
      wanted.refused_at.insert(fetchers_.at(id).upstream);
    if (reason == fault::other_fingerprint)
      wanted.not_on.insert(id);
    else if (reason == fault::overload)
      wanted.not_before = now_ + pause_apart(++wanted.failures, work);
    else
      wanted.not_before = now_ + pause_before_retry(++wanted.failures);
    const auto ends = (reason == fault::upstream && wanted.attempts >= options_.max_attempts)
                      || ((reason == fault::request || reason == fault::other_fingerprint) && is_nowhere(wanted));
    if (got != (ends ? verdict::answer : verdict::retry))
      fail("a failure was decided wrongly");
    if (ends)
      leave(work);
    else
      wanted.waits = true;
  }

  fault random_fault() {
    constexpr std::array all{fault::request, fault::upstream, fault::upstream_gone, fault::other_fingerprint,
                             fault::overload};
    return all[pick(all.size())];
  }

  /// Whether no upstream is left that may give it. One that is away may come back with another fingerprint, but is not
  /// waited for where the others have refused.
  bool is_nowhere(const job& wanted) const {
    std::set<upstream_id> done = wanted.refused_at;
    for (const auto& [id, candidate] : fetchers_) {
      if (!is_excluded(wanted, id))
        return false;
      done.insert(candidate.upstream);
    }
    return wanted.not_on.empty() || done.size() == options_.limits.size();
  }

  void give_up_refused() {
    leave_all(scheduler_.give_up_refused(now_),
              [&](const job& wanted) { return wanted.waits && !wanted.refused_at.empty() && is_nowhere(wanted); });
  }

  void fetcher_crashed() {
    if (fetchers_.empty())
      return;
    const auto gone = std::next(fetchers_.begin(), static_cast<std::ptrdiff_t>(pick(fetchers_.size())));
    const auto [upstream, calls] = gone->second;
    const auto id = gone->first;
    const auto got = scheduler_.fetcher_crashed(id, now_);
    fetchers_.erase(gone);
    tickets expected;
    for (const auto& [work, since] : calls) {
      const auto found = jobs_.find(work);
      if (found == jobs_.end())
        continue;
      auto& wanted = found->second;
      wanted.waits = true;
      wanted.failed_at.insert(upstream);
      wanted.failed_on.insert(id);
      wanted.not_before = now_ + pause_apart(++wanted.failures, work);
      if (++wanted.attempts >= options_.max_attempts)
        expected.push_back(work);
    }
    if (got != expected)
      fail("a crash was taken for another than it was");
    for (const auto work : expected)
      leave(work);
  }

  void fetcher_up() {
    if (fetchers_.size() >= 8)
      return;
    const auto upstream = pick(options_.limits.size());
    bring_up(upstream);
  }

  void bring_up(upstream_id upstream) {
    scheduler_.fetcher_up(next_fetcher_, upstream);
    fetchers_.emplace(next_fetcher_++, fetcher{upstream, {}});
    for (auto& [work, wanted] : jobs_)
      wanted.refused_at.erase(upstream);
  }

  void fetcher_down() {
    if (fetchers_.empty())
      return;
    const auto gone = std::next(fetchers_.begin(), static_cast<std::ptrdiff_t>(pick(fetchers_.size())));
    scheduler_.fetcher_down(gone->first, now_);
    for (const auto& [work, since] : gone->second.calls)
      if (const auto wanted = jobs_.find(work); wanted != jobs_.end())
        wanted->second.waits = true;
    fetchers_.erase(gone);
  }

  /// Withdraws or abandons some work.
  void take_out() {
    for (auto count = pick(4); count > 0 && !jobs_.empty(); --count) {
      const auto [work, wanted] = *std::next(jobs_.begin(), static_cast<std::ptrdiff_t>(pick(jobs_.size())));
      const auto is_withdrawal = pick(2) == 0;
      if (!is_withdrawal)
        scheduler_.abandon(work);
      else if (scheduler_.withdraw(work) != wanted.waits)
        fail("a withdrawal was taken for another than it was");
      if (!is_withdrawal || wanted.waits)
        leave(work);
    }
  }

  void expire() {
    leave_all(scheduler_.expire(now_), [&](const job& wanted) { return wanted.deadline <= now_; });
  }

  template <class Predicate>
  void leave_all(const tickets& got, Predicate should_leave) {
    tickets expected;
    for (const auto& [work, wanted] : jobs_)
      if (should_leave(wanted))
        expected.push_back(work);
    if (got != expected)
      fail(std::to_string(got.size()) + " left at once instead of " + std::to_string(expected.size()));
    for (const auto work : got)
      leave(work);
  }

  /// Answers that are not waited for change nothing.
  void nonsense() {
    const ticket work = 1 + pick(added_ + 2);
    const fetcher_id id = 1 + pick(next_fetcher_);
    const auto busy = fetchers_.find(id);
    if (busy != fetchers_.end() && busy->second.calls.count(work) > 0)
      return;
    if (scheduler_.complete(work, id, now_) || scheduler_.fail(work, id, random_fault(), now_))
      fail("an answer that is not waited for was taken");
  }

  void stuck() {
    const auto limit = now_ - std::chrono::seconds{pick(20)};
    fetchers expected;
    for (const auto& [id, busy] : fetchers_)
      if (std::any_of(busy.calls.begin(), busy.calls.end(), [&](const auto& call) { return call.second <= limit; }))
        expected.push_back(id);
    if (scheduler_.stuck_since(limit, limit) != expected)
      fail("wrong fetchers are stuck");
  }

  void leave(ticket work) {
    jobs_.erase(work);
    if (!left_.insert(work).second)
      fail("ticket " + std::to_string(work) + " left twice");
  }

  std::size_t in_flight(upstream_id upstream) const {
    std::size_t calls = 0;
    for (const auto& [id, busy] : fetchers_)
      calls += busy.upstream == upstream ? busy.calls.size() : 0;
    return calls;
  }

  void compare() {
    for (upstream_id id = 0; id < options_.limits.size(); ++id) {
      const auto live =
        std::count_if(fetchers_.begin(), fetchers_.end(), [&](const auto& kv) { return kv.second.upstream == id; });
      if (scheduler_.live_fetchers(id) != static_cast<std::size_t>(live))
        fail("wrong count of live fetchers");
      if (scheduler_.in_flight(id) != in_flight(id))
        fail(std::to_string(scheduler_.in_flight(id)) + " in flight instead of " + std::to_string(in_flight(id)));
      if (scheduler_.in_flight(id) > options_.limits[id].most)
        fail("an upstream is over its limit");
    }
    const auto waiting = std::count_if(jobs_.begin(), jobs_.end(), [](const auto& kv) { return kv.second.waits; });
    if (scheduler_.queued() != static_cast<std::size_t>(waiting))
      fail(std::to_string(scheduler_.queued()) + " queued instead of " + std::to_string(waiting));
  }

  /// Every work that is left can still be done, after which the scheduler is empty.
  void finish() {
    for (upstream_id id = 0; id < options_.limits.size(); ++id)
      bring_up(id);
    for (auto rounds = 10 * added_ + 100; rounds > 0; --rounds) {
      now_ += 50ms;
      assign();
      end_call(false);
    }
    compare();
    if (!jobs_.empty() || left_.size() != added_)
      fail(std::to_string(jobs_.size()) + " of " + std::to_string(added_) + " never left");
    for (upstream_id id = 0; id < options_.limits.size(); ++id)
      if (scheduler_.in_flight(id) != 0)
        fail("a slot was lost");
  }

  [[noreturn]] void fail(const std::string& what) { CAF_FAIL(where_ << ": " << what); }

  std::string where_;
  std::mt19937_64 random_;
  call_scheduler::options options_;
  call_scheduler scheduler_;
  call_scheduler::time_point now_ = start;
  std::map<ticket, job> jobs_;
  std::map<fetcher_id, fetcher> fetchers_;
  std::set<ticket> left_;
  std::size_t added_ = 0;
  fetcher_id next_fetcher_ = 1;
};

} // namespace

CAF_TEST(whatever happens no slot and no work is lost) {
  std::size_t done = 0;
  for (auto round = 0; round < 600; ++round)
    done += random_walk{9000, round}.run(300);
  CAF_CHECK_GREATER(done, 600u);
}
