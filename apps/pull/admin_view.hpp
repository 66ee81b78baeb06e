#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "apps/pull/admin_answers.hpp"
#include "apps/pull/options.hpp"

namespace dispatch::pull {

/// Asks the dispatcher's admin endpoint what the client protocol does not say. A question takes a few seconds at most;
/// an endpoint that did not answer is left alone for a minute. May be used from several threads.
class admin_view {
public:
  explicit admin_view(const options& opts) : options_(opts) {}

  /// How the dispatcher is; nothing where that cannot be known. An endpoint that `--admin` does not name counts only
  /// when its dispatcher's consumers connect to the port that we connect to: a machine may have several dispatchers.
  std::optional<dispatcher_state> state();

  /// What one sample is; nothing where that cannot be known, as before the first batch.
  std::optional<sample_format> sample();

private:
  using clock = std::chrono::steady_clock;

  std::optional<std::string> get(const std::string& path);

  const options& options_;
  std::atomic<clock::time_point> ask_again_{clock::time_point::min()};
};

/// How the dispatcher is whose admin endpoint is at `where`; nothing when there is none.
std::optional<dispatcher_state> state_at(const endpoint& where);

} // namespace dispatch::pull
