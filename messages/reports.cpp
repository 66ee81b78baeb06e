#include "messages/reports.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "messages/inspector.hpp"

namespace dispatch {

namespace {

constexpr std::array<const char*, 4> bottleneck_names{"none", "upstream", "encoding", "socket"};

} // namespace

std::string to_string(bottleneck what) {
  return bottleneck_names.at(static_cast<std::size_t>(what));
}

std::uint64_t failed_calls(const upstream_report& upstream) {
  return std::accumulate(upstream.failures.begin(), upstream.failures.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const code_count& failed) { return sum + failed.count; });
}

std::uint32_t live_fetchers(const upstream_report& upstream) {
  const auto& all = upstream.fetchers;
  return static_cast<std::uint32_t>(
    std::count_if(all.begin(), all.end(), [](const fetcher_report& fetcher) { return fetcher.state == "up"; }));
}

std::vector<std::string> failures_of_those_down(const std::vector<upstream_report>& upstreams) {
  std::vector<std::string> result;
  for (const auto& upstream : upstreams)
    if (!upstream.up && !upstream.last_failure.empty())
      result.push_back(upstream.address + ": " + upstream.last_failure);
  return result;
}

health_report health_of(const service_report& report) {
  const auto up = std::count_if(report.upstreams.begin(), report.upstreams.end(), [](const auto& x) { return x.up; });
  return {report.unanswered,
          report.accepting,
          report.draining,
          static_cast<std::uint32_t>(up),
          static_cast<std::uint32_t>(report.upstreams.size()),
          failures_of_those_down(report.upstreams),
          report.cache.unknown_dataset};
}

} // namespace dispatch
