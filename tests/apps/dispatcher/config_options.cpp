#define CAF_SUITE config_options

#include "apps/dispatcher/config_options.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/apps/dispatcher/configuration_source.hpp"

using namespace std::chrono_literals;
using dispatch::config;
using dispatch::early_exit;
using dispatch::log_format;
using dispatch::resolved_config;
using dispatch::status_options;
using source = dispatch::test::configuration_source;

namespace {

using strings = std::vector<std::string>;

/// The error line for these flags.
std::string error_of(strings flags) {
  source from;
  from.flags(std::move(flags));
  return from.error();
}

/// The error line for this file, without the file's name: `line 1: ...`.
std::string file_error_of(const std::string& text) {
  source from;
  from.file(text);
  const auto line = from.error();
  const auto prefix = "in '" + from.path() + "', ";
  return line.rfind(prefix, 0) == 0 ? line.substr(prefix.size()) : "(no prefix) " + line;
}

/// One option with four values that can be told from each other: by flag, by environment, by file, by default.
struct sample {
  std::string flag;
  std::string by_flag;
  std::string variable;
  std::string by_environment;
  std::string key;
  std::string by_file;
};

/// Checks who wins, with what `value` makes of a configuration; `expected` is by flag, environment, file and default.
template <class Value, class Expected>
void check_order(const sample& option, Value value, const std::vector<Expected>& expected) {
  source from;
  CAF_CHECK_EQUAL(value(from.values()), expected[3]);
  from.file(option.key + " = " + option.by_file + "\n");
  CAF_CHECK_EQUAL(value(from.values()), expected[2]);
  from.environment(option.variable, option.by_environment);
  CAF_CHECK_EQUAL(value(from.values()), expected[1]);
  from.flags({option.flag + "=" + option.by_flag});
  CAF_CHECK_EQUAL(value(from.values()), expected[0]);
  from.environment(option.variable, "");
  CAF_CHECK_EQUAL(value(from.values()), expected[0]);
}

} // namespace

// -- who wins ---------------------------------------------------------------------------------------------------------

CAF_TEST(a flag wins over the environment and that over the file for a text) {
  check_order(
    {"--dataset", "a", "DISPATCHER_DATASET", "b", "dataset", "\"c\""}, [](const config& x) { return x.dataset; },
    strings{"a", "b", "c", "mnist"});
}

CAF_TEST(a flag wins over the environment and that over the file for a number) {
  check_order(
    {"--batch-size", "1", "DISPATCHER_BATCH_SIZE", "2", "batch-size", "3"},
    [](const config& x) { return x.batch_size; }, std::vector<int>{1, 2, 3, 30});
}

CAF_TEST(a flag wins over the environment and that over the file for a duration) {
  check_order(
    {"--give-up-after", "5m", "DISPATCHER_GIVE_UP_AFTER", "90", "give-up-after", "\"70s\""},
    [](const config& x) { return x.give_up_after.count(); }, std::vector<long>{300'000, 90'000, 70'000, 60'000});
}

CAF_TEST(a flag wins over the environment and that over the file for a list) {
  check_order(
    {"--upstream", "a:1,b:2", "DISPATCHER_UPSTREAM", "c:3,d:4", "upstream", R"(["e:5", "[::1]:6"])"},
    [](const config& x) { return x.upstreams; },
    std::vector<strings>{{"a:1", "b:2"}, {"c:3", "d:4"}, {"e:5", "[::1]:6"}, {"localhost:50051"}});
}

CAF_TEST(a flag wins over the environment and that over the file for a word) {
  check_order(
    {"--log-format", "text", "DISPATCHER_LOG_FORMAT", "json", "log-format", "\"json\""},
    [](const config& x) { return x.format == log_format::json; }, std::vector<bool>{false, true, true, false});
  check_order(
    {"--log-level", "debug", "DISPATCHER_LOG_LEVEL", "error", "log-level", "\"warning\""},
    [](const config& x) { return x.log_level; }, strings{"debug", "error", "warning", "info"});
}

