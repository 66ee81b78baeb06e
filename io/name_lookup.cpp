#include "io/name_lookup.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "io/host_port.hpp"

namespace dispatch::io {

namespace {

std::optional<std::string> address_of(const addrinfo& found, std::uint16_t port) {
  std::array<char, NI_MAXHOST> host{};
  if (::getnameinfo(found.ai_addr, found.ai_addrlen, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return std::nullopt;
  return to_string(host_port{host.data(), port});
}

name_lookup::result look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // Addresses of a family that this machine does not have are of no use.
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  const auto code = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (code != 0)
    return {{}, code == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(code)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{first, &::freeaddrinfo};
  name_lookup::result result;
  for (const auto* found = first; found != nullptr; found = found->ai_next)
    if (auto address = address_of(*found, port);
        address && std::count(result.addresses.begin(), result.addresses.end(), *address) == 0)
      result.addresses.push_back(std::move(*address));
  if (result.addresses.empty())
    result.problem = "the name has no address";
  return result;
}

} // namespace

/// The callbacks that have not run. Threads share it and own nothing else, so they may outlive their `name_lookup`.
class name_lookup::pending {
public:
  std::uint64_t add(callback then) {
    const std::lock_guard guard{mutex_};
    callbacks_.emplace(next_, std::move(then));
    return next_++;
  }

  void end(std::uint64_t id, const result& found) {
    const std::lock_guard guard{mutex_};
    if (const auto then = callbacks_.extract(id))
      then.mapped()(found);
  }

  void drop_all() {
    const std::lock_guard guard{mutex_};
    callbacks_.clear();
  }

private:
  std::mutex mutex_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, callback> callbacks_;
};

name_lookup::name_lookup() : pending_(std::make_shared<pending>()) {}

name_lookup::~name_lookup() {
  pending_->drop_all();
}

void name_lookup::start(const std::string& host, std::uint16_t port, callback then) {
  const auto id = pending_->add(std::move(then));
  try {
    std::thread{[pending = pending_, id, host, port] { pending->end(id, look_up(host, port)); }}.detach();
  } catch (const std::system_error& problem) {
    pending_->end(id, {{}, problem.what()});
  }
}

} // namespace dispatch::io
