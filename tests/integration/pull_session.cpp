#define CAF_SUITE pull_session

#include <caf/test/unit_test.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <regex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "apps/pull/session/npz_file.hpp"
#include "io/socket_port.hpp"
#include "io/unique_fd.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/odd_server.hpp"
#include "tests/support/process.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "wire/session/cursor.hpp"

/// @file
/// `dispatcher-pull --session` and a dispatcher.

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;
using strings = std::vector<std::string>;

constexpr auto timeout = 60s;
constexpr std::size_t sample_bytes = 28 * 28 * 4;
constexpr std::size_t all_samples = 10000;

struct session_server {
  process program;
  std::string address;
  std::string pass_address;
};

session_server start_sessions(strings options = {"--embedded"}, const std::string& port = "0") {
  strings command{DISPATCHER_BINARY_DIR "/dispatcher",
                  "--listen",
                  "127.0.0.1:0",
                  "--admin",
                  "none",
                  "--sessions",
                  "127.0.0.1:" + port};
  command.insert(command.end(), options.begin(), options.end());
  process program{std::move(command)};
  const auto ports = program.wait_for_match(" serving port=([0-9]+) sessions=([0-9]+)", timeout);
  return {std::move(program), "127.0.0.1:" + ports.at(2), "127.0.0.1:" + ports.at(1)};
}

strings command(const std::string& address, const strings& more) {
  strings result{DISPATCHER_BINARY_DIR "/dispatcher-pull", "--session", "--connect", address};
  result.insert(result.end(), more.begin(), more.end());
  return result;
}

finished_process pull(const session_server& server, const strings& more) {
  return run_process(command(server.address, more), timeout);
}

/// The samples of a session, which is complete.
std::string samples_of(const session_server& server, strings more = {}) {
  more.insert(more.end(), {"--out", "-", "--quiet", "--checksum"});
  const auto done = pull(server, more);
  if (!done.status.exited_with(0))
    CAF_ERROR(done.status.text() << ": " << done.err);
  return done.out;
}

/// The rows of some samples, sorted.
strings sorted_rows(const std::string& samples) {
  strings result;
  for (std::size_t at = 0; at < samples.size(); at += sample_bytes)
    result.push_back(samples.substr(at, sample_bytes));
  std::sort(result.begin(), result.end());
  return result;
}

std::string rows(const std::string& samples, std::size_t from, std::size_t count) {
  return samples.substr(from * sample_bytes, count * sample_bytes);
}

/// The cursor of the line `go on with`, and empty where there is none.
std::string cursor_in(const std::string& text) {
  std::smatch found;
  return std::regex_search(text, found, std::regex{"go on with: dispatcher-pull .*--start '(cursor=[^']*)'"})
           ? found[1].str()
           : std::string{};
}

void check_error(const finished_process& done, const std::string& error) {
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  if (!contains(done.err, "dispatcher-pull: " + error + "\n"))
    CAF_ERROR("expected '" << error << "' in: " << done.err);
}

/// The names of the files in a folder, sorted.
strings files_in(const temporary_folder& folder) {
  strings result;
  for (const auto& entry : fs::directory_iterator{folder.path()})
    result.push_back(entry.path().filename().string());
  std::sort(result.begin(), result.end());
  return result;
}

/// Answers one connection with a text, whatever is asked, and closes it.
class scripted_server {
public:
  explicit scripted_server(std::string text) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd_.get(), reinterpret_cast<sockaddr*>(&where), sizeof(where)) != 0 || ::listen(fd_.get(), 1) != 0)
      throw std::system_error{errno, std::generic_category(), "listen"};
    thread_ = std::thread{[this, text = std::move(text)] { answer(text); }};
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;
  ~scripted_server() {
    ::shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(dispatch::io::port_of(fd_.get())); }