CAF_TEST(a flag wins over the environment and that over the file for a switch) {
  const auto value = [](const config& x) { return x.embedded; };
  check_order({"--embedded", "true", "DISPATCHER_EMBEDDED", "false", "embedded", "true"}, value,
              std::vector<bool>{true, false, true, false});
  check_order({"--embedded", "false", "DISPATCHER_EMBEDDED", "true", "embedded", "false"}, value,
              std::vector<bool>{false, true, false, false});
}

CAF_TEST(every option reaches its field) {
  source from;
  from.flags({"--listen",   "127.0.0.1:1",     "--upstream", "u:2",
              "--embedded", "--dataset",       "d",          "--batch-size",
              "3",          "--fetchers",      "4",          "--in-flight",
              "5",          "--window",        "6",          "--call-timeout",
              "7s",         "--max-attempts",  "8",          "--give-up-after",
              "9m",         "--max-clients",   "10",         "--drain-timeout",
              "11ms",       "--log-level",     "error",      "--log-format",
              "json",       "--cache-mb",      "12",         "--fetch-mode",
              "stream",     "--stall-timeout", "13s",        "--dead-peer-timeout",
              "14s",        "--admin",         ":15"});
  const auto got = from.values();
  CAF_CHECK_EQUAL(got.listen, "127.0.0.1:1");
  CAF_CHECK_EQUAL(got.admin, ":15");
  CAF_CHECK_EQUAL(got.upstreams, strings{"u:2"});
  CAF_CHECK(got.embedded);
  CAF_CHECK_EQUAL(got.dataset, "d");
  CAF_CHECK_EQUAL(got.batch_size, 3);
  CAF_CHECK_EQUAL(got.fetchers, 4u);
  CAF_CHECK(got.in_flight == 5u);
  CAF_CHECK_EQUAL(got.cache_mb, 12u);
  CAF_CHECK(got.fetch_mode == dispatch::policy::fetch_mode::stream);
  CAF_CHECK(got.window == 6u);
  CAF_CHECK(got.call_timeout == 7s);
  CAF_CHECK_EQUAL(got.max_attempts, 8);
  CAF_CHECK(got.give_up_after == 9min);
  CAF_CHECK_EQUAL(got.max_clients, 10u);
  CAF_CHECK(got.drain_timeout == 11ms);
  CAF_CHECK(got.stall_timeout == 13s);
  CAF_CHECK(got.dead_peer_timeout == 14s);
  CAF_CHECK_EQUAL(got.log_level, "error");
  CAF_CHECK(got.format == log_format::json);
}

CAF_TEST(the old variable names the upstream too) {
  source from;
  const auto upstreams = [&] { return from.values().upstreams; };
  from.environment("GRPC_SERVER_ADDRESS", "old:1,old:2");
  CAF_CHECK_EQUAL(upstreams(), (strings{"old:1", "old:2"}));
  // It is of the environment: it wins over a file, and not over a flag.
  from.file("upstream = \"file:1\"\n");
  CAF_CHECK_EQUAL(upstreams(), (strings{"old:1", "old:2"}));
  from.environment("DISPATCHER_UPSTREAM", "new:1");
  CAF_CHECK_EQUAL(upstreams(), strings{"new:1"});
  from.environment("DISPATCHER_UPSTREAM", "");
  from.flags({"--upstream", "flag:1"});
  CAF_CHECK_EQUAL(upstreams(), strings{"flag:1"});
  from.flags({});
  from.environment("GRPC_SERVER_ADDRESS", "");
  CAF_CHECK_EQUAL(upstreams(), strings{"file:1"});
}

CAF_TEST(the environment may name the file) {
  source from;
  from.file("window = 3\n");
  source other;
  other.environment("DISPATCHER_CONFIG", from.path());
  CAF_CHECK(other.values().window == 3u);
}

CAF_TEST(an admin endpoint is required when anybody has asked for it) {
  source from;
  const auto required = [&] { return from.values().admin_required; };
  CAF_CHECK(!required());
  from.file("admin = \"127.0.0.1:8081\"\n");
  CAF_CHECK(required());
  source other;
  other.environment("DISPATCHER_ADMIN", "127.0.0.1:8081");
  CAF_CHECK(other.values().admin_required);
  other.environment("DISPATCHER_ADMIN", "");
  other.flags({"--admin", "none"});
  CAF_CHECK_EQUAL(other.values().admin, dispatch::no_endpoint);
}

