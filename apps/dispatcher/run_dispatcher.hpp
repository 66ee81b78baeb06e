#pragma once

#include <functional>
#include <memory>

#include "apps/dispatcher/config.hpp"
#include "apps/dispatcher/log_sink.hpp"
#include "messages/batch_source.hpp"

namespace dispatch {

/// What a dispatcher uses of the world around it.
struct surroundings {
  /// Where events go.
  std::shared_ptr<level_log> log;
  /// Makes what batches are fetched from. Called once, when the process is ready for more threads.
  std::function<batch_source_factory()> make_sources;
};

/// A log on stderr, and dataset services that are spoken to over gRPC.
surroundings surroundings_of(const config& values);

/// Runs a dispatcher in this process until a signal or a failure ends it. For a program that has called
/// `hold_stop_signals()` and has one thread.
/// @param argc, argv what SIGHUP has read again
/// @returns the exit code; where it is not 0, a line on stderr or in the log says why
int run_dispatcher(int argc, const char* const* argv, const config& values, const surroundings& around);

} // namespace dispatch
