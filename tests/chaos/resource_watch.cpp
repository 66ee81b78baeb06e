#include "tests/chaos/resource_watch.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace dispatch::chaos {

namespace {

namespace fs = std::filesystem;

/// One line of /proc/PID/net/tcp.
struct tcp_entry {
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  std::string inode;
};

constexpr std::string_view state_listening = "0A";

/// The port of an address such as `0100007F:1F90`.
std::uint16_t port_in(std::string_view address) {
  std::uint16_t port = 0;
  const auto digits = address.substr(address.find(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), port, 16);
  return port;
}

std::vector<tcp_entry> tcp_connections(const fs::path& process) {
  std::vector<tcp_entry> result;
  for (const auto* name : {"net/tcp", "net/tcp6"}) {
    std::ifstream file{process / name};
    std::string line;
    std::getline(file, line); // The header.
    while (std::getline(file, line)) {
      std::istringstream fields{line};
      std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
      if (state != state_listening)
        result.push_back({port_in(local), port_in(remote), inode});
    }
  }
  return result;
}

/// What the process's descriptors lead to, such as `socket:[4711]`.
std::multiset<std::string> descriptors_of(const fs::path& process) {
  std::multiset<std::string> result;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator{process / "fd", problem}) {
    // One that was closed meanwhile is none.
    const auto target = fs::read_symlink(entry.path(), problem);
    if (!problem)
      result.insert(target.string());
  }
  return result;
}

/// A number in /proc/PID/status, in the unit that stands there.
std::uint64_t status_number(const fs::path& process, const std::string& key) {
  std::ifstream file{process / "status"};
  for (std::string name; file >> name;) {
    std::uint64_t number = 0;
    if (name == key + ":" && file >> number)
      return number;
  }
  return 0;
}

} // namespace

std::optional<resources> resources_of(pid_t process, const std::vector<std::uint16_t>& ports,
                                      const std::vector<std::uint16_t>& upstream_ports) {
  const auto folder = fs::path{"/proc"} / std::to_string(process);
  resources result;
  result.threads = status_number(folder, "Threads");
  if (result.threads == 0)
    return std::nullopt;
  result.rss_bytes = status_number(folder, "VmRSS") * 1024;
  const auto descriptors = descriptors_of(folder);
  result.descriptors = descriptors.size();
  for (const auto& entry : tcp_connections(folder)) {
    if (descriptors.count("socket:[" + entry.inode + "]") == 0)
      continue;
    const auto is_in = [](const std::vector<std::uint16_t>& all, std::uint16_t port) {
      return std::find(all.begin(), all.end(), port) != all.end();
    };
    result.upstream += is_in(upstream_ports, entry.remote_port) ? 1 : 0;
    result.clients += is_in(ports, entry.local_port) ? 1 : 0;
  }
  return result;
}

} // namespace dispatch::chaos
