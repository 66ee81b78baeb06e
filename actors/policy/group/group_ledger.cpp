#include "actors/policy/group/group_ledger.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <utility>

namespace dispatch::policy {

namespace {

/// How long a shortage counts: dispatchers that have it say so again before.
constexpr std::chrono::seconds shortage_lasts{2};

constexpr std::size_t most_elsewhere = 16;

batch_mask open_of(const lease_record& record) noexcept {
  return record.lease.batches & ~record.lease.settled;
}

std::vector<delivery_count> counts_of(const std::vector<delivery_count>& all, batch_mask batches) {
  std::vector<delivery_count> result;
  std::copy_if(all.begin(), all.end(), std::back_inserter(result),
               [batches](const delivery_count& each) { return (mask_of(each.bit) & batches) != 0; });
  return result;
}

/// A lease that ends too late is of a clock that was set back meanwhile.
void renew(lease_record& record, store_time now, std::chrono::milliseconds lease_ttl) {
  if (record.expires_at < now + sure_time(lease_ttl) || record.expires_at > now + lease_ttl)
    record.expires_at = now + lease_ttl;
}

} // namespace

bool is_over(const group_record& group, std::size_t leases) {
  return leases == 0 && group_epochs{group.spec}.is_behind_end(group.next.epoch);
}

group_ledger::group_ledger(kept_group& state) : state_(state), epochs_(state.group.spec) {}

group_synced group_ledger::sync(const group_sync& said, store_time now) {
  group_synced answer;
  if (said.generation == state_.group.generation) {
    settle(said);
    drop_settled();
    hold(said, now, answer);
    grant(said, now, answer);
    answer.elsewhere = elsewhere(said.dispatcher);
  }
  answer.progress = progress();
  return answer;
}

void group_ledger::seek(std::uint64_t epoch, std::int64_t position) {
  auto& group = state_.group;
  state_.leases.clear();
  group.spec.start.epoch = epoch;
  group.spec.start.position = position;
  epochs_ = group_epochs{group.spec};
  ++group.generation;
  group.next = epochs_.at_or_behind({epoch, 0});
  group.acked = group.parked = group.redelivered = 0;
  group.short_until = {};
}

group_progress group_ledger::progress() const {
  const auto& group = state_.group;
  group_progress result{group.generation, group.next,   group.next.epoch, false,
                        group.acked,      group.parked, group.redelivered};
  for (const auto& [token, record] : state_.leases)
    result.open_epoch = std::min(result.open_epoch, record.lease.run.epoch);
  result.is_over = policy::is_over(group, state_.leases.size());
  return result;
}

// -- what is settled --------------------------------------------------------------------------------------------------

void group_ledger::settle(const group_sync& said) {
  for (const auto& each : said.acked)
    state_.group.acked += settle(each);
  for (const auto& each : said.parked)
    park(each.batch);
}

bool group_ledger::park(group_batch batch) {
  const auto newly = settle(run_batches{run_of(batch), mask_of(bit_of(batch))});
  state_.group.parked += newly;
  return newly > 0;
}

std::uint64_t group_ledger::settle(run_batches what) {
  auto newly = 0;
  for (auto& [token, record] : state_.leases) {
    if (record.lease.run != what.run)
      continue;
    newly += count_of(open_of(record) & what.batches);
    record.lease.settled |= record.lease.batches & what.batches;
  }
  return static_cast<std::uint64_t>(newly);
}

void group_ledger::drop_settled() {
  for (auto each = state_.leases.begin(); each != state_.leases.end();)
    each = open_of(each->second) == 0 ? state_.leases.erase(each) : std::next(each);
}

// -- leases that a dispatcher has -------------------------------------------------------------------------------------

void group_ledger::hold(const group_sync& said, store_time now, group_synced& answer) {
  state_.group.redelivered += said.redelivered;
  std::set<std::int64_t> known;
  for (const auto& each : said.leases) {
    known.insert(each.token);
    const auto found = state_.leases.find(each.token);
    if (found == state_.leases.end() || found->second.dispatcher != said.dispatcher) {
      answer.lost.push_back(each.token);
      continue;
    }
    auto& record = found->second;
    record.lease.touched = each.touched & record.lease.batches;
    record.lease.deliveries = each.deliveries;
    record.members = each.members;
    renew(record, now, said.lease_ttl);
    give_back(record, each.returned);
    if (!record.dispatcher.empty())
      answer.settled.push_back({record.lease.run, record.lease.settled});
  }
  for (auto& [token, record] : state_.leases) {
    if (record.dispatcher != said.dispatcher || known.count(token) > 0)
      continue;
    // It has not heard of this lease, or has forgotten it as settled, which the store has lost in a crash.
    record.lease.touched |= open_of(record);
    renew(record, now, said.lease_ttl);
    answer.granted.push_back(record.lease);
  }
}

void group_ledger::give_back(lease_record& from, batch_mask batches) {
  auto& lease = from.lease;
  const auto returned = batches & open_of(from);
  if (returned == 0)
    return;
  if (returned == open_of(from)) {
    from.dispatcher.clear();
    from.members.clear();
    return;
  }
  lease.batches &= ~returned;
  run_lease rest{0, lease.run, returned, 0, lease.touched & returned, counts_of(lease.deliveries, returned)};
  lease.deliveries = counts_of(lease.deliveries, lease.batches);
  lease.touched &= lease.batches;
  add(std::move(rest));
}

// -- leases that it gets ----------------------------------------------------------------------------------------------

void group_ledger::grant(const group_sync& said, store_time now, group_synced& answer) {
  auto missing = said.wanted;
  for (const auto& each : answer.granted)
    missing -= count_of(each.batches & ~each.settled);
  while (missing > 0) {
    auto* record = find_free(now);
    if (record == nullptr)
      record = next_run();
    if (record == nullptr)
      break;
    record->dispatcher = said.dispatcher;
    record->expires_at = now + said.lease_ttl;
    answer.granted.push_back(record->lease);
    missing -= count_of(open_of(*record));
  }
  note_shortage(said, missing, now, answer);
}

lease_record* group_ledger::find_free(store_time now) {
  lease_record* first = nullptr;
  for (auto& [token, record] : state_.leases) {
    const auto is_free = record.dispatcher.empty() || record.expires_at <= now;
    if (is_free && (first == nullptr || record.lease.run < first->lease.run))
      first = &record;
  }
  if (first == nullptr)
    return nullptr;
  auto lease = first->lease;
  if (!first->dispatcher.empty())
    lease.touched |= open_of(*first);
  state_.leases.erase(lease.token);
  return &add(std::move(lease));
}

lease_record* group_ledger::next_run() {
  auto& group = state_.group;
  if (epochs_.is_behind_end(group.next.epoch))
    return nullptr;
  const auto is_open_before = [&](const auto& each) { return each.second.lease.run.epoch < group.next.epoch; };
  if (group.spec.has_barrier && std::any_of(state_.leases.begin(), state_.leases.end(), is_open_before))
    return nullptr;
  const auto run = group.next;
  group.next = epochs_.at_or_behind({run.epoch, run.number + 1});
  return &add({0, run, epochs_.batches_of(run), 0, 0, {}});
}

void group_ledger::note_shortage(const group_sync& said, std::int64_t missing, store_time now, group_synced& answer) {
  auto& group = state_.group;
  const auto is_old = group.short_until <= now;
  if (missing > 0 && !state_.leases.empty()) {
    group.short_dispatcher = said.dispatcher;
    group.short_until = now + shortage_lasts;
  } else if (!is_old && group.short_dispatcher == said.dispatcher) {
    group.short_until = {};
  } else {
    answer.is_short = !is_old;
  }
}

std::vector<open_batches> group_ledger::elsewhere(const std::string& dispatcher) const {
  std::vector<open_batches> result;
  for (const auto& [token, record] : state_.leases)
    if (record.dispatcher != dispatcher && result.size() < most_elsewhere)
      result.push_back({record.dispatcher, record.lease.run, open_of(record), record.members});
  return result;
}

lease_record& group_ledger::add(run_lease lease) {
  const auto token = state_.group.next_token++;
  lease.token = token;
  return state_.leases.emplace(token, lease_record{std::move(lease), {}, {}, {}}).first->second;
}

} // namespace dispatch::policy
