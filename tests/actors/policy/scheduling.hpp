#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <vector>

#include "actors/policy/call_scheduler.hpp"

namespace dispatch::test {

using tickets = std::vector<policy::ticket>;
using fetchers = std::vector<policy::fetcher_id>;

inline const policy::call_scheduler::time_point start{};

/// Upstreams that get so many calls at a time, always.
inline std::vector<policy::upstream_stats::limits> fixed_limits(const std::vector<std::size_t>& calls) {
  std::vector<policy::upstream_stats::limits> result;
  for (const auto each : calls)
    result.push_back({each, each, each});
  return result;
}

/// One upstream with so many calls at a time, and fetchers 1, 2, ... on it.
inline policy::call_scheduler one_upstream(std::size_t limit, policy::fetcher_id count, int max_attempts = 5) {
  policy::call_scheduler result{{fixed_limits({limit}), max_attempts}};
  for (policy::fetcher_id id = 1; id <= count; ++id)
    result.fetcher_up(id, 0);
  return result;
}

/// Assigns all that can start now. Returns which fetcher works on what.
inline std::map<policy::ticket, policy::fetcher_id> assign_all(policy::call_scheduler& scheduler,
                                                               policy::call_scheduler::time_point now = start) {
  std::map<policy::ticket, policy::fetcher_id> result;
  while (const auto next = scheduler.assign(now))
    result.emplace(next->work, next->fetcher);
  return result;
}

/// Assigns all that can start now. Returns what, in the order in which it was assigned.
inline tickets order_of_work(policy::call_scheduler& scheduler) {
  tickets result;
  while (const auto next = scheduler.assign(start))
    result.push_back(next->work);
  return result;
}

/// Two upstreams with a fetcher each, which take so long for a batch.
inline policy::call_scheduler two_upstreams(std::size_t limit, policy::call_scheduler::duration first,
                                            policy::call_scheduler::duration second) {
  policy::call_scheduler result{{fixed_limits({limit, limit}), 5}};
  for (policy::fetcher_id id = 1; id <= 2; ++id) {
    result.fetcher_up(id, id - 1);
    result.add();
  }
  for (const auto& [work, id] : assign_all(result))
    result.complete(work, id, start + (id == 1 ? first : second));
  return result;
}

/// How many calls each fetcher got.
inline std::map<policy::fetcher_id, std::size_t>
calls_of(const std::map<policy::ticket, policy::fetcher_id>& assigned) {
  std::map<policy::fetcher_id, std::size_t> result;
  for (const auto& [work, id] : assigned)
    ++result[id];
  return result;
}

} // namespace dispatch::test
