#include "apps/dispatcher/run_dispatcher.hpp"

#include <caf/init_global_meta_objects.hpp>
#include <caf/io/middleman.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "apps/dispatcher/allocator.hpp"
#include "apps/dispatcher/client_room.hpp"
#include "apps/dispatcher/config_reload.hpp"
#include "apps/dispatcher/exit_deadline.hpp"
#include "apps/dispatcher/service.hpp"
#include "apps/dispatcher/upstream_options.hpp"
#include "apps/process/stop_signals.hpp"
#include "apps/process/thread_room.hpp"
#include "io/admin/event_history.hpp"
#include "io/descriptor_limit.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

namespace {

constexpr int failed_while_running = 1;
constexpr int cannot_start = 2;

/// How much longer than the drain timeout the process may take to end. A second is promised; to close thousands of
/// sockets takes the kernel a part of it.
constexpr std::chrono::milliseconds stop_margin{800};

/// How often memory that is free is looked for.
constexpr std::chrono::seconds housekeeping_interval{5};

/// What the process as a whole needs; before the first thread.
void set_up_process() {
  tune_allocator();
  // gRPC would write lines of its own to stderr for what we log ourselves; the variable can turn them on.
  ::setenv("GRPC_VERBOSITY", "NONE", 0);
  init_message_types();
  caf::io::middleman::init_global_meta_objects();
  caf::core::init_global_meta_objects();
}

/// Each client takes a descriptor: there are no more clients than have room.
client_room fit_clients(const config& values, event_log& log) {
  const auto descriptors = io::raise_descriptor_limit();
  auto room = room_for_clients(descriptors, values);
  if (room.clients < values.max_clients)
    log.write(
      severity::warning, "descriptor_limit",
      {{"descriptors", descriptors}, {"max_clients_wanted", values.max_clients}, {"max_clients", room.clients}});
  room.clients = std::min(room.clients, values.max_clients);
  return room;
}

/// How many threads the service runs besides gRPC's: main, those that wait for signals and for the end of a stop, CAF's
/// and the admin endpoint's. A connection to the admin endpoint is refused where there is no thread for it.
std::size_t threads_needed() {
  constexpr std::size_t fixed = 10;
  return fixed + std::thread::hardware_concurrency() / 2 + grpc_threads();
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text += (text.empty() ? "" : ",") + name;
  return text;
}

/// What the main thread does while the service runs.
class running_service {
public:
  running_service(int argc, const char* const* argv, config values, surroundings around)
    : argc_(argc),
      argv_(argv),
      values_(std::move(values)),
      around_(std::move(around)),
      events_(std::make_shared<admin::event_history>(around_.log)) {}

  /// Runs until a signal or a failure ends it.
  /// @returns the exit code
  int run() {
    stop_signals signals;
    for (const auto& [variable, nearest] : values_.unknown_variables)
      events_->write(severity::warning, "unknown_variable", {{"variable", variable}, {"nearest", nearest}});
    // Before the service, so that it covers its end.
    std::optional<exit_deadline> deadline;
    service running{values_, fit_clients(values_, *events_), events_, around_.make_sources(), [&](std::string why) {
                      signals.post({kind::failure, std::move(why)});
                    }};
    prepare_batch_memory(values_.cache_mb << 20);
    const auto event = serve(signals, running);
    const auto failed = event.what == kind::failure;
    const auto exit_code = failed ? failed_while_running : 0;
    deadline.emplace(stop_margin + (failed ? std::chrono::milliseconds{0} : values_.drain_timeout), exit_code);
    const auto& log = running.log();
    log->write(failed ? severity::error : severity::info, failed ? "service_failed" : "stopping",
               {{"reason", event.why}});
    if (failed)
      running.abandon(event.why);
    else
      running.stop();
    log->write(severity::info, "stopped", {});
    return exit_code;
  }

private:
  using kind = service_event::kind;

  /// @returns what ends the service
  service_event serve(stop_signals& signals, service& running) {
    for (;;) {
      auto event = signals.wait(housekeeping_interval);
      if (!event)
        return_unused_memory();
      else if (event->what == kind::report)
        running.report();
      else if (event->what == kind::reload)
        reload(running);
      else
        return std::move(*event);
    }
  }

  void reload(service& running) {
    const auto read = reread_config(argc_, argv_, values_);
    if (const auto* problem = std::get_if<std::string>(&read)) {
      running.log()->write(severity::warning, "reload_failed", {{"message", *problem}});
      return;
    }
    const auto& change = std::get<config_change>(read);
    values_.log_level = change.log_level;
    running.show_log_level(change.log_level);
    // The line is written whatever the level was and becomes.
    around_.log->set_level("info");
    running.log()->write(severity::info, "reloaded",
                         {{"log_level", change.log_level}, {"needs_restart", join(change.needs_restart)}});
    around_.log->set_level(change.log_level);
  }

  int argc_;
  const char* const* argv_;
  config values_;
  surroundings around_;
  std::shared_ptr<admin::event_history> events_;
};

} // namespace

surroundings surroundings_of(const config& values) {
  return {make_log(values.format, values.log_level),
          [values] { return io::make_grpc_batch_sources(grpc_options_of(values)); }};
}

int run_dispatcher(int argc, const char* const* argv, const config& values, const surroundings& around) {
  set_up_process();
  try {
    if (const auto problem = missing_threads(threads_needed()))
      throw start_error(*problem);
    return running_service{argc, argv, values, around}.run();
  } catch (const start_error& problem) {
    std::cerr << "error: " << problem.what() << '\n';
    return cannot_start;
  } catch (const std::exception& problem) {
    std::cerr << "error: " << problem.what() << '\n';
    return failed_while_running;
  }
}

} // namespace dispatch