CAF_TEST(numbers are decimal) {
  source from;
  from.flags({"--batch-size", "010"});
  CAF_CHECK_EQUAL(from.values().batch_size, 10);
}

CAF_TEST(a file may hold comments and blank lines and lists of one) {
  source from;
  from.file("# a comment\n\n  window = 3 # another\nupstream = [\"a:1\"]\ndataset = 'single quotes'\n");
  CAF_CHECK(from.values().window == 3u);
  CAF_CHECK_EQUAL(from.values().upstreams, strings{"a:1"});
  CAF_CHECK_EQUAL(from.values().dataset, "single quotes");
}

CAF_TEST(digits of a number may be in groups) {
  source from;
  from.file("max-clients = 10_000\ncall-timeout = 1_0\nwindow = 1_0\n");
  from.flags({"--batch-size", "1_000"});
  CAF_CHECK_EQUAL(from.values().max_clients, 10'000u);
  CAF_CHECK_EQUAL(from.values().call_timeout.count(), 10'000);
  CAF_CHECK(from.values().window == 10u);
  CAF_CHECK_EQUAL(from.values().batch_size, 1000);
}

CAF_TEST(an underscore that stands between no two digits belongs to no number) {
  for (const std::string text : {"_1", "1_", "1__0", "_"})
    CAF_CHECK_EQUAL(error_of({"--batch-size", text}),
                    "--batch-size: got '" + text + "'; it takes a whole number from 1 to 2147483647");
}

CAF_TEST(a file may begin with a byte order mark) {
  source from;
  from.file("\xef\xbb\xbfwindow = 3\nbatch-size = 4\n");
  CAF_CHECK(from.values().window == 3u);
  CAF_CHECK_EQUAL(from.values().batch_size, 4);
  from.file("\xef\xbb\xbf");
  CAF_CHECK_EQUAL(from.values().batch_size, 30);
}

CAF_TEST(words are taken in any case) {
  source from;
  from.environment("DISPATCHER_EMBEDDED", "True");
  from.environment("DISPATCHER_LOG_LEVEL", "WARNING");
  from.environment("DISPATCHER_WINDOW", "Auto");
  CAF_CHECK(from.values().embedded);
  CAF_CHECK_EQUAL(from.values().log_level, "warning");
  CAF_CHECK(!from.values().window);
  from.environment("DISPATCHER_EMBEDDED", "FALSE");
  CAF_CHECK(!from.values().embedded);
}

// -- what is wrong ----------------------------------------------------------------------------------------------------

CAF_TEST(a bad value gives one line that names the option and what it got and what it takes) {
  const std::vector<std::pair<strings, std::string>> wrong{
    {{"--batch-size", "abc"}, "--batch-size: got 'abc'; it takes a whole number from 1 to 2147483647"},
    {{"--batch-size", "0"}, "--batch-size: got '0'; it takes a whole number from 1 to 2147483647"},
    {{"--batch-size", "3.5"}, "--batch-size: got '3.5'; it takes a whole number from 1 to 2147483647"},
    {{"--batch-size", "0x10"}, "--batch-size: got '0x10'; it takes a whole number from 1 to 2147483647"},
    {{"--batch-size", "2147483648"}, "--batch-size: got '2147483648'; it takes a whole number from 1 to 2147483647"},
    {{"--window", "-1"}, "--window: got '-1'; it takes auto, or a whole number from 1 to 100000"},
    {{"--fetchers", "257"}, "--fetchers: got '257'; it takes a whole number from 1 to 256"},
    {{"--call-timeout", "5x"},
     "--call-timeout: got '5x'; it takes a duration such as 500ms, 10s or 2m, at most a year"},
    {{"--log-format", "xml"}, "--log-format: got 'xml'; it takes text|json"},
    {{"--log-format", "1"}, "--log-format: got '1'; it takes text|json"},
    {{"--log-level", "loud"}, "--log-level: got 'loud'; it takes debug|info|warning|error"},
    {{"--embedded=maybe"}, "--embedded: got 'maybe'; it takes true or false"},
    {{"--listen", "nonsense"}, "--listen: got 'nonsense'; it takes host:port, [v6]:port, or :port for all addresses"},
    {{"--admin", "nonsense"},
     "--admin: got 'nonsense'; it takes host:port, [v6]:port, :port for all addresses, or none"},
    {{"--upstream", "a:1,nonsense"},
     "--upstream: got 'nonsense'; it takes host:port, unix:path or dns:name:port, or several of them with commas"},
    {{"--dataset", ""}, "--dataset: got nothing; it takes a name that the dataset service knows"},
    {{"--give-up-after", "5s"},
     "--give-up-after: got 5s; it takes more than --call-timeout (10s), or 0 to wait for ever"},
    {{"--config", "/no/such/file"}, "--config: got '/no/such/file', which cannot be read; it takes a TOML file"},
    {{"--config", "/"}, "--config: '/' cannot be read to its end"},
  };
  for (const auto& [flags, line] : wrong)
    CAF_CHECK_EQUAL(error_of(flags), line);
}

CAF_TEST(a missing or a second value is said in the same way) {
  CAF_CHECK_EQUAL(error_of({"--batch-size"}), "--batch-size: got nothing; it takes 1..2147483647");
  CAF_CHECK_EQUAL(error_of({"--listen"}), "--listen: got nothing; it takes HOST:PORT");
  CAF_CHECK_EQUAL(error_of({"--config"}), "--config: got nothing; it takes FILE");
  CAF_CHECK_EQUAL(error_of({"--listen", ":1", "--listen", ":2"}), "--listen: got several values; it takes one");
}

CAF_TEST(what is no option is named) {
  CAF_CHECK_EQUAL(error_of({"--bogus"}), "'--bogus' is not an option; --help lists them");
  CAF_CHECK_EQUAL(error_of({"--bogus=3", "x"}), "'--bogus=3' is not an option; --help lists them");
  CAF_CHECK_EQUAL(error_of({"words", "--window", "3"}), "'words' is not an option; --help lists them");
}

CAF_TEST(a bad value in the environment is said like a flag) {
  const std::vector<std::pair<std::string, std::string>> wrong{
    {"DISPATCHER_BATCH_SIZE", "--batch-size: got 'x'; it takes a whole number from 1 to 2147483647"},
    {"DISPATCHER_DRAIN_TIMEOUT",
     "--drain-timeout: got 'x'; it takes a duration such as 500ms, 10s or 2m, at most a year"},
    {"DISPATCHER_LOG_LEVEL", "--log-level: got 'x'; it takes debug|info|warning|error"},
    {"DISPATCHER_EMBEDDED", "--embedded: got 'x'; it takes true or false"},
    {"DISPATCHER_UPSTREAM", "--upstream: got 'x'; it takes host:port, unix:path or dns:name:port, or several of them with commas"},
    {"GRPC_SERVER_ADDRESS", "--upstream: got 'x'; it takes host:port, unix:path or dns:name:port, or several of them with commas"},
    {"DISPATCHER_CONFIG", "--config: got 'x', which cannot be read; it takes a TOML file"},
  };
  for (const auto& [name, line] : wrong) {
    source from;
    from.environment(name, "x");
    CAF_CHECK_EQUAL(from.error(), line);
  }
}

CAF_TEST(a bad value in the file names the file and the line too) {
  const std::vector<std::pair<std::string, std::string>> wrong{
    {"batch-size = 0\n", "line 1: --batch-size: got '0'; it takes a whole number from 1 to 2147483647"},
    {"# a comment\n\nbatch-size = \"abc\"\n",
     "line 3: --batch-size: got 'abc'; it takes a whole number from 1 to 2147483647"},
    {"batch-size = 3\nbatch-size = 4\n", "line 1: --batch-size: got several values; it takes one"},
    {"batch-size = 3\nwindow = 1\nbatch-size = 4\n", "line 3: --batch-size: got several values; it takes one"},
    {"batch-size = [3, 4]\n", "line 1: --batch-size: got several values; it takes one"},
    {"call-timeout = 5x\n",
     "line 1: --call-timeout: got '5x'; it takes a duration such as 500ms, 10s or 2m, at most a year"},
    {"window = 3\n  log-format = \"xml\" # window = 4\n", "line 2: --log-format: got 'xml'; it takes text|json"},
    {"embedded = maybe\n", "line 1: --embedded: got 'maybe'; it takes true or false"},
    {"upstream = []\n", "line 1: --upstream: got nothing; it takes HOST:PORT|unix:PATH|dns:NAME:PORT,..."},
    {"upstream = [\"a:1\",\n  \"b:2\"]\nwindow = x\n",
     "line 3: --window: got 'x'; it takes auto, or a whole number from 1 to 100000"},
    {"dataset = \"a # b\"\n", "line 1: --dataset: got an open quote; it takes a value on one line, without a # in it"},
    {"dataset = \"a\\tb\"\n", "line 1: --dataset: got a backslash; it takes a value without escapes"},
    {"batch_size = 3\n", "line 1: 'batch_size' is not an option; --help lists them"},
    {"nonsense\n", "line 1: 'nonsense' is not an option; --help lists them"},
    {"\"quoted\" = 3\n", "line 1: 'quoted' is not an option; --help lists them"},
    {"window = 3\n[dispatcher]\nwindow = 3\n",
     "line 2: section 'dispatcher' is not known; options stand outside of sections"},
    {"window = 3\na.b = 3\n", "line 2: section 'a' is not known; options stand outside of sections"},
  };
  for (const auto& [text, line] : wrong)
    CAF_CHECK_EQUAL(file_error_of(text), line);
}

CAF_TEST(what options cannot check alone names the line of the option that it is about) {
  CAF_CHECK_EQUAL(file_error_of("window = 3\nlisten = \"nonsense\"\n"),
                  "line 2: --listen: got 'nonsense'; it takes host:port, [v6]:port, or :port for all addresses");
  source from;
  from.file("window = 3\n");
  from.flags({"--listen", "nonsense"});
  CAF_CHECK_EQUAL(from.error(), "--listen: got 'nonsense'; it takes host:port, [v6]:port, or :port for all addresses");
}

CAF_TEST(a variable that is no option is told) {
  source from;
  from.environment("DISPATCHER_BATCHSIZE", "3");
  from.environment("DISPATCHER_CONFIG", "");
  from.environment("DISPATCHER_WINDOW", "3");
  const auto unknown = from.values().unknown_variables;
  CAF_REQUIRE_EQUAL(unknown.size(), 1u);
  CAF_CHECK_EQUAL(to_text(unknown.front()),
                  "DISPATCHER_BATCHSIZE in the environment is not an option; DISPATCHER_BATCH_SIZE is");
}

CAF_TEST(what only makes sense as a flag cannot stand in the file) {
  for (const std::string key : {"config", "check-config", "help", "version"})
    CAF_CHECK_EQUAL(file_error_of(key + " = true\n"), "line 1: '" + key + "' is not an option; --help lists them");
}

CAF_TEST(a value in the file that is overridden need not be good) {
  source from;
  from.file("window = nonsense\n");
  from.flags({"--window", "3"});
  CAF_CHECK(from.values().window == 3u);
}

CAF_TEST(an error is one line whatever was typed) {
  CAF_CHECK_EQUAL(error_of({"--listen", "a\nb\x1b[1m\x7f"}),
                  "--listen: got 'a\\x0ab\\x1b[1m\\x7f'; it takes host:port, [v6]:port, or :port for all addresses");
  CAF_CHECK_EQUAL(error_of({"--window", "3\r\n"}),
                  "--window: got '3\\x0d\\x0a'; it takes auto, or a whole number from 1 to 100000");
  CAF_CHECK_EQUAL(error_of({"--a\nb"}), "'--a\\x0ab' is not an option; --help lists them");
}

// -- what is not run --------------------------------------------------------------------------------------------------

CAF_TEST(help names every option and what it takes) {
  source from;
  from.flags({"--help"});
  const auto got = from.read();
  const auto* leave = std::get_if<early_exit>(&got);
  CAF_REQUIRE(leave != nullptr);
  CAF_CHECK_EQUAL(leave->exit_code, 0);
  CAF_CHECK_EQUAL(leave->text.back(), '\n');
  for (const auto* part : {"--listen HOST:PORT=:8080",
                           "--admin HOST:PORT|none=127.0.0.1:8081",
                           "--upstream HOST:PORT|unix:PATH|dns:NAME:PORT",
                           "--embedded",
                           "--dataset NAME=mnist",
                           "--batch-size 1..2147483647=30",
                           "--fetchers 1..256=2",
                           "--in-flight auto|1..100000=auto",
                           "--fetch-mode auto|get|stream=auto",
                           "--cache-mb 0..1000000=256",
                           "--prefetch on|off=on",
                           "--window auto|1..100000=auto",
                           "--call-timeout DURATION=10s",
                           "--max-attempts 1..1000=5",
                           "--give-up-after DURATION=1m",
                           "--max-clients 1..1000000=10000",
                           "--drain-timeout DURATION=10s",
                           "--log-level debug|info|warning|error=info",
                           "--log-format text|json=text",
                           "--config FILE",
                           "--check-config",
                           "--help",
                           "--version",
                           "DISPATCHER_BATCH_SIZE",
                           "GRPC_SERVER_ADDRESS",
                           "status ",
                           "top "}) {
    CAF_MESSAGE(part);
    CAF_CHECK(leave->text.find(part) != std::string::npos);
  }
}

CAF_TEST(the version is one line) {
  source from;
  from.flags({"--version"});
  const auto got = from.read();
  const auto* leave = std::get_if<early_exit>(&got);
  CAF_REQUIRE(leave != nullptr);
  CAF_CHECK_EQUAL(leave->exit_code, 0);
  CAF_CHECK_EQUAL(leave->text.rfind("dispatcher ", 0), 0u);
  CAF_CHECK_EQUAL(leave->text.find('\n'), leave->text.size() - 1);
}

CAF_TEST(a check of the configuration is asked for by a flag) {
  source from;
  const auto check_only = [&] { return std::get<resolved_config>(from.read()).check_only; };
  CAF_CHECK(!check_only());
  from.flags({"--check-config"});
  CAF_CHECK(check_only());
  from.flags({"--check-config", "--window", "0"});
  CAF_CHECK_EQUAL(from.error(), "--window: got '0'; it takes auto, or a whole number from 1 to 100000");
}

// -- looking at a dispatcher that runs --------------------------------------------------------------------------------

CAF_TEST(status and top have options of their own) {
  source from;
  const auto options = [&] { return std::get<status_options>(from.read()); };
  from.flags({"status"});
  CAF_CHECK_EQUAL(options().admin, config{}.admin);
  CAF_CHECK(!options().json);
  CAF_CHECK(!options().repeat);
  from.flags({"status", "--admin", "gpu1:9000", "--json"});
  CAF_CHECK_EQUAL(options().admin, "gpu1:9000");
  CAF_CHECK(options().json);
  from.flags({"top", "--interval", "2s"});
  CAF_CHECK(options().repeat);
  CAF_CHECK(options().interval == 2s);
  from.environment("DISPATCHER_ADMIN", ":9001");
  CAF_CHECK_EQUAL(options().admin, ":9001");
}

CAF_TEST(what status and top do not take is said in one line) {
  CAF_CHECK_EQUAL(error_of({"status", "--admin", "none"}),
                  "--admin: got 'none'; it takes host:port of a dispatcher that runs");
  CAF_CHECK_EQUAL(error_of({"status", "--admin", "a:0"}),
                  "--admin: got 'a:0'; it takes host:port of a dispatcher that runs");
  CAF_CHECK_EQUAL(error_of({"top", "--interval", "0"}), "--interval: got 0s; it takes at least 100ms");
  CAF_CHECK_EQUAL(error_of({"top", "--interval"}), "--interval: got nothing; it takes DURATION");
  CAF_CHECK_EQUAL(error_of({"status", "--window", "3"}), "'--window' is not an option; --help lists them");
  CAF_CHECK_EQUAL(error_of({"status", "top"}), "'top' is not an option; --help lists them");
}
