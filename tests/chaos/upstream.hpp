#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/fault_proxy.hpp"
#include "tests/chaos/fault_schedule.hpp"
#include "tests/chaos/logged_program.hpp"

namespace dispatch::chaos {

/// One upstream of the dispatcher's: a dataset server, and a proxy before it; and what befalls both.
class upstream {
public:
  using time_point = fault_proxy::time_point;

  /// Starts the server.
  /// @param command the server's program and its options, without address and faults
  /// @param log gets the server's log, and a line for each fault
  upstream(std::vector<std::string> command, std::filesystem::path log, fault_schedule schedule);

  /// Where the dispatcher connects.
  std::uint16_t port() const noexcept { return proxy_.port(); }

  /// Whether the server serves, and nothing is wrong.
  bool whole() const noexcept { return serving_ && !event_begun_ && !is_faulty_; }

  /// Begins and ends what is due.
  /// @param elapsed since the start of the schedule
  void advance(milliseconds elapsed);

  /// Ends the fault that is under way; the server is whole and fast from when `whole()` says so until `advance` is
  /// called again.
  void heal();

  /// Looks whether a server that was started serves by now. Throws `std::runtime_error` when it died by itself.
  void look_after_server();

  void watch(poll_set& set, time_point now) { proxy_.watch(set, now); }
  void serve(const poll_set& set, time_point now) { proxy_.serve(set, now); }

  const fault_proxy& proxy() const noexcept { return proxy_; }

  /// How often each kind of fault has begun.
  const std::map<fault_kind, std::uint64_t>& faults() const noexcept { return faults_; }

private:
  void begin();
  void end();
  void start_server(const server_manner& manner);
  void stop_server();
  void note(const std::string& what);

  std::vector<std::string> command_;
  std::filesystem::path log_;
  fault_schedule schedule_;
  fault_proxy proxy_;
  std::optional<logged_program> server_;
  bool serving_ = false;
  bool is_faulty_ = false; // the server makes faults itself, or is slow
  fault_event event_;      // the next, or the one that has begun
  bool event_begun_ = false;
  std::map<fault_kind, std::uint64_t> faults_;
};

} // namespace dispatch::chaos
