#include "apps/dataset-server/options.hpp"
#include "apps/dataset-server/stop_signals.hpp"
#include "io/dataset/data_error.hpp"
#include "io/dataset/dataset_catalog.hpp"
#include "io/dataset/dataset_server.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
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

int serve(const dataset::options& options, dataset::dataset_catalog catalog) {
  dataset::stop_signals signals;
  auto names = join(catalog.names());
  dataset::dataset_server server{options.listen, std::move(catalog), options.faults, options.serving,
                                 dispatch::tls::read_pem_files(options.tls)};
  log_start(options, server.port(), names);
  auto signal = signals.wait();
  spdlog::info("stopping signal={}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  server.shutdown(shutdown_grace);
  auto calls = server.calls();
  spdlog::info("stopped get_batch={} stream_batches={} get_dataset_info={} health_check={}", calls.get_batch,
               calls.stream_batches, calls.get_dataset_info, calls.health_check);
  return dataset::exit_stopped;
}

int run(const dataset::options& options) {
  try {
    return serve(options, dataset::load_catalog(options.data, options.bundled));
  } catch (const dataset::data_error& problem) {
    return fail(dataset::exit_usage, problem.what());
  } catch (const dispatch::tls::file_error& problem) {
    return fail(dataset::exit_usage, problem.what());
  } catch (const dataset::listen_error& problem) {
    return fail(dataset::exit_usage, problem.what());
  }
}

} // namespace

int main(int argc, char** argv) {
  auto parsed = dataset::parse_options(argc, argv);
  if (auto* early = std::get_if<dataset::early_exit>(&parsed)) {
    if (early->code != 0)
      return fail(early->code, early->text);
    std::cout << early->text;
    return early->code;
  }
  set_up_logging();
  return run(std::get<dataset::options>(parsed));
}
