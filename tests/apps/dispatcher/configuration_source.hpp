#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

#include "apps/dispatcher/config_options.hpp"

namespace dispatch::test {

/// All that a configuration is read from: flags, the environment and a file. Nothing of it outlives the object.
class configuration_source {
public:
  configuration_source() { clear_environment(); }

  ~configuration_source() {
    clear_environment();
    if (!path_.empty())
      std::remove(path_.c_str());
  }

  configuration_source(const configuration_source&) = delete;
  configuration_source& operator=(const configuration_source&) = delete;

  void flags(std::vector<std::string> arguments) { arguments_ = std::move(arguments); }

  void environment(const std::string& name, const std::string& value) { ::setenv(name.c_str(), value.c_str(), 1); }

  /// The file has this text, and --config names it.
  void file(const std::string& text) {
    if (path_.empty())
      path_ = new_path();
    std::ofstream{path_} << text;
  }

  /// Where the file is.
  const std::string& path() const noexcept { return path_; }

  std::variant<resolved_config, early_exit, status_options> read() const {
    std::vector<const char*> argv{"dispatcher"};
    if (!path_.empty())
      argv.insert(argv.end(), {"--config", path_.c_str()});
    for (const auto& argument : arguments_)
      argv.push_back(argument.c_str());
    return read_config(static_cast<int>(argv.size()), argv.data());
  }

  /// The configuration. Throws the error line where there is none.
  config values() const {
    const auto got = read();
    if (const auto* leave = std::get_if<early_exit>(&got))
      throw std::runtime_error(leave->text);
    return std::get<resolved_config>(got).values;
  }

  /// The error line, as far as it comes with the exit code for usage errors; else what happened instead.
  std::string error() const {
    const auto got = read();
    const auto* leave = std::get_if<early_exit>(&got);
    if (leave == nullptr)
      return "(no error)";
    return leave->exit_code == 2 ? leave->text : "(exit code " + std::to_string(leave->exit_code) + ")";
  }

private:
  static std::string new_path() {
    const auto* folder = std::getenv("TMPDIR");
    auto path = std::string{folder != nullptr ? folder : "/tmp"} + "/dispatcher-XXXXXX";
    const auto descriptor = ::mkstemp(path.data());
    if (descriptor < 0)
      throw std::runtime_error("no temporary file: " + path);
    ::close(descriptor);
    return path;
  }

  static void clear_environment() {
    std::vector<std::string> names;
    for (auto entry = environ; *entry != nullptr; ++entry) {
      const std::string text{*entry};
      if (text.rfind("DISPATCHER_", 0) == 0 || text.rfind("GRPC_SERVER_ADDRESS=", 0) == 0)
        names.push_back(text.substr(0, text.find('=')));
    }
    for (const auto& name : names)
      ::unsetenv(name.c_str());
  }

  std::vector<std::string> arguments_;
  std::string path_;
};

} // namespace dispatch::test
