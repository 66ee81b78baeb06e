#define CAF_SUITE pull_finds_out

#include <caf/test/unit_test.hpp>

#include <httplib.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/contains.hpp"
#include "tests/support/odd_server.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"

/// @file
/// What `dispatcher-pull` finds out beyond its stream: what a dispatcher waits for, what its samples are, and whether
/// it is one.

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

constexpr auto timeout = 60s;

strings command(const std::string& server, const strings& more) {
  strings result{DISPATCHER_BINARY_DIR "/dispatcher-pull", "--connect", server};
  result.insert(result.end(), more.begin(), more.end());
  return result;
}

finished_process pull(const std::string& server, const strings& more = {}) {
  return run_process(command(server, more), timeout);
}

std::string local(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

strings with_admin(const server_process& dispatcher, strings more = {}) {
  more.insert(more.end(), {"--admin", local(dispatcher.admin_port)});
  return more;
}

/// A server that speaks HTTP, and knows nothing.
class http_server {
public:
  http_server() : port_(static_cast<std::uint16_t>(server_.bind_to_any_port("127.0.0.1"))) {
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running())
      std::this_thread::yield();
  }
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  ~http_server() {
    server_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return port_; }

private:
  httplib::Server server_;
  std::uint16_t port_;
  std::thread thread_;
};

/// The line that explains a silence.
std::string explanation(process& child, const std::string& server) {
  return child.wait_for_line("dispatcher-pull: nothing has come from " + server + " for ", timeout);
}

void check_error(const finished_process& done, const std::string& error) {
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  if (!contains(done.err, "dispatcher-pull: " + error + "\n"))
    CAF_ERROR("expected '" << error << "' in: " << done.err);
}

} // namespace

// -- what it waits for ------------------------------------------------------------------------------------------------

CAF_TEST(a dispatcher without a dataset service says that it has none) {
  const auto upstream = local(unused_port());
  const auto dispatcher = start_dispatcher({"--upstream", upstream});
  process child{command(dispatcher.address(), with_admin(dispatcher))};
  const auto line = explanation(child, dispatcher.address());
  CAF_CHECK(contains(line, " s: the dispatcher is not ready: no upstream is up; " + upstream));
  child.terminate(timeout);
  CAF_CHECK_EQUAL(child.count_lines("nothing has come"), 1u);
}

CAF_TEST(a pass goes on when the dataset service does) {
  auto upstream = start_dataset_server();
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--give-up-after", "0", "--fetch-mode", "get"});
  dispatcher.program.wait_for_line(" upstream_up ", timeout);
  upstream.program.signal(SIGSTOP);
  process child{command(dispatcher.address(), with_admin(dispatcher))};
  CAF_CHECK(contains(explanation(child, dispatcher.address()), upstream.address()));
  upstream.program.signal(SIGCONT);
  CAF_CHECK_EQUAL(child.wait_for_end(timeout).text(), "exit code 0");
}

CAF_TEST(quiet waits without a word) {
  const auto dispatcher = start_dispatcher({"--upstream", local(unused_port())});
  const auto done = pull(dispatcher.address(), with_admin(dispatcher, {"--quiet", "--idle-timeout", "5"}));
  check_error(done, "nothing came for 5000 ms (--idle-timeout), after 0 batches");
  CAF_CHECK(!contains(done.err, "nothing has come"));
}

CAF_TEST(a dispatcher that cannot be asked is waited for) {
  const auto dispatcher = start_dispatcher({"--upstream", local(unused_port())});
  const auto admin = local(unused_port());
  process child{command(dispatcher.address(), {"--admin", admin})};
  CAF_CHECK(
    contains(explanation(child, dispatcher.address()),
             ": it is a dispatcher that waits for its dataset service, or no dispatcher; `dispatcher status` on "
             "its machine says which (its admin endpoint is not at "
               + admin + "; --admin says where)"));
  CAF_CHECK(!child.wait(1s));
}

// -- what a sample is -------------------------------------------------------------------------------------------------

CAF_TEST(samples are as the dispatcher describes them) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  const auto as_default = pull(dispatcher.address(), with_admin(dispatcher));
  CAF_CHECK_EQUAL(as_default.status.text(), "exit code 0");
  CAF_CHECK(contains(as_default.out, "complete: 334 batches, 10000 samples, 31.36 MB"));
  const auto said = pull(dispatcher.address(), with_admin(dispatcher, {"--sample", "float32:1x28x28", "--json"}));
  CAF_CHECK(contains(said.out, R"("samples":10000,"sample":"float32:1x28x28","sample_confirmed":true)"));
  const auto alone = pull(dispatcher.address(), {"--sample", "float32:784", "--admin", "none"});
  CAF_CHECK_EQUAL(alone.status.text(), "exit code 0");
  CAF_CHECK(contains(alone.out, "10000 samples of float32:784 as --sample says (nothing confirms it)"));
}