private:
  void answer(const std::string& text) const {
    const dispatch::io::unique_fd peer{::accept(fd_.get(), nullptr, nullptr)};
    if (!peer)
      return;
    // Read to the end of the hello: a close with bytes unread would reset the connection.
    for (char byte = 0; byte != '\n';)
      if (::recv(peer.get(), &byte, 1, 0) <= 0)
        return;
    ::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
  }

  dispatch::io::unique_fd fd_;
  std::thread thread_;
};

/// A place in a dataset of four bytes.
std::string place_of_four(std::int64_t position) {
  return to_text(dispatch::session_cursor{"four", {}, {4, 2, {}}, 0, position, {}});
}

const std::string welcome_of_four =
  R"({"type":"welcome","version":1,"session":"s","dataset":"four","samples":4,"batches":2,"batch_size":2,"epochs":1,)"
  R"("shard":{"index":0,"count":1},"columns":[{"name":"x","dtype":"uint8","shape":[]}],"cursor":")"
  + place_of_four(0) + "\"}\n";

/// Two of them: "ab" at the beginning, "cd" behind it.
std::string batch_of_two(int seq, std::int64_t position, std::uint32_t crc) {
  return R"({"type":"batch","seq":)" + std::to_string(seq) + R"(,"epoch":0,"position":)" + std::to_string(position)
         + R"(,"samples":2,"cursor":")" + place_of_four(position + 2)
         + R"(","columns":[{"name":"x","offset":0,"bytes":2}],"payload_bytes":2,"crc32":)" + std::to_string(crc) + "}\n"
         + (position == 0 ? "ab" : "cd") + "\n";
}

} // namespace

// -- what comes -------------------------------------------------------------------------------------------------------

CAF_TEST(a session in order has what a pass has) {
  const auto server = start_sessions();
  const auto by_session = samples_of(server, {"--batch-size", "64"});
  const auto by_pass = run_process({DISPATCHER_BINARY_DIR "/dispatcher-pull", "--connect", server.pass_address,
                                    "--admin", "none", "--out", "-", "--quiet"},
                                   timeout);
  CAF_CHECK_EQUAL(by_session.size(), all_samples * sample_bytes);
  CAF_CHECK(by_session == by_pass.out);
}

CAF_TEST(a shuffle changes the order and nothing else) {
  const auto server = start_sessions();
  const auto in_order = samples_of(server);
  const auto shuffled = samples_of(server, {"--shuffle", "7"});
  CAF_CHECK(shuffled != in_order);
  CAF_CHECK(sorted_rows(shuffled) == sorted_rows(in_order));
  CAF_CHECK(samples_of(server, {"--shuffle", "7", "--batch-size", "64"}) == shuffled);
  CAF_CHECK(samples_of(server, {"--shuffle", "8"}) != shuffled);
}

CAF_TEST(two shards are one with batches of twice the size) {
  const auto server = start_sessions();
  const strings common{"--shuffle", "7", "--epochs", "2", "--ends", "drop"};
  const auto shard = [&](const char* which) {
    auto options = common;
    options.insert(options.end(), {"--batch-size", "32", "--shard", which});
    return samples_of(server, options);
  };
  auto options = common;
  options.insert(options.end(), {"--batch-size", "64"});
  const auto together = samples_of(server, options);
  const auto first = shard("0/2");
  const auto second = shard("1/2");
  std::string joined;
  for (std::size_t at = 0; at < first.size() / sample_bytes; at += 32)
    joined += rows(first, at, 32) + rows(second, at, 32);
  CAF_CHECK_EQUAL(together.size(), 2u * 156 * 64 * sample_bytes);
  CAF_CHECK(joined == together);
}

