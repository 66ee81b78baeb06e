// sources: io/admin/request_head.cpp
// libraries: cpp-httplib

#include <httplib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "io/admin/request_head.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// What whoever reaches the admin endpoint sends: its head ends in the same place however it comes, of its headers only
/// those that are looked at reach the HTTP library, and the library answers whatever is left.

using dispatch::test::require;

namespace {

/// A request that is there already, and what is written in answer.
class memory_stream : public httplib::Stream {
public:
  explicit memory_stream(std::string request) : request_(std::move(request)) {}

  bool is_readable() const override { return taken_ < request_.size(); }

  bool is_writable() const override { return true; }

  ssize_t read(char* to, std::size_t size) override {
    const auto count = std::min(size, request_.size() - taken_);
    std::memcpy(to, request_.data() + taken_, count);
    taken_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* from, std::size_t size) override {
    answer.append(from, size);
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return 0; }

  std::string answer;

private:
  std::string request_;
  std::size_t taken_ = 0;
};

class router : public httplib::Server {
public:
  router() {
    Get("/status", [](const httplib::Request& asked, httplib::Response& answer) {
      require(asked.headers.count("Range") == 0, "no range reaches the library");
      answer.set_content(asked.get_header_value("Host") + asked.get_param_value("after"), "text/plain");
    });
  }

  using httplib::Server::process_request;
};

void check_headers(const std::string& essential) {
  auto is_first = true;
  std::string_view rest = essential;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n') + 1);
    require(!line.empty(), "there are only whole lines");
    rest.remove_prefix(line.size());
    std::string name{line.substr(0, line.find(':'))};
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    require(is_first || line == "\r\n" || name == "host" || name == "accept" || name == "last-event-id",
            "there are only headers that are looked at");
    is_first = false;
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static router routes;
  const auto input = dispatch::test::cut(bytes, size);
  std::string received;
  auto end = std::string::npos;
  for (const auto piece : input.views()) {
    const auto before = received.size();
    received.append(piece);
    end = dispatch::admin::end_of_head(received, before);
    if (end != std::string::npos)
      break;
  }
  const auto at_once = dispatch::admin::end_of_head(received, 0);
  require(end == at_once, "the head ends where it ends when it comes at once");
  const auto head = received.substr(0, end);
  const auto essential = dispatch::admin::essential_head(head);
  check_headers(essential);
  dispatch::admin::is_local_name(head);
  memory_stream stream{essential};
  auto closed = false;
  const auto answered = routes.process_request(stream, true, closed, nullptr);
  require(!answered || stream.answer.rfind("HTTP/1.1 ", 0) == 0, "what is answered is an answer");
  return 0;
}
