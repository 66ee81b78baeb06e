#include "tests/support/process_facts.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace dispatch::test {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

fs::path folder_of(pid_t pid) {
  return fs::path{"/proc"} / std::to_string(pid);
}

std::size_t entries_in(const fs::path& folder) {
  const fs::directory_iterator entries{folder};
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::string line_of(const fs::path& file) {
  std::ifstream in{file};
  std::string line;
  if (!std::getline(in, line))
    throw std::runtime_error{"cannot read " + file.string()};
  return line;
}

/// What the kernel says of a thread: its state, then numbers. The name of the program is in parentheses before them,
/// and may have any characters in it.
std::istringstream after_name(const std::string& line) {
  return std::istringstream{line.substr(line.rfind(')') + 1)};
}

bool every_thread_is(pid_t pid, const std::string& state) {
  const fs::directory_iterator threads{folder_of(pid) / "task"};
  return std::all_of(begin(threads), end(threads), [&state](const fs::directory_entry& each) {
    std::string line;
    // A thread that has ended meanwhile is in no state.
    std::getline(std::ifstream{each.path() / "stat"}, line);
    std::string found;
    after_name(line) >> found;
    return found == state;
  });
}

} // namespace

process_facts facts_of(pid_t pid) {
  const auto folder = folder_of(pid);
  process_facts result;
  result.descriptors = entries_in(folder / "fd");
  result.threads = entries_in(folder / "task");
  std::size_t total = 0;
  std::size_t resident = 0;
  std::istringstream{line_of(folder / "statm")} >> total >> resident;
  result.resident_kib = resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
  return result;
}

bool is_stopped(pid_t pid) {
  return every_thread_is(pid, "T");
}

bool is_idle(pid_t pid) {
  for (auto looks = 20; looks > 0; --looks)
    if (!every_thread_is(pid, "S"))
      return false;
  return true;
}

bool eventually(std::chrono::milliseconds timeout, const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

} // namespace dispatch::test
