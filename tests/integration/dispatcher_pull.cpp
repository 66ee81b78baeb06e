#define CAF_SUITE dispatcher_pull

#include "io/socket_port.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/plain_base64.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <caf/test/unit_test.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using dispatch::test::contains;
using dispatch::test::process;

namespace {

namespace fs = std::filesystem;

constexpr auto timeout = 30s;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

// A port of the loopback that the kernel chose. Nobody can connect before `start_listening()`, and nobody
// else gets it.
class reserved_port {
public:
  explicit reserved_port(bool v6 = false) : fd_(::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in v4_address{};
    v4_address.sin_family = AF_INET;
    v4_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6_address{};
    v6_address.sin6_family = AF_INET6;
    v6_address.sin6_addr = in6addr_loopback;
    auto address = v6 ? reinterpret_cast<sockaddr*>(&v6_address) : reinterpret_cast<sockaddr*>(&v4_address);
    const socklen_t size = v6 ? sizeof(v6_address) : sizeof(v4_address);
    if (fd_ < 0 || ::bind(fd_, address, size) != 0)
      fail("bind");
    port_ = std::to_string(dispatch::io::port_of(fd_));
  }
  reserved_port(const reserved_port&) = delete;
  reserved_port& operator=(const reserved_port&) = delete;
  ~reserved_port() { ::close(fd_); }

  const std::string& port() const { return port_; }

  int fd() const { return fd_; }

  void start_listening() const {
    if (::listen(fd_, 1) != 0)
      fail("listen");
  }

private:
  int fd_;
  std::string port_;
};

// The server's side of a connection. What cannot be sent because the client has left is lost silently.
class connection {
public:
  explicit connection(int fd) : fd_(fd) {
    timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { ::close(fd_); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0)
        return;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  void wait_until_client_leaves() {
    char byte;
    while (::recv(fd_, &byte, 1, 0) > 0)
      ;
  }

  // Makes the close a reset.
  void reset_at_close() {
    linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  }

private:
  int fd_;
};

// Serves one connection, or several one after another, with a script, in a thread of its own.
class scripted_server {
public:
  using script = std::function<void(connection&)>;

  scripted_server(const reserved_port& where, script what, int connections = 1) {
    where.start_listening();
    thread_ = std::thread{[fd = where.fd(), what = std::move(what), connections] {
      for (int served = 0; served < connections; ++served) {
        pollfd entry{fd, POLLIN, 0};
        if (::poll(&entry, 1, 20000) <= 0)
          return;
        connection client{::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC)};
        what(client);
      }
    }};
  }
  ~scripted_server() { thread_.join(); }

private:
  std::thread thread_;
};

std::string line(int index, std::string_view data, bool eof = false) {
  auto number = std::to_string(index);
  return "{\"batch_id\":" + number + ",\"batch_index\":" + number + ",\"batch_data\":[\""
         + dispatch::test::plain_base64(data)
         + "\"],\"client_id\":\"client_127.0.0.1:5\",\"EOF\":" + (eof ? "true" : "false") + "}\n";
}

std::string error_line(int index, const std::string& code, const std::string& message) {
  auto number = std::to_string(index);
  return "{\"batch_id\":" + number + ",\"batch_index\":" + number
         + ",\"batch_data\":[],\"client_id\":\"c\",\"EOF\":false,\"error\":{\"code\":\"" + code + "\",\"message\":\""
         + message + "\"}}\n";
}

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  std::string result(size, '\0');
  for (auto& c : result)
    c = static_cast<char>(random());
  return result;
}

using arguments = std::vector<std::string>;

arguments command(const arguments& more) {
  arguments result{DISPATCHER_BINARY_DIR "/dispatcher-pull"};
  result.insert(result.end(), more.begin(), more.end());
  return result;
}

struct fixture : dispatch::test::temporary_folder {
  // Runs the program against a script.
  static dispatch::test::finished_process pull(const scripted_server::script& what, arguments more = {},
                                               int connections = 1) {
    reserved_port port;
    scripted_server server{port, what, connections};
    more.insert(more.end(), {"--connect", "127.0.0.1:" + port.port()});
    return dispatch::test::run_process(command(more), timeout);
  }

