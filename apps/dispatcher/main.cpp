#include <caf/init_global_meta_objects.hpp>
#include <caf/io/middleman.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "apps/dispatcher/allocator.hpp"
#include "apps/dispatcher/client_room.hpp"
#include "apps/dispatcher/config_options.hpp"
#include "apps/dispatcher/config_reload.hpp"
#include "apps/dispatcher/exit_deadline.hpp"
#include "apps/dispatcher/log_sink.hpp"
#include "apps/dispatcher/service.hpp"
#include "apps/dispatcher/status_command.hpp"
#include "apps/process/result_output.hpp"
#include "apps/process/stop_signals.hpp"
#include "apps/process/thread_room.hpp"
#include "io/admin/event_history.hpp"
#include "io/descriptor_limit.hpp"
#include "messages/type_ids.hpp"

namespace {

constexpr int failed_while_running = 1;
constexpr int cannot_write_result = 1;
constexpr int cannot_start = 2;

/// How much longer than the drain timeout the process may take to end. A second is promised; to close thousands of
/// sockets takes the kernel a part of it.
constexpr std::chrono::milliseconds stop_margin{800};

/// How often memory that is free is looked for.
constexpr std::chrono::seconds housekeeping_interval{5};

/// What the process as a whole needs; before the first thread.
void set_up_process() {
  dispatch::tune_allocator();
  // gRPC would write lines of its own to stderr for what we log ourselves; the variable can turn them on.
  ::setenv("GRPC_VERBOSITY", "NONE", 0);
  dispatch::init_message_types();
  caf::io::middleman::init_global_meta_objects();
  caf::core::init_global_meta_objects();
}

/// Each client takes a descriptor: there are no more clients than have room.
dispatch::client_room fit_clients(const dispatch::config& values, dispatch::event_log& log) {
  const auto descriptors = dispatch::io::raise_descriptor_limit();
  auto room = dispatch::room_for_clients(descriptors, values);
  if (room.clients < values.max_clients)
    log.write(
      dispatch::severity::warning, "descriptor_limit",
      {{"descriptors", descriptors}, {"max_clients_wanted", values.max_clients}, {"max_clients", room.clients}});
  room.clients = std::min(room.clients, values.max_clients);
  return room;
}

/// How many threads the service runs besides gRPC's: main, those that wait for signals and for the end of a stop, CAF's
/// and the admin endpoint's. A connection to the admin endpoint is refused where there is no thread for it.
std::size_t threads_needed() {
  constexpr std::size_t fixed = 10;
  return fixed + std::thread::hardware_concurrency() / 2 + dispatch::grpc_threads();
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
  running_service(int argc, const char* const* argv, dispatch::config values)
    : argc_(argc),
      argv_(argv),
      values_(std::move(values)),
      output_(dispatch::make_log(values_.format, values_.log_level)),
      events_(std::make_shared<dispatch::admin::event_history>(output_)) {}

  /// Runs until a signal or a failure ends it.
  /// @returns the exit code
  int run() {
    dispatch::stop_signals signals;
    // Before the service, so that it covers its end.
    std::optional<dispatch::exit_deadline> deadline;
    dispatch::service service{values_, fit_clients(values_, *events_), events_, [&](std::string why) {
                                signals.post({kind::failure, std::move(why)});
                              }};
    const auto event = serve(signals, service);
    const auto failed = event.what == kind::failure;
    const auto exit_code = failed ? failed_while_running : 0;
    deadline.emplace(stop_margin + (failed ? std::chrono::milliseconds{0} : values_.drain_timeout), exit_code);
    const auto& log = service.log();
    log->write(failed ? dispatch::severity::error : dispatch::severity::info, failed ? "service_failed" : "stopping",
               {{"reason", event.why}});
    if (failed)
      service.abandon(event.why);
    else
      service.stop();
    log->write(dispatch::severity::info, "stopped", {});
    return exit_code;
  }

private:
  using kind = dispatch::service_event::kind;

  /// @returns what ends the service
  dispatch::service_event serve(dispatch::stop_signals& signals, dispatch::service& service) {
    for (;;) {
      auto event = signals.wait(housekeeping_interval);
      if (!event)
        dispatch::return_unused_memory();
      else if (event->what == kind::report)
        service.report();
      else if (event->what == kind::reload)
        reload(service);
      else
        return std::move(*event);
    }
  }

  void reload(dispatch::service& service) {
    const auto read = dispatch::reread_config(argc_, argv_, values_);
    if (const auto* problem = std::get_if<std::string>(&read)) {
      service.log()->write(dispatch::severity::warning, "reload_failed", {{"message", *problem}});
      return;
    }
    const auto& change = std::get<dispatch::config_change>(read);
    values_.log_level = change.log_level;
    service.show_log_level(change.log_level);
    // The line is written whatever the level was and becomes.
    output_->set_level("info");
    service.log()->write(dispatch::severity::info, "reloaded",
                         {{"log_level", change.log_level}, {"needs_restart", join(change.needs_restart)}});
    output_->set_level(change.log_level);
  }

  int argc_;
  const char* const* argv_;
  dispatch::config values_;
  std::shared_ptr<dispatch::level_log> output_;
  std::shared_ptr<dispatch::admin::event_history> events_;
};

int start(int argc, const char* const* argv, const dispatch::config& values) {
  set_up_process();
  try {
    if (const auto problem = dispatch::missing_threads(threads_needed()))
      throw dispatch::start_error(*problem);
    return running_service{argc, argv, values}.run();
  } catch (const dispatch::start_error& problem) {
    std::cerr << "error: " << problem.what() << '\n';
    return cannot_start;
  } catch (const std::exception& problem) {
    std::cerr << "error: " << problem.what() << '\n';
    return failed_while_running;
  }
}

int show(const std::string& text) {
  const auto problem = dispatch::write_result(text);
  if (problem)
    std::cerr << "error: " << *problem << '\n';
  return problem ? cannot_write_result : 0;
}

} // namespace

int main(int argc, char** argv) {
  dispatch::occupy_standard_streams();
  dispatch::hold_stop_signals();
  const auto read = dispatch::read_config(argc, argv);
  if (const auto* leave = std::get_if<dispatch::early_exit>(&read)) {
    if (leave->exit_code == 0)
      return show(leave->text);
    std::cerr << "error: " << leave->text << '\n';
    return leave->exit_code;
  }
  if (const auto* look = std::get_if<dispatch::status_options>(&read)) {
    dispatch::release_stop_signals();
    return dispatch::show_status(*look);
  }
  const auto& resolved = std::get<dispatch::resolved_config>(read);
  if (resolved.check_only)
    return show("the configuration is valid\n");
  return start(argc, argv, resolved.values);
}
