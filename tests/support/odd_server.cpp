#include "tests/support/odd_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "io/socket_port.hpp"

namespace dispatch::test {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&&) = delete;

  int get() const { return fd_; }

private:
  int fd_;
};

descriptor listen_on(std::uint16_t port) {
  descriptor result{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (result.get() < 0)
    fail("socket");
  const auto yes = 1;
  ::setsockopt(result.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::bind(result.get(), reinterpret_cast<const ::sockaddr*>(&address), sizeof address) != 0)
    fail("bind");
  if (::listen(result.get(), SOMAXCONN) != 0)
    fail("listen");
  return result;
}

} // namespace

struct odd_server::impl {
  explicit impl(behaviour what, std::uint16_t wanted)
    : how(what),
      listening(listen_on(wanted)),
      port(io::port_of(listening.get())),
      stop(::eventfd(0, EFD_CLOEXEC)),
      thread([this] { run(); }) {}

  ~impl() {
    ::eventfd_write(stop.get(), 1);
    thread.join();
  }

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  void run() {
    std::array<::pollfd, 2> watched{{{listening.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}}};
    while (::poll(watched.data(), watched.size(), -1) >= 0 && watched[1].revents == 0)
      if (watched[0].revents != 0)
        serve(descriptor{::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC)});
  }

  void serve(descriptor connection) {
    constexpr std::string_view garbage = "220 this is not the protocol that you are looking for\r\n";
    if (how == behaviour::garbage)
      ::send(connection.get(), garbage.data(), garbage.size(), MSG_NOSIGNAL);
    if (how == behaviour::resets) {
      const ::linger at_once{1, 0};
      ::setsockopt(connection.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else {
      connections.push_back(std::move(connection));
    }
    const std::lock_guard guard{mutex};
    ++accepted;
    changed.notify_all();
  }

  behaviour how;
  descriptor listening;
  std::uint16_t port;
  descriptor stop;
  std::vector<descriptor> connections;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t accepted = 0;
  std::thread thread; // last: it uses all of the above
};

odd_server::odd_server(behaviour how, std::uint16_t port) : impl_(std::make_unique<impl>(how, port)) {}

odd_server::~odd_server() = default;

std::uint16_t odd_server::port() const {
  return impl_->port;
}

bool odd_server::wait_for_connections(std::size_t count, std::chrono::milliseconds timeout) const {
  std::unique_lock guard{impl_->mutex};
  return impl_->changed.wait_for(guard, timeout, [&] { return impl_->accepted >= count; });
}

} // namespace dispatch::test
