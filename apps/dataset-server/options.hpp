#pragma once

#include "dataset/dataset_catalog.hpp"
#include "dataset/fault_plan.hpp"
#include "io/tls/pem_files.hpp"

#include <string>
#include <variant>
#include <vector>

namespace dispatch::dataset {

/// What the program's exit code says.
enum exit_code : int {
  exit_stopped = 0,   ///< served until a signal asked it to stop
  exit_unwritten = 1, ///< what --help or --version prints could not be written
  exit_usage = 2,     ///< wrong option, data that cannot be served, or unable to start
};

/// The command line, checked.
struct options {
  std::string listen = "0.0.0.0:50051";
  std::vector<data_argument> data;
  bundled_data bundled = bundled_data::include;
  fault_plan faults;
  bool serving = true;
  /// With a certificate: TLS. The authorities are those of clients.
  tls::pem_files tls{{"--client-ca", {}}, {"--tls-cert", {}}, {"--tls-key", {}}};
};

/// The command line says that there is nothing to serve.
struct early_exit {
  int code;         ///< 0 for --help and --version, else exit_usage
  std::string text; ///< for stdout when the code is 0, else one line for stderr
};

/// Reads the command line.
std::variant<options, early_exit> parse_options(int argc, const char* const* argv);

} // namespace dispatch::dataset
