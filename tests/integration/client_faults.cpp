#define CAF_SUITE client_faults

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/contains.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

/// A sanitizer keeps several bytes for each one of the program's.
constexpr std::size_t memory_factor = under_sanitizer ? 8 : 1;

constexpr auto timeout = 60s;

/// Descriptors and threads that gRPC, which is in the process at both ends, may come to keep.
constexpr std::size_t grpc_may_keep = 4;

/// A dispatcher with its own dataset, and what it has after a pass: what it must have again when all who came are gone.
class served {
public:
  explicit served(std::vector<std::string> options = {}) : dispatcher(start(std::move(options))) {
    CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
    eventually(timeout, [&] {
      const auto counts = counts_of(dispatcher);
      actors_ = field_of(counts, "running");
      return field_of(counts, "clients") == 0;
    });
    base_ = facts_of(dispatcher.program.pid());
  }

  /// Whether nobody is left, and nothing of those who were there.
  void check_nothing_left() {
    std::string counts;
    process_facts now;
    const auto is_clean = [&] {
      counts = counts_of(dispatcher);
      now = facts_of(dispatcher.program.pid());
      return field_of(counts, "clients") == 0 && field_of(counts, "running") <= actors_
             && now.descriptors <= base_.descriptors + grpc_may_keep && now.threads <= base_.threads + grpc_may_keep;
    };
    if (!eventually(20s, is_clean))
      CAF_FAIL(counts << ", " << now.descriptors << " descriptors of " << base_.descriptors << ", " << now.threads
                      << " threads of " << base_.threads << ", actors " << actors_);
    const auto pass = receive_pass(dispatcher.port);
    CAF_CHECK_EQUAL(pass.problem, "");
    CAF_CHECK_EQUAL(pass.batches, 334);
  }

  server_process dispatcher;

private:
  static server_process start(std::vector<std::string> options) {
    options.emplace_back("--embedded");
    return start_dispatcher(std::move(options));
  }

  process_facts base_;
  std::size_t actors_ = 0;
};

} // namespace

CAF_TEST(clients may leave at any byte) {
  served server;
  const auto frame = tcp_client{server.dispatcher.port}.read_line().value_or("").size() + 1;
  CAF_REQUIRE(frame > 100'000);
  std::vector<std::size_t> places;
  for (const auto border : {std::size_t{0}, std::size_t{60}, frame, 2 * frame, 20 * frame})
    for (std::size_t i = 0; i < 12; ++i)
      places.push_back(border + i);
  for (const auto place : places)
    for (const auto with_reset : {false, true}) {
      tcp_client client{server.dispatcher.port};
      for (std::size_t got = 0; got < place;) {
        const auto bytes = client.read_some(place - got);
        CAF_REQUIRE(!bytes.empty());
        got += bytes.size();
      }
      if (with_reset)
        client.reset();
    }
  server.check_nothing_left();
}

CAF_TEST(clients may connect and leave by the thousand) {
  served server;
  for (auto round = 0; round < 20; ++round) {
    std::vector<tcp_client> clients;
    for (auto i = 0; i < 100; ++i)
      clients.emplace_back(server.dispatcher.port, 4096);
    for (auto& client : clients)
      if (round % 2 == 0)
        client.reset();
  }
  server.check_nothing_left();
}

CAF_TEST(clients that never read and leave at last hold nothing back) {
  served server;
  {
    std::vector<tcp_client> clients;
    for (auto i = 0; i < 200; ++i)
      clients.emplace_back(server.dispatcher.port, 4096);
    const auto pass = receive_pass(server.dispatcher.port);
    CAF_CHECK_EQUAL(pass.problem, "");
    // Each of them costs references to frames, and no frames.
    CAF_CHECK(facts_of(server.dispatcher.program.pid()).resident_kib < 400u * 1024 * memory_factor);
  }
  server.check_nothing_left();
}

CAF_TEST(a client that reads a byte at a time slows nobody) {
  served server;
  {
    tcp_client slow{server.dispatcher.port, 4096};
    std::string got;
    const auto read_a_byte = [&](std::int64_t) {
      got += slow.read_some(1);
      return true;
    };
    // It has a byte for each batch that the others have.
    for (const auto& pass : receive_passes(server.dispatcher.port, 8, read_a_byte))
      CAF_CHECK_EQUAL(pass.problem, "");
    CAF_CHECK_EQUAL(got.size(), 334u);
    CAF_CHECK_EQUAL(got.substr(0, 14), "{\"batch_id\":0,");
    // It gets all that it wants when it is faster.
    std::string rest;
    for (auto bytes = slow.read_some(1 << 20); !bytes.empty(); bytes = slow.read_some(1 << 20))
      rest = (rest + bytes).substr(std::max<std::size_t>(rest.size() + bytes.size(), 100) - 100);
    CAF_CHECK(contains(rest, "\"EOF\":true}\n"));
  }
  server.check_nothing_left();
}

CAF_TEST(a client that sends megabytes gets everything) {
  served server;
  tcp_client client{server.dispatcher.port};
  auto lines = std::async(std::launch::async, [&] {
    auto count = 0;
    while (client.read_line())
      ++count;
    return count;
  });
  const std::string noise(1 << 20, 'x');
  std::size_t sent = 0;
  while (lines.wait_for(0ms) != std::future_status::ready) {
    const auto more = client.send_some(noise);
    sent += more;
    if (more == 0)
      lines.wait_for(1ms);
  }
  CAF_CHECK_EQUAL(lines.get(), 334);
  CAF_CHECK(sent > 0);
  client.half_close();
  server.check_nothing_left();
}

CAF_TEST(a client that sends megabytes before it reads gets everything) {
  served server;
  {
    tcp_client client{server.dispatcher.port};
    client.send(std::string(std::size_t{24} << 20, 'x'));
    auto count = 0;
    while (client.read_line())
      ++count;
    CAF_CHECK_EQUAL(count, 334);
  }
  server.check_nothing_left();
}

CAF_TEST(netcat that closes its sending side gets everything) {
  served server;
  const auto port = std::to_string(server.dispatcher.port);
  const auto result =
    run_process({"sh", "-c", "nc -N 127.0.0.1 " + port + " </dev/null | tee /dev/stderr | wc -l"}, timeout);
  CAF_CHECK_EQUAL(result.out, "334\n");
  CAF_CHECK(result.err.find("\"EOF\":true}\n") + 12 == result.err.size());
  server.check_nothing_left();
}

CAF_TEST(a client that leaves while its dataset service is away is noticed) {
  const auto upstream = start_dataset_server({"--latency-ms", "20"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--give-up-after", "0", "--in-flight", "1"});
  std::vector<tcp_client> clients;
  for (auto i = 0; i < 20; ++i) {
    clients.emplace_back(dispatcher.port);
    CAF_REQUIRE(clients.back().read_line());
  }
  auto& program = const_cast<process&>(upstream.program);
  program.signal(SIGSTOP);
  for (auto& client : clients)
    client.reset();
  CAF_CHECK(eventually(20s, [&] { return field_of(counts_of(dispatcher), "clients") == 0; }));
  program.signal(SIGCONT);
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
}
