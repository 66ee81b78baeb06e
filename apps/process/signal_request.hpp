#pragma once

#include <optional>
#include <string>
#include <vector>

namespace dispatch {

/// What a signal asks of a server.
enum class signal_request {
  /// To stop in order.
  stop,
  /// To read anew what can change while it runs.
  reload,
  /// To log its counts.
  report,
  /// Nothing: the call that caused the signal fails by its return value.
  nothing,
};

/// What `signal` asks of a server. Every signal that would end the process by default asks for something, so none ends
/// it unasked.
/// @returns nothing for a signal that keeps its action: a fault of the process itself, one that no program can take, or
/// one that ends no process
std::optional<signal_request> request_of(int signal);

/// Whether a person or a supervisor sends `signal` to have a program stop. The second such signal ends it at once.
bool insists(int signal);

/// Whether `signal` asks a program that a person runs to stop: one that insists, or the end of its terminal.
bool stops_a_tool(int signal);

/// All signals that ask for something.
std::vector<int> requesting_signals();

/// `SIGTERM`, `SIGRTMIN+3`.
std::string signal_name(int signal);

} // namespace dispatch
