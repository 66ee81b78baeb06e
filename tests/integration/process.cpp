#define CAF_SUITE process

#include "tests/support/process.hpp"
#include "tests/support/contains.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

using namespace std::chrono_literals;
using dispatch::test::contains;
using dispatch::test::process;
using dispatch::test::run_process;

namespace {

constexpr auto timeout = 20s;

std::vector<std::string> shell(const std::string& script) {
  return {"sh", "-c", script};
}

// What an action throws, "" when it throws nothing.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

} // namespace

CAF_TEST(output and exit code) {
  auto done = run_process(shell("echo one; echo two >&2; printf three; exit 7"), timeout);
  CAF_CHECK_EQUAL(done.status.text(), "exit code 7");
  CAF_CHECK(done.status.exited_with(7));
  CAF_CHECK_EQUAL(done.out, "one\nthree");
  CAF_CHECK_EQUAL(done.err, "two\n");
}

CAF_TEST(all of a large output is there after the end) {
  auto done = run_process(shell("head -c 5000000 /dev/zero"), timeout);
  CAF_CHECK_EQUAL(done.out.size(), 5000000u);
}

CAF_TEST(the environment is added to) {
  auto done = run_process(shell("echo $DISPATCH_TEST $HOME"), timeout, {{"DISPATCH_TEST", "a b"}, {"HOME", "/x"}});
  CAF_CHECK_EQUAL(done.out, "a b /x\n");
}

CAF_TEST(a program that is not there) {
  CAF_CHECK(contains(error_of([] { process child{{"/no/such/program"}}; }), "cannot start /no/such/program"));
  CAF_CHECK(contains(error_of([] { process child{{}}; }), "needs a program"));
}

CAF_TEST(lines are used up as they are found) {
  process child{shell("echo 'a port 17' >&2; echo b >&2; echo a >&2; echo 'port 18' >&2; read x")};
  CAF_CHECK_EQUAL(child.wait_for_match("port ([0-9]+)", timeout).at(1), "17");
  CAF_CHECK_EQUAL(child.wait_for_line("a", timeout), "a");
  CAF_CHECK_EQUAL(child.wait_for_match("port ([0-9]+)", timeout).at(1), "18");
  CAF_CHECK_EQUAL(child.count_lines("port"), 2u);
}

CAF_TEST(a line that does not come) {
  process child{shell("echo here >&2; exec sleep 100")};
  auto late = error_of([&] { child.wait_for_line("there", 100ms); });
  CAF_CHECK(contains(late, "no line with 'there' in time from sh (running)"));
  CAF_CHECK(contains(late, "here\n"));
  child.signal(SIGKILL);
  auto ended = error_of([&] { child.wait_for_line("there", timeout); });
  CAF_CHECK(contains(ended, "no line with 'there' before the end of sh (signal 9)"));
}

CAF_TEST(signals) {
  process child{shell("trap 'echo caught; exit 3' TERM; echo ready >&2; while :; do sleep 0.01; done")};
  child.wait_for_line("ready", timeout);
  CAF_CHECK(!child.wait(0ms));
  CAF_CHECK_EQUAL(child.terminate(timeout).text(), "exit code 3");
  CAF_CHECK_EQUAL(child.out(), "caught\n");
  CAF_CHECK(!child.signal(SIGTERM));
}

CAF_TEST(a process that does not end is killed) {
  pid_t pid = 0;
  {
    process child{shell("trap '' TERM INT; echo ready >&2; while :; do sleep 0.01; done")};
    child.wait_for_line("ready", timeout);
    pid = child.pid();
    CAF_CHECK(contains(error_of([&] { child.terminate(50ms); }), "did not end in time: sh (running)"));
  }
  CAF_CHECK(::kill(pid, 0) != 0 && errno == ESRCH);
}

CAF_TEST(the end is noticed although a grandchild holds the output) {
  process child{shell("sleep 5 & echo $!; exit 4")};
  auto status = child.wait(timeout);
  CAF_REQUIRE(status);
  CAF_CHECK_EQUAL(status->text(), "exit code 4");
  ::kill(std::stoi(child.out()), SIGKILL);
}

CAF_TEST(a process outlives the thread that started it) {
  std::unique_ptr<process> child;
  std::thread{[&] { child = std::make_unique<process>(shell("echo ready >&2; exec sleep 100")); }}.join();
  child->wait_for_line("ready", timeout);
  CAF_CHECK(!child->wait(50ms));
}
