#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dispatch::policy {

/// Who waits for what: everybody who wants the same thing waits for it together, and nobody waits for a thing twice as
/// long because others came before. All but `keys` takes as long as what it adds or takes out, however many wait.
///
/// @tparam Key names a thing
/// @tparam Waiter is what somebody who waits is told with
template <class Key, class Waiter, class Hash = std::hash<Key>>
class waiting_list {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using owner_id = std::uint64_t;

  /// `owner` waits for `key` from `now` on. Returns whether nobody did before.
  bool join(const Key& key, owner_id owner, time_point now, Waiter waiter) {
    const auto at = groups_.try_emplace(key).first;
    auto& group = at->second;
    auto& own = owners_[owner];
    group.push_back(place{&*at, owner, now, std::move(waiter), {}});
    const auto added = std::prev(group.end());
    added->in_own = own.insert(own.end(), added);
    return group.size() == 1;
  }

  bool anyone_for(const Key& key) const { return groups_.count(key) > 0; }

  /// Since when the first of those who wait for `key` has waited.
  std::optional<time_point> waited_since(const Key& key) const {
    const auto found = groups_.find(key);
    if (found == groups_.end())
      return std::nullopt;
    return found->second.front().since;
  }

  /// Takes out all who wait for `key`, in the order in which they came.
  std::vector<Waiter> take(const Key& key) { return take_since(key, time_point::max()); }

  /// Takes out those who have waited for `key` since `limit` or longer.
  std::vector<Waiter> take_since(const Key& key, time_point limit) {
    std::vector<Waiter> taken;
    const auto found = groups_.find(key);
    if (found == groups_.end())
      return taken;
    auto& group = found->second;
    while (!group.empty() && group.front().since <= limit) {
      taken.push_back(std::move(group.front().waiter));
      forget(group.front());
      group.pop_front();
    }
    if (group.empty())
      groups_.erase(found);
    return taken;
  }

  /// `owner` waits no more.
  /// @returns what nobody waits for now
  std::vector<Key> leave(owner_id owner) {
    std::vector<Key> unwanted;
    const auto found = owners_.find(owner);
    if (found == owners_.end())
      return unwanted;
    for (const auto left : found->second) {
      auto& [key, group] = *left->of;
      group.erase(left);
      if (!group.empty())
        continue;
      unwanted.push_back(key);
      groups_.erase(unwanted.back());
    }
    owners_.erase(found);
    return unwanted;
  }

  /// All that somebody waits for, in no order.
  std::vector<Key> keys() const {
    std::vector<Key> result;
    for (const auto& [key, group] : groups_)
      result.push_back(key);
    return result;
  }

private:
  struct place;
  using group = std::list<place>;
  using groups = std::unordered_map<Key, group, Hash>;
  using own_places = std::list<typename group::iterator>;

  /// Somebody's place among those who wait for a thing.
  struct place {
    typename groups::value_type* of;
    owner_id owner;
    time_point since;
    Waiter waiter;
    /// Where the owner's places have this one.
    typename own_places::iterator in_own;
  };

  /// Takes a place out of those of its owner.
  void forget(const place& taken) {
    const auto owner = owners_.find(taken.owner);
    owner->second.erase(taken.in_own);
    if (owner->second.empty())
      owners_.erase(owner);
  }

  /// No group is empty; in each, those who came first stand first.
  groups groups_;
  /// Of each who waits, all places.
  std::unordered_map<owner_id, own_places> owners_;
};

} // namespace dispatch::policy
