#include "tests/chaos/dispatcher_under_test.hpp"

#include <csignal>

#include <algorithm>
#include <charconv>
#include <utility>

#include "tests/chaos/log_tail.hpp"
#include "tests/chaos/run_failure.hpp"

namespace dispatch::chaos {

namespace {

std::vector<std::string> with_addresses(std::vector<std::string> command, const std::vector<std::uint16_t>& upstreams) {
  std::string addresses;
  for (const auto port : upstreams)
    addresses += (addresses.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(port);
  command.insert(command.end(), {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--upstream", addresses});
  return command;
}

} // namespace

dispatcher_under_test::dispatcher_under_test(std::vector<std::string> command,
                                             std::vector<std::uint16_t> upstream_ports,
                                             const std::filesystem::path& log)
  : upstream_ports_(std::move(upstream_ports)),
    program_(with_addresses(std::move(command), upstream_ports_), log) {}

void dispatcher_under_test::look_after() {
  for (const auto& line : program_.new_lines()) {
    log_.take(line);
    if (event_of(line) != "serving")
      continue;
    const auto text = field_of(line, "port");
    std::from_chars(text.data(), text.data() + text.size(), port_);
  }
  if (const auto status = program_.ended(); status && !told_to_stop_)
    throw run_failure{"the dispatcher ended by itself with " + status->text()};
}

void dispatcher_under_test::measure() {
  const auto now = resources_of(program_.pid(), port_, upstream_ports_);
  if (!now)
    return;
  held_ = *now;
  for (const auto part :
       {&resources::rss_bytes, &resources::threads, &resources::descriptors, &resources::clients, &resources::upstream})
    most_.*part = std::max(most_.*part, held_.*part);
}

void dispatcher_under_test::ask_for_report() {
  program_.signal(SIGUSR1);
}

void dispatcher_under_test::tell_to_stop() {
  told_to_stop_ = true;
  program_.signal(SIGTERM);
}

} // namespace dispatch::chaos
