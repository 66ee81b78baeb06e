#define CAF_SUITE inspection

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <csignal>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/admin_client.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/process.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"

// What people and programs see of a dispatcher that runs.

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

using json = nlohmann::ordered_json;
using strings = std::vector<std::string>;
using names = std::set<std::string>;

constexpr auto timeout = 30s;

const strings unhurried{"--latency-ms", "2"};

/// A consumer that has begun a pass and has the kernel hold little of it.
std::unique_ptr<tcp_client> start_consumer(const server_process& dispatcher, int lines = 3) {
  auto consumer = std::make_unique<tcp_client>(dispatcher.port, 4096);
  for (auto i = 0; i < lines; ++i)
    CAF_REQUIRE(consumer->read_line());
  return consumer;
}

/// What a validator says of a text against docs/status.schema.json; empty where it is right.
std::string faults_of(const std::string& status) {
  const temporary_folder folder;
  const auto result =
    run_process({"/usr/bin/python3", "-W", "ignore", "-m", "jsonschema", "-i", folder.write("status.json", status),
                 DISPATCHER_SOURCE_DIR "/docs/status.schema.json"},
                timeout);
  return result.status.exited_with(0) ? "" : result.status.text() + ": " + result.out + result.err;
}

std::string content_of(const char* path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// All that `pattern` matches first in parentheses.
names found_in(const std::string& text, const char* pattern) {
  const std::regex expression{pattern};
  names result;
  for (std::sregex_iterator i{text.begin(), text.end(), expression}, end; i != end; ++i)
    result.insert((*i)[1]);
  return result;
}

strings command_of(const server_process& dispatcher, const char* subcommand, strings options = {}) {
  strings result{DISPATCHER_BINARY_DIR "/dispatcher", subcommand, "--admin",
                 "127.0.0.1:" + std::to_string(dispatcher.admin_port)};
  result.insert(result.end(), options.begin(), options.end());
  return result;
}

} // namespace

// -- status -----------------------------------------------------------------------------------------------------------

CAF_TEST(the status shows a consumer on its way through a pass) {
  const auto upstream = start_dataset_server(unhurried);
  const auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--window", "4"});
  const auto consumer = start_consumer(dispatcher);
  const auto port = std::to_string(consumer->local_port());
  const auto status = wait_for_json(dispatcher.admin_port, "/status", [](const json& x) {
    const auto& rows = x.at("clients").at("rows");
    return rows.size() == 1 && rows[0].at("batches_total") == 334 && rows[0].at("state") == "stalled";
  });
  const auto& row = status.at("clients").at("rows").at(0);
  CAF_CHECK_EQUAL(row.at("id").get<std::string>(), "client_127.0.0.1:" + port);
  CAF_CHECK_EQUAL(row.at("peer").get<std::string>(), "127.0.0.1:" + port);
  CAF_CHECK_EQUAL(row.at("dataset").get<std::string>(), "mnist");
  CAF_CHECK(row.at("frames").get<int>() >= 3);
  CAF_CHECK_EQUAL(row.at("batch_index").get<int>(), row.at("frames").get<int>());
  CAF_CHECK_EQUAL(row.at("window").at("size").get<int>(), 4);
  CAF_CHECK_EQUAL(row.at("bottleneck").get<std::string>(), "socket");
  CAF_CHECK(row.at("waited").at("socket_seconds").get<double>() > 1);
  CAF_CHECK_EQUAL(status.at("upstreams").at(0).at("state").get<std::string>(), "up");
  CAF_CHECK_EQUAL(status.at("config").at("window").get<int>(), 4);
  CAF_CHECK_EQUAL(faults_of(status.dump()), "");
}

CAF_TEST(the status counts what was sent when a pass is over) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  const auto status = wait_for_json(dispatcher.admin_port, "/status",
                                    [](const json& x) { return x.at("totals").at("streams_complete") == 1; });
  CAF_CHECK_EQUAL(status.at("totals").at("batches").get<int>(), 334);
  CAF_CHECK_EQUAL(faults_of(status.dump()), "");
}

CAF_TEST(the status follows its schema while there is no upstream) {
  const auto dispatcher = start_dispatcher({"--upstream", "127.0.0.1:" + std::to_string(unused_port())});
  const tcp_client consumer{dispatcher.port};
  event_follower{dispatcher.admin_port}.wait_for("fetcher_failed");
  const auto status = wait_for_json(dispatcher.admin_port, "/status", [](const json& x) {
    return x.at("clients").at("connected") == 1 && !x.at("upstreams").at(0).at("last_failure").is_null();
  });
  CAF_CHECK_EQUAL(faults_of(status.dump()), "");
}

