#define CAF_SUITE config_reload

#include "apps/dispatcher/config_reload.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <variant>
#include <vector>

#include "tests/apps/dispatcher/configuration_source.hpp"

using namespace dispatch;
using strings = std::vector<std::string>;
using source = dispatch::test::configuration_source;

CAF_TEST(the log level takes effect) {
  config running;
  config read;
  read.log_level = "debug";
  const auto change = change_between(running, read);
  CAF_CHECK_EQUAL(change.log_level, "debug");
  CAF_CHECK_EQUAL(change.needs_restart, strings{});
}

CAF_TEST(options that keep their value until a restart are named) {
  config running;
  config read;
  read.batch_size = 64;
  read.upstreams = {"a:1"};
  CAF_CHECK_EQUAL(change_between(running, read).needs_restart, (strings{"upstream", "batch-size"}));
}

CAF_TEST(a file that was changed is read again) {
  source from;
  from.file("log-level = \"info\"\n");
  const auto running = from.values();
  from.file("log-level = \"error\"\nbatch-size = 64\n");
  const std::vector<const char*> argv{"dispatcher", "--config", from.path().c_str()};
  const auto read = reread_config(static_cast<int>(argv.size()), argv.data(), running);
  const auto* change = std::get_if<config_change>(&read);
  CAF_REQUIRE(change != nullptr);
  CAF_CHECK_EQUAL(change->log_level, "error");
  CAF_CHECK_EQUAL(change->needs_restart, strings{"batch-size"});
}

CAF_TEST(a file that is not valid any more is one line that says why) {
  source from;
  from.file("batch-size = many\n");
  const std::vector<const char*> argv{"dispatcher", "--config", from.path().c_str()};
  const auto read = reread_config(static_cast<int>(argv.size()), argv.data(), config{});
  const auto* problem = std::get_if<std::string>(&read);
  CAF_REQUIRE(problem != nullptr);
  CAF_CHECK(problem->find("--batch-size: got 'many'") != std::string::npos);
}
