#define CAF_SUITE signal_request

#include "apps/process/signal_request.hpp"

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <algorithm>

using namespace dispatch;

namespace {

bool is_one_of(int signal, std::initializer_list<int> all) {
  return std::find(all.begin(), all.end(), signal) != all.end();
}

} // namespace

CAF_TEST(SIGHUP asks to reload and SIGUSR1 for a report) {
  CAF_CHECK(request_of(SIGHUP) == signal_request::reload);
  CAF_CHECK(request_of(SIGUSR1) == signal_request::report);
}

CAF_TEST(no signal ends a server by its default action but faults of its own and those that no program can take) {
  for (auto signal = 1; signal <= SIGRTMAX; ++signal) {
    const auto is_own_fault = is_one_of(signal, {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP});
    const auto cannot_be_taken = is_one_of(signal, {SIGKILL, SIGSTOP});
    const auto ends_nothing = is_one_of(signal, {SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH});
    // Between the standard signals and SIGRTMIN are those of the C library.
    const auto is_of_the_library = signal >= 32 && signal < SIGRTMIN;
    const auto keeps_its_action = is_own_fault || cannot_be_taken || ends_nothing || is_of_the_library;
    CAF_MESSAGE(signal_name(signal));
    CAF_CHECK_EQUAL(request_of(signal).has_value(), !keeps_its_action);
  }
}

CAF_TEST(what else would end a server asks it to stop) {
  for (const auto signal : {SIGTERM, SIGINT, SIGQUIT, SIGUSR2, SIGALRM, SIGXCPU, SIGPWR, SIGRTMIN, SIGRTMAX})
    CAF_CHECK(request_of(signal) == signal_request::stop);
}

CAF_TEST(a write that fails asks for nothing) {
  CAF_CHECK(request_of(SIGPIPE) == signal_request::nothing);
  CAF_CHECK(request_of(SIGXFSZ) == signal_request::nothing);
}

CAF_TEST(those whom a person or a supervisor sends insist) {
  for (const auto signal : {SIGTERM, SIGINT, SIGQUIT})
    CAF_CHECK(insists(signal));
  // The kernel sends it every second.
  CAF_CHECK(!insists(SIGXCPU));
}

CAF_TEST(a tool is stopped by those that insist and by the end of its terminal) {
  for (const auto signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP})
    CAF_CHECK(stops_a_tool(signal));
  for (const auto signal : {SIGPIPE, SIGUSR1, SIGUSR2, SIGXCPU, SIGRTMIN})
    CAF_CHECK(!stops_a_tool(signal));
}

CAF_TEST(signals have the names of the manual) {
  CAF_CHECK_EQUAL(signal_name(SIGTERM), "SIGTERM");
  CAF_CHECK_EQUAL(signal_name(SIGRTMIN), "SIGRTMIN");
  CAF_CHECK_EQUAL(signal_name(SIGRTMIN + 3), "SIGRTMIN+3");
}