  // Runs it against a script of fixed bytes and checks that it finds the stream wrong, for this reason.
  static void check_wrong(const std::string& stream, const std::string& reason) {
    auto done = pull([&](connection& client) { client.send(stream); });
    CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
    CAF_CHECK(contains(done.out, "incomplete: "));
    if (!contains(done.err, "dispatcher-pull: " + reason + "\n"))
      CAF_ERROR("expected '" << reason << "' in: " << done.err);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(dispatcher_pull_tests, fixture)

CAF_TEST(a complete pass) {
  auto done = pull([](connection& client) {
    for (int i = 0; i < 3; ++i)
      client.send(line(i, random_bytes(std::size_t{3136} * (i < 2 ? 30 : 10), static_cast<unsigned>(i)), i == 2));
  });
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK_EQUAL(done.out.substr(0, done.out.find(" s, ") - 4),
                  "complete: 3 batches, 70 samples of float32:1x28x28 by default (nothing confirms it), 0.22 MB of "
                  "samples, ");
  CAF_CHECK_EQUAL(done.out.back(), '\n');
  CAF_CHECK(contains(done.err, "3 batches, 0.22 MB, "));
}

CAF_TEST(quiet says nothing) {
  auto done = pull([](connection& client) { client.send(line(0, "abc", true)); }, {"--quiet"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK_EQUAL(done.out + done.err, "");
}

CAF_TEST(a summary as JSON) {
  auto script = [](connection& client) { client.send(line(0, "a") + line(1, "b") + line(2, "c", true)); };
  auto done = pull(script, {"--json", "--quiet", "--sample", "uint8"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK(contains(done.out, R"({"complete":true,"batches":3,"samples":3,"sample":"uint8","sample_confirmed":false,"bytes":3,)"));
  CAF_CHECK(contains(done.out, R"("error":null,"error_code":null,"sha256":)"
                               R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})"));
}

CAF_TEST(frames cut in odd places) {
  auto data = random_bytes(2000, 1);
  auto stream = line(0, data.substr(0, 10)) + line(1, data.substr(10, 1000)) + line(2, data.substr(1010), true);
  auto bytewise = pull(
    [&](connection& client) {
      for (auto c : stream)
        client.send({&c, 1});
    },
    {"--out", at("bytewise")});
  CAF_CHECK_EQUAL(bytewise.status.text(), "exit code 0");
  CAF_CHECK(content("bytewise") == data);
  auto random = pull(
    [&](connection& client) {
      std::mt19937 size{5};
      for (std::size_t sent = 0; sent < stream.size();) {
        auto part = stream.substr(sent, 1 + size() % 700);
        client.send(part);
        sent += part.size();
      }
    },
    {"--out", at("random")});
  CAF_CHECK_EQUAL(random.status.text(), "exit code 0");
  CAF_CHECK(content("random") == data);
}

CAF_TEST(large batches) {
  auto data = random_bytes(std::size_t{24} << 20, 2);
  auto done =
    pull([&](connection& client) { client.send(line(0, data) + line(1, "x", true)); }, {"--out", at("samples")});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK(content("samples") == data + "x");
}

CAF_TEST(an npy file byte for byte) {
  auto done = pull([](connection& client) { client.send(line(0, "abcdefgh") + line(1, "ijkl", true)); },
                   {"--out", at("x.npy"), "--sample", "int16:1x2"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK(contains(done.out, "complete: 2 batches, 3 samples"));
  std::string dictionary = "{'descr': '<i2', 'fortran_order': False, 'shape': (3, 1, 2), }";
  auto header =
    std::string("\x93NUMPY\x01\x00\x76\x00", 10) + dictionary + std::string(117 - dictionary.size(), ' ') + "\n";
  CAF_CHECK_EQUAL(content("x.npy"), header + "abcdefghijkl");
}

CAF_TEST(samples to stdout) {
  auto done = pull([](connection& client) { client.send(line(0, "abc") + line(1, "def", true)); }, {"--out", "-"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK_EQUAL(done.out, "abcdef");
  CAF_CHECK(contains(done.err, "complete: 2 batches"));
}

CAF_TEST(samples of another size than said) {
  auto stream = [](connection& client) { client.send(line(0, "abc", true)); };
  auto said = pull(stream, {"--sample", "uint16"});
  CAF_CHECK_EQUAL(said.status.text(), "exit code 1");
  CAF_CHECK(contains(said.err, "batch 0 has 3 bytes, which are not whole samples of uint16 (2 bytes each, --sample)"));
  auto npy = pull(stream, {"--out", at("x.npy")});
  CAF_CHECK_EQUAL(npy.status.text(), "exit code 1");
  CAF_CHECK(contains(npy.err, "say what a sample is with --sample DTYPE:SHAPE"));
  CAF_CHECK(fs::is_empty(path()));
  auto neither = pull(stream);
  CAF_CHECK_EQUAL(neither.status.text(), "exit code 0");
  CAF_CHECK(contains(neither.out, "complete: 1 batch, 0.00 MB"));
}

CAF_TEST(streams that are wrong) {
  check_wrong(line(0, "a") + line(2, "c", true), "batch 1 is missing: batch 2 came in its place");
  check_wrong(line(0, "a") + line(0, "a") + line(1, "b", true), "batch 0 came again after batch 0");
  check_wrong(line(0, "a") + line(1, "b"), "the connection ended after 2 batches, without EOF");
  check_wrong("", "the connection ended after 0 batches, without EOF");
  check_wrong(line(0, "a") + "{\"batch", "the connection ended within a line, after 1 batch and 7 bytes more");
  check_wrong(line(0, "a", true) + line(1, "b", true), "a frame came after the one that said EOF");
  check_wrong(line(0, "a", true) + "x", "the connection ended within a line, after 1 batch and 1 bytes more");
  check_wrong("{oops\r\n", "line 1 is no frame: it is not JSON: \"{oops\\x0d\"");
  check_wrong(line(0, "a") + "\n", "line 2 is no frame: the line is empty");
  check_wrong(error_line(0, "NOT_FOUND", "no dataset 'x'"),
              "the server ended the stream after 0 batches with NOT_FOUND: no dataset 'x'");
}

CAF_TEST(random bytes) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    auto done = pull([&](connection& client) { client.send(random_bytes(200000, seed)); });
    CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
    CAF_CHECK(contains(done.err, " is not a dispatcher: another server answers (\""));
  }
}

CAF_TEST(an error frame for scripts) {
  auto done = pull([](connection& client) { client.send(line(0, "a") + error_line(1, "UNAVAILABLE", "gone")); },
                   {"--json", "--quiet"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  CAF_CHECK(contains(done.out, R"("error":"the server ended the stream after 1 batch with UNAVAILABLE: gone",)"
                               R"("error_code":"UNAVAILABLE")"));
  CAF_CHECK(contains(done.err, "UNAVAILABLE: gone"));
}

CAF_TEST(a connection that is reset) {
  reserved_port port;
  std::promise<void> first_frame_is_there;
  scripted_server server{port, [arrived = first_frame_is_there.get_future().share()](connection& client) {
                           client.send(line(0, "here\n") + "{");
                           arrived.wait_for(timeout);
                           client.reset_at_close();
                         }};
  process child{command({"--connect", "127.0.0.1:" + port.port(), "--out", "-"})};
  child.wait_for_line("here", timeout, process::stream::out);
  first_frame_is_there.set_value();
  CAF_CHECK_EQUAL(child.wait_for_end(timeout).text(), "exit code 1");
  CAF_CHECK(contains(child.err(), "(Connection reset by peer)"));
}

CAF_TEST(a line longer than the limit) {
  auto done = pull([](connection& client) { client.send(std::string((std::size_t{1} << 20) + 1, '{')); },
                   {"--max-frame-mib", "1"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  CAF_CHECK(contains(done.err, "a line is longer than 1 MiB (--max-frame-mib), after 0 batches"));
}

CAF_TEST(another number of batches than expected) {
  auto stream = [](connection& client) { client.send(line(0, "a") + line(1, "b", true)); };
  CAF_CHECK_EQUAL(pull(stream, {"--expect", "2"}).status.text(), "exit code 0");
  CAF_CHECK_EQUAL(pull(stream, {"--expect", "1"}).status.text(), "exit code 1");
  CAF_CHECK_EQUAL(pull(stream, {"--expect", "1", "--expect", "2"}).status.text(), "exit code 0");
  auto done = pull(stream, {"--expect", "3"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  CAF_CHECK(contains(done.err, "the stream ended after 2 batches instead of the expected 3"));
  CAF_CHECK(contains(done.out, "incomplete: 2 batches"));
}

CAF_TEST(a server that does not close) {
  auto done = pull([](connection& client) {
    client.send(line(0, "a", true));
    client.wait_until_client_leaves();
  });
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK(contains(done.err, "the server has not closed the connection after its last frame"));
}

CAF_TEST(a server that falls silent) {
  auto done = pull(
    [](connection& client) {
      client.send(line(0, "a"));
      client.wait_until_client_leaves();
    },
    {"--idle-timeout", "0.3"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  CAF_CHECK(contains(done.err, "nothing came for 300 ms (--idle-timeout), after 1 batches"));
}

CAF_TEST(a slow trainer) {
  auto start = std::chrono::steady_clock::now();
  auto done = pull(
    [](connection& client) {
      for (int i = 0; i < 10; ++i)
        client.send(line(i, "a", i == 9));
    },
    {"--delay-ms", "20"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK(std::chrono::steady_clock::now() - start >= 180ms);
}

CAF_TEST(several passes) {
  auto stream = [](connection& client) { client.send(line(0, "a") + line(1, "b", true)); };
  auto done = pull(stream, {"--passes", "3"}, 3);
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
  CAF_CHECK_EQUAL(std::count(done.out.begin(), done.out.end(), '\n'), 3);
}

CAF_TEST(passes without end go on until one is not complete) {
  auto served = 0;
  auto stream = [&](connection& client) { client.send(line(0, "a", ++served < 3)); };
  auto done = pull(stream, {"--passes", "0"}, 3);
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  CAF_CHECK_EQUAL(std::count(done.out.begin(), done.out.end(), '\n'), 3);
  CAF_CHECK(contains(done.err, "the connection ended after 1 batch, without EOF"));
}

CAF_TEST(a file takes one pass) {
  auto done = dispatch::test::run_process(command({"--passes", "2", "--out", at("x")}), timeout);
  CAF_CHECK_EQUAL(done.status.text(), "exit code 2");
  CAF_CHECK_EQUAL(done.err, "dispatcher-pull: --out: takes the samples of one pass, and --passes asks for others\n");
}

CAF_TEST(a failed pass leaves no file and keeps the old one) {
  std::ofstream{at("samples")} << "old";
  auto done =
    pull([](connection& client) { client.send(line(0, "a") + line(2, "c", true)); }, {"--out", at("samples")});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  CAF_CHECK_EQUAL(content("samples"), "old");
  CAF_CHECK_EQUAL(std::distance(fs::directory_iterator{path()}, fs::directory_iterator{}), 1);
}

CAF_TEST(a full disk) {
  auto done = pull([](connection& client) { client.send(line(0, "a", true)); }, {"--out", "/dev/full"});
  CAF_CHECK_EQUAL(done.status.text(), "exit code 1");
  CAF_CHECK(contains(done.err, "cannot write /dev/full: No space left on device"));
}

CAF_TEST(interrupted) {
  for (auto number : {SIGINT, SIGTERM}) {
    reserved_port port;
    scripted_server server{port, [](connection& client) {
                             client.send(line(0, "here\n"));
                             client.wait_until_client_leaves();
                           }};
    process child{command({"--connect", "127.0.0.1:" + port.port(), "--out", "-"})};
    child.wait_for_line("here", timeout, process::stream::out);
    CAF_CHECK(child.signal(number));
    CAF_CHECK_EQUAL(child.wait_for_end(timeout).text(), "exit code 1");
    CAF_CHECK(contains(child.err(), "dispatcher-pull: interrupted\n"));
    CAF_CHECK(contains(child.err(), "incomplete: 1 batch, "));
    CAF_CHECK(!child.signal(number));
  }
}

CAF_TEST(a closed port) {
  reserved_port port;
  auto done = dispatch::test::run_process(command({"--connect", "127.0.0.1:" + port.port()}), timeout);
  CAF_CHECK_EQUAL(done.status.text(), "exit code 3");
  CAF_CHECK_EQUAL(done.err, "dispatcher-pull: cannot connect to 127.0.0.1:" + port.port() + ": Connection refused\n");
  CAF_CHECK_EQUAL(done.out, "");
}

CAF_TEST(a server that comes later) {
  reserved_port port;
  process child{command({"--connect", "127.0.0.1:" + port.port(), "--wait", "25"})};
  auto match = child.wait_for_match("connect to 127.0.0.1:([0-9]+): Connection refused; trying again", timeout);
  CAF_CHECK_EQUAL(match.at(1), port.port());
  scripted_server server{port, [](connection& client) { client.send(line(0, "a", true)); }};
  CAF_CHECK_EQUAL(child.wait_for_end(timeout).text(), "exit code 0");
}

CAF_TEST(all addresses of a name are tried) {
  // localhost is ::1 as well on most machines, where nothing of ours listens.
  reserved_port port;
  scripted_server server{port, [](connection& client) { client.send(line(0, "a", true)); }};
  auto done = dispatch::test::run_process(command({"--connect", "localhost:" + port.port()}), timeout);
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
}

CAF_TEST(IPv6) {
  std::unique_ptr<reserved_port> port;
  try {
    port = std::make_unique<reserved_port>(true);
  } catch (const std::system_error&) {
    CAF_MESSAGE("this machine has no IPv6");
    CAF_CHECK(true);
    return;
  }
  scripted_server server{*port, [](connection& client) { client.send(line(0, "a", true)); }};
  auto done = dispatch::test::run_process(command({"--connect", "[::1]:" + port->port()}), timeout);
  CAF_CHECK_EQUAL(done.status.text(), "exit code 0");
}

CAF_TEST(usage) {
  auto check = [](const arguments& given, const std::string& message) {
    auto done = dispatch::test::run_process(command(given), timeout);
    CAF_CHECK_EQUAL(done.status.text(), "exit code 2");
    CAF_CHECK_EQUAL(done.err, "dispatcher-pull: " + message + " (see --help)\n");
    CAF_CHECK_EQUAL(done.out, "");
  };
  check({"--connect", "a:b"}, "--connect: got 'a:b', takes HOST:PORT, such as gpu7:8080 or [::1]:8080");
  check({"--connect", "::1"}, "--connect: got '::1', takes HOST:PORT, such as gpu7:8080 or [::1]:8080");
  check({"--sample", "float"}, "--sample: got 'float', takes DTYPE:SHAPE, such as float32:1x28x28 or uint8:32x32x3");
  check({"--expect", "0"}, "--expect: got '0', takes a number of batches, 1 or more");
  check({"--wait", "nan"}, "--wait: got 'nan', takes seconds, 0 for not at all");
  check({"--delay-ms", "-1"}, "--delay-ms: got '-1', takes 0 to 3600000");
  check({"--passes", "-1"}, "--passes: got '-1', takes a number of passes, 0 for no end");
  check({"--connect-timeout", "0"}, "--connect-timeout: got '0', takes seconds above 0");
  check({"--nope"}, "The following argument was not expected: --nope");
  check({"--out"}, "--out: 1 required FILE missing");
}

CAF_TEST(help and version) {
  auto help = dispatch::test::run_process(command({"--help"}), timeout);
  CAF_CHECK_EQUAL(help.status.text(), "exit code 0");
  CAF_CHECK(contains(help.out, "Examples:"));
  CAF_CHECK(contains(help.out, "Exit codes:"));
  CAF_CHECK_EQUAL(help.err, "");
  auto version = dispatch::test::run_process(command({"--version"}), timeout);
  CAF_CHECK_EQUAL(version.status.text(), "exit code 0");
  CAF_CHECK_EQUAL(version.out.substr(0, 16), "dispatcher-pull ");
}

CAF_TEST_FIXTURE_SCOPE_END()
