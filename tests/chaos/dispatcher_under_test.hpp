#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/dispatcher_log.hpp"
#include "tests/chaos/logged_program.hpp"
#include "tests/chaos/resource_watch.hpp"

namespace dispatch::chaos {

/// The dispatcher of a run: its process, its log and what it holds.
class dispatcher_under_test {
public:
  /// Starts it.
  /// @param command the program and its options, without addresses
  /// @param upstream_ports of the loopback
  /// @param log gets its log
  dispatcher_under_test(std::vector<std::string> command, std::vector<std::uint16_t> upstream_ports,
                        const std::filesystem::path& log);

  /// Where it listens; 0 while it does not.
  std::uint16_t port() const noexcept { return port_; }

  /// The same for sessions, and 0 too once it was told to stop. It is the same port after each start.
  std::uint16_t session_port() const noexcept { return told_to_end_ || port_ == 0 ? 0 : session_port_; }

  /// Reads what it has said. Throws `run_failure` when it has ended and was not told to.
  void look_after();

  /// Kills it, so that it can say nothing to anybody.
  void kill();

  /// Starts it again.
  void start_again();

  /// Measures what it holds.
  void measure();

  /// Asks for a report, which `log()` then has.
  void ask_for_report();

  /// Tells it to stop.
  void tell_to_stop();

  /// How it ended; nothing while it runs.
  std::optional<test::exit_status> ended() { return program_->ended(); }

  const dispatcher_log& log() const noexcept { return log_; }

  /// What it held when it was last measured.
  const resources& held() const noexcept { return held_; }

  /// The most of each that was measured.
  const resources& most() const noexcept { return most_; }

private:
  void start();

  std::vector<std::string> command_;
  std::vector<std::uint16_t> upstream_ports_;
  std::filesystem::path log_file_;
  std::optional<logged_program> program_;
  std::uint16_t port_ = 0;
  std::uint16_t session_port_;
  bool told_to_end_ = false;
  dispatcher_log log_;
  resources held_;
  resources most_;
};

} // namespace dispatch::chaos