CAF_TEST(the latest batch is shown in pictures) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  CAF_CHECK_EQUAL(get(dispatcher.admin_port, "/preview").status, 404);
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  const auto preview = get_json(dispatcher.admin_port, "/preview");
  CAF_CHECK_EQUAL(preview.at("dataset").get<std::string>(), "mnist");
  CAF_REQUIRE(!preview.at("images").is_null());
  CAF_CHECK_EQUAL(preview.at("images").at("width").get<int>(), 28);
  CAF_CHECK_EQUAL(preview.at("images").at("height").get<int>(), 28);
}

CAF_TEST(the page is part of the program) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  const auto page = get(dispatcher.admin_port, "/");
  CAF_CHECK_EQUAL(page.status, 200);
  CAF_CHECK(contains(page.body, "</html>"));
}

// -- events -----------------------------------------------------------------------------------------------------------

CAF_TEST(who follows the events sees consumers come and go) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  event_follower events{dispatcher.admin_port};
  events.wait_for("serving");
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  const auto came = events.wait_for("client_start");
  const auto went = events.wait_for("client_end");
  CAF_CHECK_EQUAL(went.at("fields").at("client").get<std::string>(), came.at("fields").at("client").get<std::string>());
  CAF_CHECK_EQUAL(went.at("fields").at("outcome").get<std::string>(), "complete");
  CAF_CHECK(went.at("seq").get<int>() > came.at("seq").get<int>());
}

CAF_TEST(events are there whatever the log leaves out) {
  // Where it serves is an event as well: the port has to be one that is known before.
  const auto port = unused_port();
  const process dispatcher{{DISPATCHER_BINARY_DIR "/dispatcher", "--embedded", "--listen", "127.0.0.1:0", "--admin",
                            "127.0.0.1:" + std::to_string(port), "--log-level", "error"}};
  CAF_CHECK(eventually(timeout, [&] {
    try {
      event_follower{port}.wait_for("serving");
      return true;
    } catch (const std::exception&) {
      // It does not listen yet.
      return false;
    }
  }));
  CAF_CHECK_EQUAL(dispatcher.err(), "");
}

CAF_TEST(who follows the events sees the end of the dispatcher) {
  auto dispatcher = start_dispatcher({"--embedded"});
  event_follower events{dispatcher.admin_port};
  events.wait_for("serving");
  dispatcher.program.signal(SIGTERM);
  events.wait_for("stopping");
  events.wait_for("drain_start");
  events.wait_for_end();
  CAF_CHECK(dispatcher.program.wait_for_end(timeout).exited_with(0));
}

// -- health and readiness ---------------------------------------------------------------------------------------------

CAF_TEST(the dispatcher is not ready while its only upstream is away and stays healthy) {
  auto upstream = start_dataset_server();
  const auto dispatcher = start_dispatcher({"--upstream", upstream.address()});
  const auto is = [](int status) { return [status](const admin_answer& x) { return x.status == status; }; };
  wait_for_answer(dispatcher.admin_port, "/readyz", is(200));
  upstream.program.signal(SIGKILL);
  upstream.program.wait_for_end(timeout);
  // Nobody needs it now: it is missed all the same.
  const auto not_ready = wait_for_answer(dispatcher.admin_port, "/readyz", is(503));
  CAF_CHECK(contains(not_ready.body, "no upstream is up"));
  CAF_CHECK_EQUAL(get(dispatcher.admin_port, "/healthz").status, 200);
  const auto again = start_dataset_server({}, upstream.port);
  wait_for_answer(dispatcher.admin_port, "/readyz", is(200));
  const auto restarts = get_json(dispatcher.admin_port, "/status").at("upstreams").at(0).at("restarts").get<int>();
  CAF_CHECK(restarts > 0);
}

