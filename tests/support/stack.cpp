#include "tests/support/stack.hpp"

#include <csignal>
#include <exception>
#include <future>
#include <stdexcept>

#include "apps/pull/frame_parser.hpp"
#include "apps/pull/stream_checker.hpp"
#include "dataset/dataset_catalog.hpp"
#include "tests/support/tcp_client.hpp"

namespace dispatch::test {

namespace {

server_process start(std::vector<std::string> command) {
  process program{std::move(command)};
  // The dispatcher says where its admin endpoint is, too.
  const auto serving = program.wait_for_match(" serving .*port=([0-9]+)( .*admin=([0-9]+))?", tcp_client::timeout);
  const auto admin_port = serving.at(3).empty() ? 0 : std::stoi(serving.at(3));
  return {std::move(program), static_cast<std::uint16_t>(std::stoi(serving.at(1))),
          static_cast<std::uint16_t>(admin_port)};
}

std::string program_path(const char* name) {
  return std::string{DISPATCHER_BINARY_DIR} + "/" + name;
}

} // namespace

server_process start_dataset_server(std::vector<std::string> options, std::uint16_t port) {
  std::vector<std::string> command{program_path("dataset-server"), "--listen", "127.0.0.1:" + std::to_string(port)};
  command.insert(command.end(), options.begin(), options.end());
  return start(std::move(command));
}

server_process start_dispatcher(std::vector<std::string> options, std::vector<std::string> launcher, const char* name) {
  auto command = std::move(launcher);
  command.insert(command.end(), {program_path(name), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"});
  command.insert(command.end(), options.begin(), options.end());
  return start(std::move(command));
}

std::string counts_of(server_process& dispatcher) {
  dispatcher.program.signal(SIGUSR1);
  const auto clients = dispatcher.program.wait_for_line(" client_counts ", tcp_client::timeout);
  return clients + '\n' + dispatcher.program.wait_for_line(" actor_counts ", tcp_client::timeout);
}

std::size_t field_of(const std::string& lines, const std::string& name) {
  const auto at = lines.find(" " + name + "=");
  return at != std::string::npos ? std::stoul(lines.substr(at + name.size() + 2)) : std::string::npos;
}

const dataset::sample_array& bundled_mnist() {
  static const auto catalog = dataset::load_catalog({});
  return catalog.find("mnist")->data();
}

received_pass receive_pass(std::uint16_t port, const progress_function& progress) {
  // Left to itself, a kernel may let a consumer's buffer grow until it holds the rest of the pass of one that waits.
  constexpr auto receive_buffer = 256 * 1024;
  received_pass result;
  tcp_client connection{port, receive_buffer};
  pull::stream_checker checker;
  while (const auto line = connection.read_line()) {
    auto parsed = pull::parse_frame(*line);
    if (const auto* bad = std::get_if<pull::malformed_frame>(&parsed)) {
      result.problem = bad->reason;
      return result;
    }
    auto& frame = std::get<pull::frame>(parsed);
    if (frame.error) {
      result.error_code = frame.error->code;
      result.error_message = frame.error->message;
    }
    if (auto problem = checker.accept(frame)) {
      result.problem = *problem;
      return result;
    }
    result.samples += frame.data;
    result.batches = checker.batches();
    if (progress && !progress(result.batches)) {
      connection.reset();
      result.problem = "left";
      return result;
    }
  }
  result.problem = checker.finish(0).value_or("");
  return result;
}

std::vector<received_pass> receive_passes(std::uint16_t port, std::size_t count, const progress_function& progress) {
  std::vector<std::future<received_pass>> consumers;
  for (std::size_t i = 0; i < count; ++i)
    consumers.push_back(std::async(
      std::launch::async, [port, told = i == 0 ? progress : progress_function{}] { return receive_pass(port, told); }));
  std::vector<received_pass> results;
  for (auto& consumer : consumers)
    results.push_back(consumer.get());
  return results;
}

} // namespace dispatch::test
