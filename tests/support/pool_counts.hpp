#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "messages/fetcher_pool.hpp"

namespace dispatch::test {

/// What tests count of an upstream.
struct upstream_counts {
  std::uint64_t calls = 0;
  std::uint64_t failed_calls = 0;
  std::uint64_t restarts = 0;
  std::uint32_t calls_in_flight = 0;
  std::uint32_t live_fetchers = 0;
  std::uint32_t in_flight_limit = 0;
  double batches_per_second = 0;
};

struct pool_counts {
  std::vector<upstream_counts> upstreams;
  std::uint64_t queued = 0;
};

inline pool_counts counts_of(const pool_report& report) {
  pool_counts result{{}, report.queued};
  for (const auto& from : report.upstreams) {
    upstream_counts counts{from.calls, 0, from.restarts, from.calls_in_flight, 0, from.limit, from.batches_per_second};
    for (const auto& failed : from.failures)
      counts.failed_calls += failed.count;
    counts.live_fetchers = static_cast<std::uint32_t>(std::count_if(
      from.fetchers.begin(), from.fetchers.end(), [](const fetcher_report& fetcher) { return fetcher.state == "up"; }));
    result.upstreams.push_back(counts);
  }
  return result;
}

} // namespace dispatch::test