CAF_TEST(a session says how it goes) {
  const auto server = start_sessions();
  const auto done = pull(server, {"--epochs", "2", "--batch-size", "3000", "--shard", "1/2", "--ends", "pad"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK(contains(done.err, "epoch 0 is over: 2 batches, 6000 samples, 2000 of them padded, 18.82 MB, "));
  CAF_CHECK(contains(done.err, "epoch 1 is over: "));
  CAF_CHECK(contains(done.out, "complete: 2 epochs, 4 batches, 12000 samples, 37.63 MB, "));
  const auto json = pull(server, {"--json", "--quiet"});
  CAF_CHECK(contains(json.out, R"("complete":true,"dataset":"mnist","epochs":1,"batches":334,"samples":10000,)"));
  CAF_CHECK(contains(json.out, R"("sha256":{"data":")"));
  CAF_CHECK_EQUAL(json.err, "");
}

// -- where it goes on -------------------------------------------------------------------------------------------------

CAF_TEST(a session that was interrupted goes on at its cursor) {
  const temporary_folder folder;
  const auto server = start_sessions();
  const auto whole = samples_of(server, {"--shuffle", "7"});
  process child{command(server.address, {"--shuffle", "7", "--delay-ms", "20", "--out", folder.at("first")})};
  child.wait_for_line(" batches, ", timeout);
  CAF_CHECK_EQUAL(child.terminate(timeout).text(), "exit code 1");
  CAF_CHECK(contains(child.err(), "dispatcher-pull: interrupted\n"));
  const auto cursor = cursor_in(child.err());
  CAF_REQUIRE_NOT_EQUAL(cursor, "");
  const auto first = folder.content("first");
  CAF_CHECK_GREATER(first.size(), 0u);
  CAF_CHECK_LESS(first.size(), whole.size());
  CAF_CHECK(first + samples_of(server, {"--start", cursor, "--batch-size", "100"}) == whole);
}

CAF_TEST(a loop with a cursor file gets each sample once) {
  const temporary_folder folder;
  const auto server = start_sessions();
  const auto whole = samples_of(server, {"--shuffle", "7"});
  const strings options{"--shuffle", "7", "--cursor-file", folder.at("c"), "--out", folder.at("x.raw")};
  auto slow = options;
  slow.insert(slow.end(), {"--delay-ms", "20"});
  process child{command(server.address, slow)};
  child.wait_for_line(" batches, ", timeout);
  child.signal(SIGINT);
  CAF_CHECK_EQUAL(child.wait_for_end(timeout).text(), "exit code 1");
  const auto first = folder.content("x.raw");
  const auto position = first.size() / sample_bytes;
  CAF_CHECK(contains(folder.content("c"), ",epoch=0,sample=" + std::to_string(position) + ","));
  const auto done = pull(server, options);
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  const auto rest = "x.from-0-" + std::to_string(position) + ".raw";
  CAF_CHECK_EQUAL(files_in(folder), (strings{"c", rest, "x.raw"}));
  CAF_CHECK(first + folder.content(rest) == whole);
  CAF_CHECK(contains(folder.content("c"), ",epoch=1,sample=0,"));
}

CAF_TEST(a dispatcher that is killed loses nothing that was said) {
  const temporary_folder folder;
  auto server = start_sessions();
  const auto whole = samples_of(server, {"--epochs", "3"});
  process child{command(server.address, {"--epochs", "3", "--delay-ms", "20", "--out", folder.at("first")})};
  child.wait_for_line(" batches, ", timeout);
  server.program.signal(SIGKILL);
  CAF_CHECK_EQUAL(child.wait_for_end(timeout).text(), "exit code 1");
  CAF_CHECK(contains(child.err(), "dispatcher-pull: the connection ended "));
  const auto cursor = cursor_in(child.err());
  CAF_REQUIRE_NOT_EQUAL(cursor, "");
  CAF_CHECK(folder.content("first") + samples_of(start_sessions(), {"--start", cursor, "--epochs", "3"}) == whole);
}

CAF_TEST(a cursor file is replaced after each epoch) {
  const temporary_folder folder;
  const auto server = start_sessions();
  process child{command(
    server.address, {"--batch-size", "5000", "--epochs", "0", "--delay-ms", "50", "--cursor-file", folder.at("c")})};
  child.wait_for_line("epoch 1 is over: ", timeout);
  child.signal(SIGKILL);
  child.wait_for_end(timeout);
  CAF_CHECK(!contains(folder.content("c"), ",epoch=0,"));
  CAF_CHECK(contains(folder.content("c"), ",sample=0,"));
}

// -- files of NumPy ---------------------------------------------------------------------------------------------------

CAF_TEST(NumPy reads what a session has written) {
  const std::string python = "/usr/bin/python3";
  if (!run_process({python, "-c", "import numpy"}, timeout).status.exited_with(0)) {
    CAF_MESSAGE("skipped: " << python << " has no numpy");
    return;
  }
  const temporary_folder folder;
  const auto server = start_sessions();
  CAF_CHECK_EQUAL(pull(server, {"--out", folder.at("x.npz")}).status.text(), "exit code 0");
  CAF_CHECK_EQUAL(pull(server, {"--out", folder.at("x.npy")}).status.text(), "exit code 0");
  const auto columns =
    dispatch::pull::open_npz_file(folder.at("two.npz"), {{"pair", "uint8", std::vector<std::int64_t>{2}},
                                                         {"y", "int16", std::vector<std::int64_t>{}}});
  columns->write({"abcd", std::string_view{"\1\0\2\0", 4}});
  columns->commit();
  const auto script = "import numpy, zipfile, os\n"
                      "os.chdir('"
                      + folder.path().string()
                      + "')\n"
                        "assert zipfile.ZipFile('two.npz').testzip() is None\n"
                        "x = numpy.load('x.npz')\n"
                        "assert x.files == ['data'] and x['data'].shape == (10000, 1, 28, 28), x.files\n"
                        "assert (x['data'] == numpy.load('x.npy')).all() and x['data'].dtype == 'float32'\n"
                        "two = numpy.load('two.npz')\n"
                        "assert two.files == ['pair', 'y'], two.files\n"
                        "assert two['pair'].tolist() == [[97, 98], [99, 100]] and two['y'].tolist() == [1, 2]\n";
  const auto checked = run_process({python, "-c", script}, timeout);
  CAF_CHECK_EQUAL(checked.err, "");
  CAF_CHECK_EQUAL(checked.status.text(), "exit code 0");
}

// -- what is wrong ----------------------------------------------------------------------------------------------------

CAF_TEST(what the dispatcher does not have is said) {
  const temporary_folder folder;
  const auto server = start_sessions();
  const std::string ended = "the dispatcher ended the session after 0 batches with ";
  check_error(pull(server, {"--columns", "x", "--out", folder.at("x.npz")}),
              ended + "NOT_FOUND: columns: got 'x'; dataset 'mnist' has 'data'");
  check_error(pull(server, {"--dataset", "nope"}),
              ended + "NOT_FOUND: no dataset 'nope'; there are: mnist, mnist-labels");
  CAF_CHECK(fs::is_empty(folder.path()));
}

CAF_TEST(a cursor that is none or of another dataset) {
  const auto server = start_sessions();
  const auto done = pull(server, {"--start", "cursor=1,check=00000000"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 2");
  CAF_CHECK(contains(done.err, "dispatcher-pull: --start: its check digits are '00000000', and those of its text are"));
  const auto labels = cursor_in(pull(server, {"--dataset", "mnist-labels"}).err);
  CAF_REQUIRE_NOT_EQUAL(labels, "");
  const auto other = pull(server, {"--dataset", "mnist", "--start", labels});
  CAF_CHECK_EQUAL(other.status.text(), "exit code 1");
  CAF_CHECK(contains(other.err, "with INVALID_ARGUMENT: "));
  CAF_CHECK(contains(other.err, "mnist-labels"));
}

CAF_TEST(ports that are of something else) {
  const auto server = start_sessions();
  const std::string which = "; with --session, --connect takes the port of a dispatcher's --sessions, which is 8090 "
                            "unless it says otherwise";
  check_error(run_process(command(server.pass_address, {}), timeout),
              server.pass_address + " is a dispatcher's port for passes" + which);
  check_error(
    run_process({DISPATCHER_BINARY_DIR "/dispatcher-pull", "--connect", server.address, "--admin", "none"}, timeout),
    server.address + " is a dispatcher's port for sessions; --session opens one");
  const odd_server other{odd_server::behaviour::garbage};
  const auto where = "127.0.0.1:" + std::to_string(other.port());
  check_error(run_process(command(where, {}), timeout),
              where + " serves no sessions: another server answers (\"220 this is not the protocol that you ar...\")"
                + which);
}

CAF_TEST(samples that cannot be written move no cursor) {
  const temporary_folder folder;
  const auto server = start_sessions();
  const auto done = pull(server, {"--out", "/dev/full", "--cursor-file", folder.at("c")});
  check_error(done, "cannot write /dev/full: No space left on device");
  CAF_CHECK(contains(cursor_in(done.err), ",epoch=0,sample=0,"));
  CAF_CHECK_EQUAL(folder.content("c"), cursor_in(done.err) + "\n");
  CAF_CHECK_EQUAL(pull(server, {"--out", folder.at("no/x.npz")}).status.text(), "exit code 1");
}

CAF_TEST(what a dispatcher must not do is an error with both values) {
  const temporary_folder folder;
  const auto told = [&](const std::string& lines) {
    const scripted_server server{welcome_of_four + lines};
    return run_process(command(server.address(), {"--checksum", "--out", folder.at("x"), "--quiet"}), timeout);
  };
  const auto first = batch_of_two(0, 0, 2659403885u);
  check_error(told(first + batch_of_two(2, 2, 0)), "batch 2: seq 2 came where 1 was due");
  CAF_CHECK_EQUAL(folder.content("x"), "ab");
  check_error(told(first + batch_of_two(1, 1, 0)), "batch 1: it is at position 1, and 2 was due");
  const auto damaged = told(first + batch_of_two(1, 2, 5));
  check_error(damaged, "batch 1: its crc32 is 5, and that of its payload is 1171689434");
  CAF_CHECK_EQUAL(cursor_in(damaged.err), place_of_four(2));
  check_error(told(first.substr(0, first.size() - 2)),
              "the connection ended within the payload of batch 0, of which 1 of 2 bytes came, after 0 batches");
  check_error(told(first), "the connection ended without eof, after 1 batches");
}

CAF_TEST(a dispatcher that waits says on whom) {
  const auto server = start_sessions({"--upstream", "127.0.0.1:" + std::to_string(unused_port())});
  process child{command(server.address, {"--idle-timeout", "3"})};
  child.wait_for_line("dispatcher-pull: the dispatcher waits for its upstream, for ", timeout);
  CAF_CHECK_EQUAL(child.wait_for_end(timeout).text(), "exit code 1");
  CAF_CHECK(contains(child.err(), "dispatcher-pull: no batch came for 3000 ms (--idle-timeout), after 0 batches\n"));
}

CAF_TEST(a dispatcher that stops sends its consumer elsewhere) {
  const temporary_folder folder;
  auto server = start_sessions({"--embedded", "--drain-timeout", "60"});
  // So long that the end is not on its way already when the dispatcher is stopped, however busy the machine is.
  const auto whole = samples_of(server, {"--epochs", "3"});
  process child{command(server.address, {"--epochs", "3", "--delay-ms", "10", "--out", folder.at("first")})};
  child.wait_for_line(" batches, ", timeout);
  server.program.signal(SIGTERM);
  CAF_CHECK_EQUAL(child.wait_for_end(timeout).text(), "exit code 1");
  CAF_CHECK(contains(child.err(), " batches: the dispatcher is stopping: "));
  const auto cursor = cursor_in(child.err());
  CAF_REQUIRE_NOT_EQUAL(cursor, "");
  CAF_CHECK(folder.content("first") + samples_of(start_sessions(), {"--start", cursor, "--epochs", "3"}) == whole);
}