CAF_TEST(the admin endpoint answers while clients are drained) {
  const auto upstream = start_dataset_server(unhurried);
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--drain-timeout", "5m"});
  auto consumer = start_consumer(dispatcher);
  dispatcher.program.signal(SIGTERM);
  dispatcher.program.wait_for_line("drain_start", timeout);
  const auto ready =
    wait_for_answer(dispatcher.admin_port, "/readyz", [](const admin_answer& x) { return x.status == 503; });
  CAF_CHECK(contains(ready.body, "draining"));
  CAF_CHECK_EQUAL(get(dispatcher.admin_port, "/healthz").status, 200);
  const auto status =
    wait_for_json(dispatcher.admin_port, "/status", [](const json& x) { return x.at("state") == "draining"; });
  CAF_CHECK_EQUAL(faults_of(status.dump()), "");
  wait_for_answer(dispatcher.admin_port, "/metrics",
                  [](const admin_answer& x) { return contains(x.body, "\ndispatcher_draining 1\n"); });
  consumer.reset();
  CAF_CHECK(dispatcher.program.wait_for_end(timeout).exited_with(0));
}

// -- metrics ----------------------------------------------------------------------------------------------------------

CAF_TEST(the metrics are what Prometheus asks for) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  const temporary_folder folder;
  const auto page = folder.write("metrics", get(dispatcher.admin_port, "/metrics").body);
  const auto result = run_process({"/bin/sh", "-c", "promtool check metrics < \"$0\"", page}, timeout);
  CAF_CHECK_EQUAL(result.err + result.out, "");
  CAF_CHECK(result.status.exited_with(0));
}

CAF_TEST(the metrics are those that are documented) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  const auto served = found_in(get(dispatcher.admin_port, "/metrics").body, "# TYPE (dispatcher_[a-z_]+) ");
  const auto documented = found_in(content_of(DISPATCHER_SOURCE_DIR "/docs/metrics.md"), "`(dispatcher_[a-z_]+)`");
  CAF_CHECK_EQUAL(served, documented);
}

CAF_TEST(Prometheus itself gets the numbers) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  const temporary_folder folder;
  const auto config = folder.write("prometheus.yml", "global: {scrape_interval: 2s, scrape_timeout: 2s}\n"
                                                     "scrape_configs:\n"
                                                     "  - job_name: dispatcher\n"
                                                     "    static_configs: [{targets: ['127.0.0.1:"
                                                       + std::to_string(dispatcher.admin_port) + "']}]\n");
  process prometheus{{"prometheus", "--config.file=" + config, "--storage.tsdb.path=" + folder.at("data"),
                      "--web.listen-address=127.0.0.1:0"}};
  const auto listening = prometheus.wait_for_match("\"Listening on\" address=127.0.0.1:([0-9]+)", timeout);
  const auto port = static_cast<std::uint16_t>(std::stoi(listening.at(1)));
  const auto result = wait_for_json(port, "/api/v1/query?query=dispatcher_sent_batches_total", [](const json& x) {
    return x.contains("data") && !x.at("data").at("result").empty();
  });
  CAF_CHECK_EQUAL(result.at("data").at("result").at(0).at("value").at(1).get<std::string>(), "334");
  CAF_CHECK(prometheus.terminate(timeout).exited_with(0));
}

// -- peers that mean no good ------------------------------------------------------------------------------------------

CAF_TEST(whoever holds the admin endpoint does not hold the consumers) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  std::vector<std::unique_ptr<tcp_client>> silent;
  for (auto i = 0; i < 100; ++i) {
    silent.push_back(std::make_unique<tcp_client>(dispatcher.admin_port));
    // Some ask for all events and read none of them.
    if (i % 2 == 0)
      silent.back()->send_some("GET /events/stream HTTP/1.1\r\n\r\n");
  }
  for (const auto& pass : receive_passes(dispatcher.port, 4))
    CAF_CHECK_EQUAL(pass.problem, "");
  silent.clear();
  // Connections that were closed give way to others a moment later.
  CAF_CHECK(eventually(timeout, [&] {
    try {
      return get(dispatcher.admin_port, "/healthz").status == 200;
    } catch (const std::runtime_error&) {
      // Refused, with a reset.
      return false;
    }
  }));
}

// -- where it listens -------------------------------------------------------------------------------------------------

CAF_TEST(an admin address that was asked for and is taken is one clear line and exit code 2) {
  const auto first = start_dispatcher({"--embedded"});
  const auto address = "127.0.0.1:" + std::to_string(first.admin_port);
  const auto second = run_process(
    {DISPATCHER_BINARY_DIR "/dispatcher", "--embedded", "--listen", "127.0.0.1:0", "--admin", address}, timeout);
  CAF_CHECK(second.status.exited_with(2));
  CAF_CHECK(contains(second.err, "error: --admin: cannot listen on " + address + ": Address already in use\n"));
}

