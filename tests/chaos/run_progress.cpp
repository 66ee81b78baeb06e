#include "tests/chaos/run_progress.hpp"

#include <array>
#include <cstdio>

namespace dispatch::chaos {

std::string to_text(const run_progress& progress) {
  using number = unsigned long long;
  const auto& held = progress.held;
  std::array<char, 320> text;
  std::snprintf(text.data(), text.size(),
                "%5lld s%s %6llu clients (%3zu open), %6llu passes, %5llu stints, %4llu epochs, %4llu faults, %3llu "
                "kills; %5.1f MiB, %3llu descriptors, %3llu threads, %2llu upstream; %llu wrong\n",
                static_cast<long long>(progress.since_start.count()), progress.in_chaos ? " " : "*",
                static_cast<number>(progress.clients.came), progress.present,
                static_cast<number>(progress.clients.complete), static_cast<number>(progress.teams.stints),
                static_cast<number>(progress.teams.epochs), static_cast<number>(progress.faults),
                static_cast<number>(progress.kills), static_cast<double>(held.rss_bytes) / (1 << 20),
                static_cast<number>(held.descriptors), static_cast<number>(held.threads),
                static_cast<number>(held.upstream), static_cast<number>(progress.clients.wrong + progress.teams.wrong));
  return text.data();
}

} // namespace dispatch::chaos
