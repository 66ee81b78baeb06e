#include "tests/chaos/dispatcher_under_test.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <system_error>
#include <utility>

#include "tests/chaos/log_tail.hpp"
#include "tests/chaos/loopback_socket.hpp"
#include "tests/chaos/run_failure.hpp"

namespace dispatch::chaos {

namespace {

std::string addresses_of(const std::vector<std::uint16_t>& ports) {
  std::string addresses;
  for (const auto port : ports)
    addresses += (addresses.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(port);
  return addresses;
}

std::uint16_t port_of(const std::string& line, const char* field) {
  const auto text = field_of(line, field);
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

/// A free port from below those that the system gives to whoever asks for any: nobody takes it while the dispatcher is
/// away.
std::uint16_t lasting_port() {
  constexpr int first = 20000;
  constexpr int count = 10000;
  for (int i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(first + (::getpid() + i) % count);
    try {
      listen_at(port);
      return port;
    } catch (const std::system_error&) {
      // Somebody has it.
    }
  }
  throw run_failure{"no port is free"};
}

} // namespace

dispatcher_under_test::dispatcher_under_test(std::vector<std::string> command,
                                             std::vector<std::uint16_t> upstream_ports,
                                             const std::filesystem::path& log)
  : command_(std::move(command)),
    upstream_ports_(std::move(upstream_ports)),
    log_file_(log),
    session_port_(lasting_port()) {
  command_.insert(command_.end(), {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"});
  start();
}

void dispatcher_under_test::start() {
  auto command = command_;
  command.insert(command.end(),
                 {"--upstream", addresses_of(upstream_ports_), "--sessions", addresses_of({session_port_})});
  program_.emplace(std::move(command), log_file_);
}

void dispatcher_under_test::look_after() {
  for (const auto& line : program_->new_lines()) {
    log_.take(line);
    if (event_of(line) == "serving" && !told_to_end_)
      port_ = port_of(line, "port");
  }
  if (const auto status = program_->ended(); status && !told_to_end_)
    throw run_failure{"the dispatcher ended by itself with " + status->text()};
}

void dispatcher_under_test::kill() {
  told_to_end_ = true;
  program_->signal(SIGKILL);
  port_ = 0;
}

void dispatcher_under_test::start_again() {
  start();
  told_to_end_ = false;
}

void dispatcher_under_test::measure() {
  if (port_ == 0)
    return;
  const auto now = resources_of(program_->pid(), {port_, session_port_}, upstream_ports_);
  if (!now)
    return;
  held_ = *now;
  for (const auto part :
       {&resources::rss_bytes, &resources::threads, &resources::descriptors, &resources::clients, &resources::upstream})
    most_.*part = std::max(most_.*part, held_.*part);
}

void dispatcher_under_test::ask_for_report() {
  program_->signal(SIGUSR1);
}

void dispatcher_under_test::tell_to_stop() {
  told_to_end_ = true;
  program_->signal(SIGTERM);
}

} // namespace dispatch::chaos
