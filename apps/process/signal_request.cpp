#include "apps/process/signal_request.hpp"

#include <csignal>
#include <cstring>

namespace dispatch {

std::optional<signal_request> request_of(int signal) {
  switch (signal) {
  case SIGHUP:
    return signal_request::reload;
  case SIGUSR1:
    return signal_request::report;
  case SIGPIPE:
  case SIGXFSZ:
    return signal_request::nothing;
  case SIGTERM:
  case SIGINT:
  case SIGQUIT:
  case SIGUSR2:
  case SIGALRM:
  case SIGVTALRM:
  case SIGPROF:
  case SIGPOLL:
  case SIGPWR:
  case SIGSTKFLT:
  case SIGXCPU:
    return signal_request::stop;
  default:
    if (signal >= SIGRTMIN && signal <= SIGRTMAX)
      return signal_request::stop;
    return std::nullopt;
  }
}

bool insists(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

bool stops_a_tool(int signal) {
  return insists(signal) || signal == SIGHUP;
}

std::vector<int> requesting_signals() {
  std::vector<int> result;
  for (auto signal = 1; signal <= SIGRTMAX; ++signal)
    if (request_of(signal))
      result.push_back(signal);
  return result;
}

std::string signal_name(int signal) {
  if (signal >= SIGRTMIN && signal <= SIGRTMAX)
    return "SIGRTMIN" + (signal == SIGRTMIN ? std::string{} : "+" + std::to_string(signal - SIGRTMIN));
  const auto* name = ::sigabbrev_np(signal);
  return name != nullptr ? "SIG" + std::string{name} : "signal " + std::to_string(signal);
}

} // namespace dispatch
