#include "actors/policy/group/group_share.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dispatch::policy {

namespace {

/// Batches that are leased before members want them; more would be missed elsewhere.
constexpr std::size_t most_ahead = 64 * run_size;

std::vector<run_batches> to_list(const std::map<group_run, batch_mask>& all) {
  std::vector<run_batches> result;
  for (const auto& [run, batches] : all)
    result.push_back({run, batches});
  return result;
}

} // namespace

group_share::group_share(std::string group, std::int64_t generation, options opts)
  : group_(std::move(group)),
    generation_(generation),
    options_(std::move(opts)) {}

// -- members ----------------------------------------------------------------------------------------------------------

member_id group_share::join(std::string name, time_point now, bool acks_in_order) {
  const auto id = next_member_++;
  members_[id] = {std::move(name), now, 0, 0, 0, acks_in_order};
  return id;
}

void group_share::leave(member_id who, const std::vector<group_batch>& untouched) {
  const std::set<group_batch> unsent(untouched.begin(), untouched.end());
  const auto oldest = oldest_held();
  for (auto each = leases_.begin(); each != leases_.end(); ++each)
    change(each, [&](leased_run& lease) {
      for (auto left = lease.out(); left != 0; left &= left - 1) {
        const auto bit = first_of(left);
        if (lease.holder(bit) != who)
          continue;
        const auto batch = batch_of(lease.run(), bit);
        take_back(lease, bit, unsent.count(batch) > 0 ? leased_run::outcome::unsent : outcome_of(who, batch, oldest));
      }
    });
  forget_settled();
  stop_waiting(who);
  members_.erase(who);
}

void group_share::stop(member_id who, const std::vector<group_batch>& untouched) {
  for (const auto each : untouched)
    for (auto which = leases_.lower_bound({run_of(each), 0});
         which != leases_.end() && which->first.first == run_of(each); ++which)
      change(which, [&](leased_run& lease) {
        const auto bit = bit_of(each);
        if ((lease.out() & mask_of(bit)) != 0 && lease.holder(bit) == who)
          take_back(lease, bit, leased_run::outcome::unsent);
      });
  stop_waiting(who);
}

void group_share::stop_waiting(member_id who) {
  members_.at(who).wants = 0;
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), who), waiting_.end());
}

void group_share::want(member_id who, std::size_t count) {
  auto& wants = members_.at(who).wants;
  if (wants == 0 && count > 0)
    waiting_.push_back(who);
  wants += count;
}

std::size_t group_share::ack(member_id who, const std::vector<group_batch>& used) {
  std::size_t newly = 0;
  for (auto each = used.begin(); each != used.end();) {
    // Those of one run follow each other.
    const auto run = run_of(*each);
    batch_mask batches = 0;
    for (; each != used.end() && run_of(*each) == run; ++each)
      batches |= mask_of(bit_of(*each));
    unrecorded_[run] |= batches;
    newly += settle(run, batches);
  }
  members_.at(who).acked += newly;
  forget_settled();
  return newly;
}

void group_share::note_alive(member_id who, time_point now) {
  members_.at(who).alive_at = now;
}

std::vector<group_share::handout> group_share::hand_out(time_point now) {
  std::vector<handout> result;
  while (!waiting_.empty() && ready_ > 0) {
    const auto who = waiting_.front();
    waiting_.pop_front();
    auto& to = members_.at(who);
    auto count = std::min(to.wants, std::max<std::size_t>(ready_ / members_.size(), 1));
    to.wants -= count;
    if (to.wants > 0)
      waiting_.push_back(who);
    to.held += count;
    handed_ += count;
    handout given{who, {}};
    while (count > 0)
      change(leases_.find(*ready_leases_.begin()), [&](leased_run& lease) {
        for (; count > 0 && lease.ready() != 0; --count) {
          given.batches.push_back(lease.hand_out(who, now));
          redelivered_ += given.batches.back().is_redelivered ? 1 : 0;
        }
      });
    result.push_back(std::move(given));
  }
  return result;
}

