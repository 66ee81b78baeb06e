#define CAF_SUITE process_limits

#include <caf/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/contains.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stack.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr auto timeout = 60s;

using strings = std::vector<std::string>;

std::string program_path(const std::string& name) {
  return std::string{DISPATCHER_BINARY_DIR} + "/" + name;
}

/// A copy of a program in a folder that every user can reach; gone with the object.
class reachable_program {
public:
  explicit reachable_program(const std::string& name)
    : folder_((fs::temp_directory_path() / "program-XXXXXX").string()) {
    if (::mkdtemp(folder_.data()) == nullptr || ::chmod(folder_.c_str(), 0755) != 0)
      CAF_FAIL("no folder " << folder_);
    fs::copy_file(program_path(name), path_ = folder_ + "/" + name);
    fs::permissions(path_, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec | fs::perms::group_read
                             | fs::perms::others_read);
  }

  ~reachable_program() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  reachable_program(const reachable_program&) = delete;
  reachable_program& operator=(const reachable_program&) = delete;

  const std::string& path() const { return path_; }

private:
  std::string folder_;
  std::string path_;
};

/// Runs a program as a user that has only `limit` threads. The limit does not count for root.
finished_process run_with_threads(int limit, const strings& command) {
  strings argv{"prlimit", "--nproc=" + std::to_string(limit)};
  if (::geteuid() == 0)
    argv.insert(argv.end(), {"setpriv", "--reuid=61234", "--regid=61234", "--clear-groups"});
  argv.insert(argv.end(), command.begin(), command.end());
  // LeakSanitizer needs a thread at the end.
  return run_process(argv, timeout, {{"ASAN_OPTIONS", "detect_leaks=0"}});
}

void check_refuses_to_start(const finished_process& program) {
  CAF_CHECK_EQUAL(program.status.text(), "exit code 2");
  CAF_CHECK(contains(program.err, " threads are needed and only "));
  CAF_CHECK(contains(program.err, "ulimit -u: "));
  CAF_CHECK_EQUAL(program.err.find('\n'), program.err.size() - 1);
}

/// Runs a program with a standard output that is full.
finished_process run_with_full_output(const std::string& program, const std::string& options) {
  return run_process({"sh", "-c", program_path(program) + " " + options + " >/dev/full"}, timeout);
}

void check_result_is_missed(const std::string& program, const std::string& options) {
  CAF_MESSAGE(program << " " << options);
  const auto run = run_with_full_output(program, options);
  CAF_CHECK_EQUAL(run.status.text(), "exit code 1");
  CAF_CHECK(contains(run.err, "the result cannot be written to standard output: No space"));
}

} // namespace

CAF_TEST(a dispatcher with too few threads is one clear line and exit code 2) {
  const reachable_program dispatcher{"dispatcher"};
  for (const auto limit : {4, 8})
    check_refuses_to_start(
      run_with_threads(limit, {dispatcher.path(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}));
}

CAF_TEST(a dataset server with too few threads is one clear line and exit code 2) {
  const reachable_program server{"dataset-server"};
  for (const auto limit : {4, 8})
    check_refuses_to_start(run_with_threads(
      limit, {server.path(), "--no-bundled-data", "--data", "d=synthetic:10x2:uint8", "--listen", "127.0.0.1:0"}));
}

CAF_TEST(a result that cannot be written is one line and exit code 1) {
  for (const std::string program : {"dispatcher", "dataset-server", "dispatcher-pull"})
    for (const std::string option : {"--help", "--version"})
      check_result_is_missed(program, option);
  check_result_is_missed("dispatcher", "--check-config");
  const auto dispatcher = start_dispatcher({"--embedded"});
  const auto admin = " --admin 127.0.0.1:" + std::to_string(dispatcher.admin_port);
  for (const std::string command : {"status", "status --json", "top"})
    check_result_is_missed("dispatcher", command + admin);
  const auto connect = "--quiet --json --connect " + dispatcher.address();
  check_result_is_missed("dispatcher-pull", connect);
}

CAF_TEST(a program that is started without standard streams says by its exit code that its result is missed) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  const auto closed = run_process(
    {"sh", "-c", program_path("dispatcher-pull") + " --json --connect " + dispatcher.address() + " >&- 2>&- <&-"},
    timeout);
  CAF_CHECK_EQUAL(closed.status.text(), "exit code 1");
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
}
