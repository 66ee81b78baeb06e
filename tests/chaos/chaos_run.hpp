#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/client_crowd.hpp"
#include "tests/chaos/dispatcher_killer.hpp"
#include "tests/chaos/dispatcher_manner.hpp"
#include "tests/chaos/dispatcher_under_test.hpp"
#include "tests/chaos/expected_pass.hpp"
#include "tests/chaos/growth.hpp"
#include "tests/chaos/options.hpp"
#include "tests/chaos/poll_set.hpp"
#include "tests/chaos/session/known_samples.hpp"
#include "tests/chaos/session/team_crowd.hpp"
#include "tests/chaos/upstream.hpp"

namespace dispatch::chaos {

/// What a run has shown.
struct run_result {
  std::vector<std::string> problems; ///< promises that were broken, in one sentence each
  double seconds = 0;
  std::vector<std::string> dispatcher_options;
  std::map<fault_kind, std::uint64_t> faults;
  std::uint64_t upstream_connections = 0; ///< that were made to the proxies
  std::uint64_t upstream_bytes = 0;       ///< that came through them, both ways
  std::uint64_t damages = 0;
  client_tally clients;
  team_counts teams;
  std::uint64_t kills = 0; ///< of the dispatcher
  dispatcher_log log;
  std::optional<calm_state> base;
  std::optional<calm_state> end;
  resources most;
};

/// One run: a dispatcher, two upstreams that are broken on purpose, and consumers of every kind, in one thread. Where
/// the dispatcher is killed as well, all consumers have sessions: nobody else could go on.
///
/// In the middle and at the end there is a calm: all is healed, nobody new comes, and who is there may finish. What the
/// dispatcher holds in the second calm is compared with the first.
class chaos_run {
public:
  explicit chaos_run(const options& opts);

  /// Runs. Only once.
  run_result run();

private:
  using clock = std::chrono::steady_clock;

  void run_all();
  void start();
  void make_chaos(milliseconds until, std::uint64_t until_session);
  void become_calm(const char* when);
  bool is_anybody_there() const { return crowd_.present() + teams_.present() > 0; }
  /// What keeps the dispatcher from being whole and idle; empty where nothing does.
  std::string unrest() const;
  std::size_t fetcher_count() const { return manner_.fetchers * upstreams_.size(); }
  calm_state state() const;
  std::vector<std::string> growth() const;
  void check_upstream_connections();
  void judge_growth();
  void pass_alone(const char* when);
  void stop_dispatcher();

  /// Goes on until `reached`; a promise is broken, and false returned, when that takes longer than `most`.
  bool wait_for(const std::string& what, milliseconds most, const std::function<bool()>& reached);
  void turn();
  void look_around(clock::time_point now);
  /// A promise was broken.
  void report(std::string problem);
  /// Reports what consumers have found since the last time.
  void report_of_clients();
  void print_progress() const;
  void sum_up();

  options options_;
  dispatcher_manner manner_;
  expected_pass expected_;
  known_samples known_;
  client_crowd crowd_;
  team_crowd teams_;
  std::vector<std::unique_ptr<upstream>> upstreams_;
  std::optional<dispatcher_under_test> dispatcher_;
  std::optional<dispatcher_killer> killer_;
  poll_set set_;
  clock::time_point started_at_;
  clock::time_point turned_at_;
  clock::time_point look_at_;
  clock::time_point measure_at_;
  clock::time_point print_at_;
  milliseconds elapsed_{0}; // of the schedule, which stands still in a calm
  bool in_chaos_ = false;
  bool judge_memory_ = false;
  std::size_t reported_of_teams_ = 0;
  std::size_t reported_of_crowd_ = 0;
  run_result result_;
};

} // namespace dispatch::chaos