std::vector<group_share::overdue> group_share::take_back_overdue(time_point now) {
  std::map<member_id, std::size_t> found;
  const auto oldest = oldest_held();
  for (auto each = leases_.begin(); each != leases_.end(); ++each)
    change(each, [&](leased_run& lease) {
      for (auto left = lease.out(); left != 0; left &= left - 1) {
        const auto bit = first_of(left);
        const auto who = lease.holder(bit);
        if (now - std::max(lease.held_since(bit), members_.at(who).alive_at) < options_.ack_wait)
          continue;
        ++found[who];
        take_back(lease, bit, outcome_of(who, batch_of(lease.run(), bit), oldest));
      }
    });
  forget_settled();
  std::vector<overdue> result;
  for (const auto& [who, batches] : found)
    result.push_back({who, batches});
  return result;
}

// -- leases -----------------------------------------------------------------------------------------------------------

template <class Change>
void group_share::change(lease_map::iterator which, Change make) {
  auto& lease = which->second;
  ready_ -= static_cast<std::size_t>(count_of(lease.ready()));
  out_ -= static_cast<std::size_t>(count_of(lease.out()));
  make(lease);
  ready_ += static_cast<std::size_t>(count_of(lease.ready()));
  out_ += static_cast<std::size_t>(count_of(lease.out()));
  if (lease.ready() != 0)
    ready_leases_.insert(which->first);
  else
    ready_leases_.erase(which->first);
}

void group_share::add(const run_lease& lease) {
  const auto [which, is_new] = leases_.emplace(lease_key{lease.run, lease.token}, lease);
  if (!is_new)
    return;
  ready_ += static_cast<std::size_t>(count_of(which->second.ready()));
  if (which->second.ready() != 0)
    ready_leases_.insert(which->first);
  // An acknowledgement of one of its batches may have come before the lease.
  for (const auto* known : {&unrecorded_, &recording_})
    if (const auto found = known->find(lease.run); found != known->end())
      settle(lease.run, found->second);
}

void group_share::drop(lease_map::iterator which) {
  change(which, [this](leased_run& lease) {
    for (auto left = lease.out(); left != 0; left &= left - 1)
      --members_.at(lease.holder(first_of(left))).held;
    lease.settle(~batch_mask{0});
  });
  leases_.erase(which);
}

group_share::lease_map::iterator group_share::find(std::int64_t token) {
  return std::find_if(leases_.begin(), leases_.end(),
                      [token](const auto& each) { return each.second.token() == token; });
}

void group_share::take_back(leased_run& lease, int bit, leased_run::outcome how) {
  auto& holder = members_.at(lease.holder(bit));
  --holder.held;
  lease.take_back(bit, how);
  const auto deliveries = lease.deliveries(bit);
  if (how != leased_run::outcome::tried || options_.max_deliver == 0 || deliveries < options_.max_deliver)
    return;
  lease.settle(mask_of(bit));
  may_forget_ = true;
  const parked_batch parked{batch_of(lease.run(), bit), deliveries, holder.name};
  unrecorded_parked_.push_back(parked);
  newly_parked_.push_back(parked);
}

leased_run::outcome group_share::outcome_of(member_id who, group_batch batch, const holdings& oldest) const {
  const auto waited = members_.at(who).acks_in_order && oldest.at(who).batch != batch;
  return waited ? leased_run::outcome::waited : leased_run::outcome::tried;
}

group_share::holdings group_share::oldest_held() const {
  holdings result;
  for (const auto& [key, lease] : leases_)
    for (auto left = lease.out(); left != 0; left &= left - 1) {
      const auto bit = first_of(left);
      const holding held{batch_of(lease.run(), bit), lease.held_since(bit)};
      const auto [known, is_first] = result.emplace(lease.holder(bit), held);
      if (!is_first && held.since < known->second.since)
        known->second = held;
    }
  return result;
}

