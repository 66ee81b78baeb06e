#define CAF_SUITE signals

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <system_error>

#include "apps/process/signal_request.hpp"
#include "tests/support/admin_client.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;
using dispatch::signal_request;

namespace {

constexpr auto timeout = 30s;

/// A configuration file that is gone with the object.
class config_file {
public:
  explicit config_file(const std::string& text) {
    const auto descriptor = ::mkstemp(path_.data());
    if (descriptor < 0)
      throw std::system_error{errno, std::generic_category(), path_};
    ::close(descriptor);
    write(text);
  }

  ~config_file() { ::unlink(path_.c_str()); }

  config_file(const config_file&) = delete;
  config_file& operator=(const config_file&) = delete;

  void write(const std::string& text) { std::ofstream{path_} << text; }

  const std::string& path() const { return path_; }

private:
  std::string path_ = "/tmp/dispatcher-XXXXXX";
};

void check_stops(server_process server, const std::string& said) {
  server.program.wait_for_line(said, timeout);
  CAF_CHECK_EQUAL(server.program.wait_for_end(timeout).text(), "exit code 0");
}

/// What asks for nothing or for a line in the log ends nothing.
void check_goes_on_after(server_process& server, int signal) {
  server.program.signal(signal);
  server.program.signal(SIGHUP);
  server.program.wait_for_line(" reloaded ", timeout);
}

/// The standard signals, and the first and last of the others.
bool is_tried(int signal) {
  return signal < SIGRTMIN || signal == SIGRTMIN || signal == SIGRTMAX;
}

} // namespace

CAF_TEST(SIGHUP in the middle of a pass has the log level read again and the pass goes on) {
  config_file file{"log-level = \"info\"\n"};
  const auto upstream = start_dataset_server({"--latency-ms", "2"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--config", file.path()});
  auto& program = dispatcher.program;
  auto consumer = start_consumers(dispatcher, 1);
  wait_for_clients(dispatcher, 1);
  file.write("log-level = \"warning\"\nbatch-size = 64\n");
  program.signal(SIGHUP);
  program.wait_for_line(" info reloaded log_level=warning needs_restart=batch-size", timeout);
  CAF_CHECK_EQUAL(get_json(dispatcher.admin_port, "/status").at("config").at("log-level"), "warning");
  CAF_CHECK_EQUAL(problem_of_mnist(consumer.get()), "");
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  CAF_CHECK_EQUAL(program.count_lines(" client_start "), 1u);
}

CAF_TEST(a broken file at SIGHUP is a warning and nothing changes) {
  config_file file{"log-level = \"info\"\n"};
  auto dispatcher = start_dispatcher({"--embedded", "--config", file.path()});
  file.write("log-level = \"loud\"\n");
  dispatcher.program.signal(SIGHUP);
  dispatcher.program.wait_for_line(" warning reload_failed message=", timeout);
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  dispatcher.program.wait_for_line(" client_end ", timeout);
}

CAF_TEST(a signal that would end a dispatcher has it stop in order) {
  for (const auto signal : dispatch::requesting_signals())
    if (is_tried(signal) && dispatch::request_of(signal) == signal_request::stop) {
      auto dispatcher = start_dispatcher({"--upstream", "127.0.0.1:" + std::to_string(unused_port())});
      dispatcher.program.signal(signal);
      check_stops(std::move(dispatcher), " stopping reason=" + dispatch::signal_name(signal));
    }
}

CAF_TEST(a signal that would end a dataset server has it stop in order) {
  for (const auto signal : dispatch::requesting_signals())
    if (is_tried(signal) && dispatch::request_of(signal) == signal_request::stop) {
      auto server = start_dataset_server();
      server.program.signal(signal);
      check_stops(std::move(server), " stopping signal=" + dispatch::signal_name(signal));
    }
}

CAF_TEST(other signals end no server) {
  auto upstream = start_dataset_server();
  auto dispatcher = start_dispatcher({"--upstream", upstream.address()});
  for (const auto signal : {SIGHUP, SIGUSR1, SIGPIPE, SIGXFSZ}) {
    check_goes_on_after(upstream, signal);
    check_goes_on_after(dispatcher, signal);
  }
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
}

CAF_TEST(a dataset server outlives the reader of its log) {
  // The reader ends with the first line; the second one meets a pipe without a reader.
  const auto command = std::string{DISPATCHER_BINARY_DIR} + "/dataset-server --listen 127.0.0.1:0";
  process pipeline{{"bash", "-c", command + R"( 2> >(head -n 1 >&2) & echo pid $!; wait $!; echo ended with $?)"}};
  pipeline.wait_for_line(" serving ", timeout);
  const auto pid = std::stoi(pipeline.wait_for_match("pid ([0-9]+)", timeout, process::stream::out).at(1));
  ::kill(pid, SIGUSR1);
  ::kill(pid, SIGUSR1);
  ::kill(pid, SIGTERM);
  pipeline.wait_for_line("ended with 0", timeout, process::stream::out);
}