CAF_TEST(without an address for it the dispatcher serves all the same where the default is taken) {
  // If this fails, somebody else has it: all the better.
  std::unique_ptr<process> holder;
  try {
    holder = std::make_unique<process>(strings{DISPATCHER_BINARY_DIR "/dispatcher", "--embedded", "--listen",
                                               "127.0.0.1:0", "--admin", "127.0.0.1:8081"});
    holder->wait_for_line(" serving ", timeout);
  } catch (const std::runtime_error&) {
  }
  process second{{DISPATCHER_BINARY_DIR "/dispatcher", "--embedded", "--listen", "127.0.0.1:0"}};
  second.wait_for_line("warning admin_unavailable admin=127.0.0.1:8081 ", timeout);
  second.wait_for_line(" admin=0 ", timeout);
  CAF_CHECK(second.terminate(timeout).exited_with(0));
}

CAF_TEST(there is no admin endpoint where none is wanted) {
  process dispatcher{{DISPATCHER_BINARY_DIR "/dispatcher", "--embedded", "--listen", "127.0.0.1:0", "--admin", "none"}};
  dispatcher.wait_for_line(" admin=0 ", timeout);
  CAF_CHECK_EQUAL(dispatcher.count_lines("admin_unavailable"), 0u);
  CAF_CHECK(dispatcher.terminate(timeout).exited_with(0));
}

// -- the terminal -----------------------------------------------------------------------------------------------------

CAF_TEST(the status is printed in tables) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  const auto consumer = start_consumer(dispatcher);
  const auto result = run_process(command_of(dispatcher, "status"), timeout);
  CAF_CHECK_EQUAL(result.err, "");
  CAF_CHECK(result.status.exited_with(0));
  CAF_CHECK(contains(result.out, "CLIENTS  1 connected, 1 accepted, 0 refused\n"));
  CAF_CHECK(contains(result.out, "client_127.0.0.1:" + std::to_string(consumer->local_port())));
  CAF_CHECK(contains(result.out, " client_start "));
}

CAF_TEST(the status is printed as JSON) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  const auto result = run_process(command_of(dispatcher, "status", {"--json"}), timeout);
  CAF_CHECK(result.status.exited_with(0));
  CAF_CHECK_EQUAL(faults_of(result.out), "");
}

CAF_TEST(where there is no dispatcher the status is one clear line and exit code 1) {
  const auto address = "127.0.0.1:" + std::to_string(unused_port());
  for (const std::string subcommand : {"status", "top"}) {
    const auto result = run_process({DISPATCHER_BINARY_DIR "/dispatcher", subcommand, "--admin", address}, timeout);
    CAF_CHECK(result.status.exited_with(1));
    CAF_CHECK_EQUAL(result.out, "");
    CAF_CHECK_EQUAL(
      result.err.find("error: no dispatcher answers at " + address + ": nothing there takes a connection; --admin "),
      0u);
    CAF_CHECK_EQUAL(std::count(result.err.begin(), result.err.end(), '\n'), 1);
  }
}

CAF_TEST(what answers and is no dispatcher is said to be none) {
  const auto other = start_dispatcher({"--embedded"});
  // Its port for consumers: a stream of frames is no HTTP.
  const auto result = run_process(
    {DISPATCHER_BINARY_DIR "/dispatcher", "status", "--admin", "127.0.0.1:" + std::to_string(other.port)}, timeout);
  CAF_CHECK(result.status.exited_with(1));
  CAF_CHECK_EQUAL(result.err.find("error: "), 0u);
}

CAF_TEST(in a pipe the status is printed again and again until a signal or the dispatchers end) {
  auto dispatcher = start_dispatcher({"--embedded"});
  const auto command = command_of(dispatcher, "top", {"--interval", "100ms"});
  process told{command};
  process left{command};
  for (auto i = 0; i < 3; ++i) {
    told.wait_for_line("CLIENTS", timeout, process::stream::out);
    left.wait_for_line("CLIENTS", timeout, process::stream::out);
  }
  CAF_CHECK(!contains(told.out(), "\x1b"));
  CAF_CHECK(told.terminate(timeout).exited_with(0));
  CAF_CHECK(dispatcher.program.terminate(timeout).exited_with(0));
  CAF_CHECK(left.wait_for_end(timeout).exited_with(1));
}
