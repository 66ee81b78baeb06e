#include "apps/dataset-server/options.hpp"
#include "apps/process/result_output.hpp"
#include "apps/process/stop_signals.hpp"
#include "apps/process/thread_room.hpp"
#include "dataset/data_error.hpp"
#include "dataset/dataset_catalog.hpp"
#include "dataset/dataset_server.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

namespace dataset = dispatch::dataset;

/// How long calls under way may take to finish once the server was asked to stop.
constexpr std::chrono::seconds shutdown_grace{5};

/// Main, the one that waits for signals, and gRPC's.
std::size_t threads_needed() {
  return 2 + dispatch::grpc_threads();
}

void set_up_logging() {
  auto logger = spdlog::stderr_logger_mt("dataset-server");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  // gRPC writes lines of its own to stderr for what we report ourselves; the variable can turn them on.
  setenv("GRPC_VERBOSITY", "NONE", 0);
}

int fail(int code, const std::string& what) {
  std::cerr << "error: " << what << std::endl;
  return code;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (auto& name : names)
    text += (text.empty() ? "" : ",") + name;
  return text;
}

void log_start(const dataset::options& options, int port, const std::string& names) {
  spdlog::info("serving address={} port={} datasets={}", options.listen, port, names);
  auto& faults = options.faults;
  if (faults.any() || !options.serving)
    spdlog::warn("faults_on_purpose latency_ms={} fail_every={} hang_every={} healthy={}", faults.latency.count(),
                 faults.failures.every, faults.hang_every, options.serving);
}

void log_counts(const char* event, const dataset::call_counts& calls) {
  spdlog::info("{} get_batch={} stream_batches={} get_dataset_info={} health_check={}", event, calls.get_batch,
               calls.stream_batches, calls.get_dataset_info, calls.health_check);
}

/// Serves until a signal asks to stop.
void wait_for_stop(dispatch::stop_signals& signals, dataset::dataset_server& server) {
  using kind = dispatch::service_event::kind;
  for (;;) {
    const auto event = signals.wait();
    if (event.what == kind::report)
      log_counts("counts", server.calls());
    else if (event.what == kind::reload)
      spdlog::info("reloaded signal={} message=\"nothing here can change while it runs\"", event.why);
    else
      return spdlog::info("stopping signal={}", event.why);
  }
}

int serve(const dataset::options& options, dataset::dataset_catalog catalog) {
  dispatch::stop_signals signals;
  auto names = join(catalog.names());
  dataset::dataset_server server{options.listen, std::move(catalog), options.faults, options.serving,
                                 dispatch::tls::read_pem_files(options.tls)};
  log_start(options, server.port(), names);
  wait_for_stop(signals, server);
  server.shutdown(shutdown_grace);
  log_counts("stopped", server.calls());
  return dataset::exit_stopped;
}

dataset::dataset_catalog load(const dataset::options& options) {
  // To load may take minutes.
  const dispatch::stop_at_once no_wait;
  return dataset::load_catalog(options.data, options.bundled);
}

int run(const dataset::options& options) {
  if (const auto problem = dispatch::missing_threads(threads_needed()))
    return fail(dataset::exit_usage, *problem);
  try {
    return serve(options, load(options));
  } catch (const dataset::data_error& problem) {
    return fail(dataset::exit_usage, problem.what());
  } catch (const dispatch::tls::file_error& problem) {
    return fail(dataset::exit_usage, problem.what());
  } catch (const dataset::listen_error& problem) {
    return fail(dataset::exit_usage, problem.what());
  }
}

int show(const dataset::early_exit& early) {
  if (early.code != 0)
    return fail(early.code, early.text);
  if (const auto problem = dispatch::write_result(early.text))
    return fail(dataset::exit_unwritten, *problem);
  return early.code;
}

} // namespace

int main(int argc, char** argv) {
  dispatch::occupy_standard_streams();
  auto parsed = dataset::parse_options(argc, argv);
  if (const auto* early = std::get_if<dataset::early_exit>(&parsed))
    return show(*early);
  dispatch::hold_stop_signals();
  set_up_logging();
  return run(std::get<dataset::options>(parsed));
}
