#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dispatch::policy {

/// Which requests wait for what: those for the same thing wait for it together, each until its own time. Adding, taking
/// all and leaving take as long as what they add or take out, however many wait.
///
/// @tparam Key names a thing
/// @tparam Waiter is what the answer is given to
template <class Key, class Waiter, class Hash = std::hash<Key>>
class waiting_list {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using owner_id = std::uint64_t;

  /// `owner` waits for `key`, until `due` at the latest. Returns whether it is the first to wait for it.
  bool join(const Key& key, owner_id owner, time_point due, Waiter waiter) {
    const auto at = groups_.try_emplace(key).first;
    auto& group = at->second;
    auto& own = owners_[owner];
    group.push_back(place{&*at, owner, due, std::move(waiter), {}});
    const auto added = std::prev(group.end());
    added->in_own = own.insert(own.end(), added);
    return group.size() == 1;
  }

  bool anyone_for(const Key& key) const { return groups_.count(key) > 0; }

  /// What is waited for and `matches`.
  template <class Predicate>
  std::vector<Key> keys_if(Predicate matches) const {
    std::vector<Key> result;
    for (const auto& [key, waiters] : groups_)
      if (matches(key))
        result.push_back(key);
    return result;
  }

  /// When the first of those that wait for `key` is due; the end of time where none waits.
  time_point first_due(const Key& key) const {
    auto first = time_point::max();
    if (const auto found = groups_.find(key); found != groups_.end())
      for (const auto& each : found->second)
        first = std::min(first, each.due);
    return first;
  }

  /// Takes out all that wait for `key`, in the order in which they came.
  std::vector<Waiter> take(const Key& key) { return take_due(key, time_point::max()); }

  /// Takes out those that wait for `key` and are due by `now`, in the order in which they came.
  std::vector<Waiter> take_due(const Key& key, time_point now) {
    std::vector<Waiter> taken;
    const auto found = groups_.find(key);
    if (found == groups_.end())
      return taken;
    auto& group = found->second;
    for (auto i = group.begin(); i != group.end();) {
      const auto current = i++;
      if (current->due > now)
        continue;
      taken.push_back(std::move(current->waiter));
      forget(*current);
      group.erase(current);
    }
    if (group.empty())
      groups_.erase(found);
    return taken;
  }

  /// `owner` waits no more.
  /// @returns what no request waits for now
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

private:
  struct place;
  using group = std::list<place>;
  using groups = std::unordered_map<Key, group, Hash>;
  using own_places = std::list<typename group::iterator>;

  /// The place of a request among those that wait for a thing.
  struct place {
    typename groups::value_type* of;
    owner_id owner;
    time_point due;
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

  /// No group is empty; in each, those that came first stand first.
  groups groups_;
  /// Of each owner, all places.
  std::unordered_map<owner_id, own_places> owners_;
};

} // namespace dispatch::policy