std::size_t group_share::settle(group_run run, batch_mask batches) {
  auto newly = 0;
  for (auto each = leases_.lower_bound({run, 0}); each != leases_.end() && each->first.first == run; ++each)
    change(each, [&](leased_run& lease) {
      newly += count_of((lease.ready() | lease.out()) & batches);
      for (auto left = lease.out() & batches; left != 0; left &= left - 1)
        --members_.at(lease.holder(first_of(left))).held;
      lease.settle(batches);
      may_forget_ = may_forget_ || lease.is_settled();
    });
  return static_cast<std::size_t>(newly);
}

void group_share::forget_settled() {
  if (!std::exchange(may_forget_, false))
    return;
  for (auto each = leases_.begin(); each != leases_.end();) {
    const auto which = each++;
    if (which->second.is_settled() && returning_.count(which->second.token()) == 0)
      drop(which);
  }
}

void group_share::give_up(std::size_t count) {
  while (count > 0 && !ready_leases_.empty())
    change(leases_.find(*ready_leases_.rbegin()), [&](leased_run& lease) {
      auto batches = lease.ready();
      while (static_cast<std::size_t>(count_of(batches)) > count)
        batches &= batches - 1;
      count -= static_cast<std::size_t>(count_of(batches));
      lease.give_up(batches);
      returning_[lease.token()] |= batches;
    });
}

// -- the store --------------------------------------------------------------------------------------------------------

group_sync group_share::say() {
  if (members_.empty())
    give_up(ready_);
  else if (others_are_short_ && waiting_.empty())
    give_up((ready_ + 1) / 2);
  group_sync result;
  result.group = group_;
  result.generation = generation_;
  result.dispatcher = options_.dispatcher;
  result.lease_ttl = options_.lease_ttl;
  say_leases(result);
  recording_ = std::exchange(unrecorded_, {});
  recording_parked_ = std::exchange(unrecorded_parked_, {});
  result.acked = to_list(recording_);
  result.parked = recording_parked_;
  redelivered_said_ = redelivered_;
  result.redelivered = redelivered_said_ - redelivered_known_;
  result.wanted = wanted();
  handed_before_ = std::exchange(handed_, 0);
  return result;
}

void group_share::say_leases(group_sync& to) {
  for (const auto& [key, lease] : leases_) {
    to.leases.push_back(lease.to_held());
    to.leases.back().members = members_of(lease);
  }
}

std::int64_t group_share::wanted() const {
  if (members_.empty())
    return 0;
  auto missing = std::size_t{0};
  for (const auto who : waiting_)
    missing += members_.at(who).wants;
  const auto ahead = others_are_short_ ? 0 : std::min(2 * handed_, most_ahead);
  return std::max<std::int64_t>(static_cast<std::int64_t>(missing + ahead) - static_cast<std::int64_t>(ready_), 0);
}

void group_share::synced(const group_synced& answer, time_point said_at) {
  recording_.clear();
  recording_parked_.clear();
  redelivered_known_ = redelivered_said_;
  for (const auto token : answer.lost)
    if (const auto found = find(token); found != leases_.end())
      drop(found);
  for (const auto& [token, batches] : std::exchange(returning_, {}))
    if (const auto found = find(token); found != leases_.end())
      found->second.forget_returned(batches);
  may_forget_ = true;
  for (const auto& each : answer.settled)
    settle(each.run, each.batches);
  leases_until_ = said_at + sure_time(options_.lease_ttl);
  others_are_short_ = answer.is_short;
  was_given_none_ = answer.granted.empty();
  for (const auto& each : answer.granted)
    add(each);
  forget_settled();
}

void group_share::not_synced() {
  for (const auto& [run, batches] : std::exchange(recording_, {}))
    unrecorded_[run] |= batches;
  unrecorded_parked_.insert(unrecorded_parked_.end(), recording_parked_.begin(), recording_parked_.end());
  recording_parked_.clear();
}

bool group_share::is_short() const noexcept {
  const auto is_waited_for = !waiting_.empty() && ready_ == 0;
  return !was_given_none_ && (is_waited_for || ready_ < std::min(handed_before_, most_ahead) / 2);
}

bool group_share::has_recorded_all() const noexcept {
  return unrecorded_.empty() && recording_.empty() && unrecorded_parked_.empty() && recording_parked_.empty();
}

} // namespace dispatch::policy