CAF_TEST(a sample that contradicts the dispatcher is an error) {
  const temporary_folder folder;
  const auto dispatcher = start_dispatcher({"--embedded"});
  const auto done =
    pull(dispatcher.address(), with_admin(dispatcher, {"--sample", "uint8:56x56", "--out", folder.at("x.npy")}));
  check_error(done, "--sample: got uint8:56x56, and the dispatcher's samples are float32:1x28x28; take --sample "
                    "float32:1x28x28, or --admin none to ask nobody");
  CAF_CHECK(std::filesystem::is_empty(folder.path()));
}

CAF_TEST(the default of a sample gives way to what the dispatcher describes) {
  const temporary_folder folder;
  const auto upstream = start_dataset_server({"--data", "bytes=synthetic:60x56x56:uint8"});
  const auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--dataset", "bytes"});
  const auto counted = pull(dispatcher.address(), with_admin(dispatcher, {"--json"}));
  CAF_CHECK_EQUAL(counted.status.text(), "exit code 0");
  CAF_CHECK(contains(counted.out, R"("samples":60,"sample":"uint8:56x56","sample_confirmed":true)"));
  const auto file = folder.at("x.npy");
  check_error(pull(dispatcher.address(), with_admin(dispatcher, {"--out", file})),
              "--out: " + file
                + " was begun for samples of float32:1x28x28, the default of --sample, and the "
                  "dispatcher's are uint8:56x56; take --sample uint8:56x56");
  CAF_CHECK(std::filesystem::is_empty(folder.path()));
}

// -- what is no dispatcher --------------------------------------------------------------------------------------------

CAF_TEST(a server that speaks first is found out at once) {
  const odd_server other{odd_server::behaviour::garbage};
  const auto where = local(other.port());
  check_error(pull(where),
              where
                + " is not a dispatcher: another server answers (\"220 this is not the protocol that you ar...\"); "
                  "--connect takes the port of a dispatcher's --listen, which is 8080 unless it says otherwise");
}

CAF_TEST(a server that waits for HTTP is found out in seconds) {
  const http_server other;
  const auto where = local(other.port());
  const auto done = pull(where, {"--admin", "none"});
  check_error(done, where
                      + " is not a dispatcher: an HTTP server answers (\"HTTP/1.1 404 Not Found\"); --connect takes "
                        "the port of a dispatcher's --listen, which is 8080 unless it says otherwise");
  CAF_CHECK(!contains(done.err, "nothing has come"));
}

CAF_TEST(an admin endpoint says where consumers connect) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  const auto where = local(dispatcher.admin_port);
  check_error(pull(where), where + " is a dispatcher's admin endpoint; its consumers connect to port "
                             + std::to_string(dispatcher.port));
}

CAF_TEST(a server that says nothing may be a dispatcher) {
  const odd_server other{odd_server::behaviour::silent};
  const auto where = local(other.port());
  const auto done = pull(where, {"--admin", "none", "--idle-timeout", "6"});
  check_error(done, "nothing came for 6000 ms (--idle-timeout), after 0 batches");
  CAF_CHECK(contains(done.err, ": it is a dispatcher that waits for its dataset service, or no dispatcher; "));
}

// -- variables --------------------------------------------------------------------------------------------------------

CAF_TEST(a variable that is no option is a warning) {
  auto dispatcher = start_dispatcher({"--embedded"}, {"env", "DISPATCHER_BATCHSIZE=3"});
  CAF_CHECK_EQUAL(dispatcher.program.count_lines(
                    " warning unknown_variable variable=DISPATCHER_BATCHSIZE nearest=DISPATCHER_BATCH_SIZE"),
                  1u);
  const auto checked =
    run_process({DISPATCHER_BINARY_DIR "/dispatcher", "--check-config"}, timeout, {{"DISPATCHER_BATCHSIZE", "3"}});
  CAF_CHECK_EQUAL(checked.status.text(), "exit code 0");
  CAF_CHECK_EQUAL(checked.out, "the configuration is valid\n");
  CAF_CHECK_EQUAL(checked.err,
                  "warning: DISPATCHER_BATCHSIZE in the environment is not an option; DISPATCHER_BATCH_SIZE is\n");
}
