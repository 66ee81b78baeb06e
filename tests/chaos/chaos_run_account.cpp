#include <cstdio>

#include "tests/chaos/chaos_run.hpp"
#include "tests/chaos/run_progress.hpp"

/// @file
/// What a run says of itself.

namespace dispatch::chaos {

void chaos_run::print_progress() const {
  run_progress now;
  now.since_start = std::chrono::duration_cast<std::chrono::seconds>(clock::now() - started_at_);
  now.in_chaos = in_chaos_;
  for (const auto& upstream : upstreams_)
    for (const auto& [kind, count] : upstream->faults())
      now.faults += count;
  now.kills = killer_ ? killer_->kills() : 0;
  now.clients = crowd_.tally().total();
  now.present = crowd_.present();
  now.teams = teams_.counts();
  now.held = dispatcher_->held();
  std::fputs(to_text(now).c_str(), stderr);
}

void chaos_run::sum_up() {
  result_.seconds = std::chrono::duration<double>(clock::now() - started_at_).count();
  result_.dispatcher_options = manner_.options;
  for (const auto& upstream : upstreams_) {
    for (const auto& [kind, count] : upstream->faults())
      result_.faults[kind] += count;
    result_.upstream_connections += upstream->proxy().accepted();
    result_.upstream_bytes += upstream->proxy().passed();
    result_.damages += upstream->proxy().damages();
  }
  result_.clients = crowd_.tally();
  result_.teams = teams_.counts();
  result_.kills = killer_ ? killer_->kills() : 0;
  if (dispatcher_) {
    result_.log = dispatcher_->log();
    result_.most = dispatcher_->most();
  }
}

} // namespace dispatch::chaos
