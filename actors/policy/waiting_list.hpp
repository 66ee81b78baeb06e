#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dispatch::policy {

/// Who waits for what: everybody who wants the same thing waits for it together, and nobody waits for a thing twice as
/// long because others came before.
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
    auto& group = groups_[key];
    group.push_back(place{owner, now, std::move(waiter)});
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
    const auto end = std::find_if(group.begin(), group.end(), [&](const place& p) { return p.since > limit; });
    for (auto i = group.begin(); i != end; ++i)
      taken.push_back(std::move(i->waiter));
    group.erase(group.begin(), end);
    if (group.empty())
      groups_.erase(found);
    return taken;
  }

  /// `owner` waits no more.
  /// @returns what nobody waits for now
  std::vector<Key> leave(owner_id owner) {
    std::vector<Key> unwanted;
    for (auto i = groups_.begin(); i != groups_.end();) {
      auto& group = i->second;
      group.erase(std::remove_if(group.begin(), group.end(), [&](const place& p) { return p.owner == owner; }),
                  group.end());
      if (group.empty()) {
        unwanted.push_back(i->first);
        i = groups_.erase(i);
      } else {
        ++i;
      }
    }
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
  struct place {
    owner_id owner;
    time_point since;
    Waiter waiter;
  };

  /// No group is empty; in each, those who came first stand first.
  std::unordered_map<Key, std::vector<place>, Hash> groups_;
};

} // namespace dispatch::policy
