#include "messages/reports.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace dispatch {

namespace {

constexpr std::array<const char*, 4> bottleneck_names{"none", "upstream", "encoding", "socket"};

} // namespace

std::string to_string(bottleneck what) {
  return bottleneck_names.at(static_cast<std::size_t>(what));
}

bool from_string(caf::string_view name, bottleneck& what) {
  for (std::size_t i = 0; i < bottleneck_names.size(); ++i)
    if (name.compare(bottleneck_names[i]) == 0)
      return from_integer(static_cast<std::uint8_t>(i), what);
  return false;
}

bool from_integer(std::underlying_type_t<bottleneck> number, bottleneck& what) {
  if (number >= bottleneck_names.size())
    return false;
  what = static_cast<bottleneck>(number);
  return true;
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

} // namespace dispatch
