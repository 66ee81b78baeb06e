#include <caf/init_global_meta_objects.hpp>
#include <caf/io/middleman.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <variant>

#include "apps/dispatcher/allocator.hpp"
#include "apps/dispatcher/client_room.hpp"
#include "apps/dispatcher/config_options.hpp"
#include "apps/dispatcher/exit_deadline.hpp"
#include "apps/dispatcher/log_sink.hpp"
#include "apps/dispatcher/service.hpp"
#include "apps/dispatcher/status_command.hpp"
#include "apps/dispatcher/stop_signals.hpp"
#include "io/admin/event_history.hpp"
#include "io/descriptor_limit.hpp"
#include "messages/type_ids.hpp"

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
  dispatch::tune_allocator();
  // A write to a peer or a log reader that is gone says so itself.
  std::signal(SIGPIPE, SIG_IGN);
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

/// Runs until a signal or a failure ends it.
/// @returns the exit code
int run(const dispatch::config& values) {
  using kind = dispatch::service_event::kind;
  dispatch::stop_signals signals;
  const auto events =
    std::make_shared<dispatch::admin::event_history>(dispatch::make_log(values.format, values.log_level));
  // Before the service, so that it covers its end.
  std::optional<dispatch::exit_deadline> deadline;
  dispatch::service service{values, fit_clients(values, *events), events, [&](std::string why) {
                              signals.post({kind::failure, std::move(why)});
                            }};
  auto event = signals.wait(housekeeping_interval);
  for (; !event || event->what == kind::report; event = signals.wait(housekeeping_interval)) {
    if (event)
      service.report();
    else
      dispatch::return_unused_memory();
  }
  const auto failed = event->what == kind::failure;
  const auto exit_code = failed ? failed_while_running : 0;
  deadline.emplace(stop_margin + (failed ? std::chrono::milliseconds{0} : values.drain_timeout), exit_code);
  const auto& log = service.log();
  log->write(failed ? dispatch::severity::error : dispatch::severity::info, failed ? "service_failed" : "stopping",
             {{"reason", event->why}});
  if (failed)
    service.abandon(event->why);
  else
    service.stop();
  log->write(dispatch::severity::info, "stopped", {});
  return exit_code;
}

} // namespace

int main(int argc, char** argv) {
  dispatch::hold_stop_signals();
  const auto read = dispatch::read_config(argc, argv);
  if (const auto* leave = std::get_if<dispatch::early_exit>(&read)) {
    if (leave->exit_code == 0)
      std::cout << leave->text;
    else
      std::cerr << "error: " << leave->text << '\n';
    return leave->exit_code;
  }
  if (const auto* look = std::get_if<dispatch::status_options>(&read)) {
    dispatch::release_stop_signals();
    return dispatch::show_status(*look);
  }
  const auto& resolved = std::get<dispatch::resolved_config>(read);
  if (resolved.check_only) {
    std::cout << "the configuration is valid\n";
    return 0;
  }
  set_up_process();
  try {
    return run(resolved.values);
  } catch (const dispatch::start_error& problem) {
    std::cerr << "error: " << problem.what() << '\n';
    return cannot_start;
  } catch (const std::exception& problem) {
    std::cerr << "error: " << problem.what() << '\n';
    return failed_while_running;
  }
}
