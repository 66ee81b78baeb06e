#define CAF_SUITE default_config_file

#include "apps/dispatcher/config_options.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <variant>

#include "tests/apps/dispatcher/configuration_source.hpp"

using dispatch::config;
using dispatch::early_exit;
using source = dispatch::test::configuration_source;

namespace {

using names = std::set<std::string>;

/// All of a configuration. A field that is added to it stops this from compiling.
auto all_of(const config& values) {
  // That the file names an address is what tells its option from the default.
  const auto& [listen, sessions, sessions_required, store, lease_ttl, admin, admin_required, upstreams, upstream_tls,
               upstream_ca, upstream_cert, upstream_key, upstream_authority, upstream_token_file, embedded, dataset,
               batch_size, fetchers, in_flight, fetch_mode, cache_mb, prefetch, window, call_timeout, max_attempts,
               give_up_after, max_clients, stall_timeout, dead_peer_timeout, drain_timeout, log_level, format,
               unknown_variables] = values;
  static_cast<void>(sessions_required);
  static_cast<void>(admin_required);
  static_cast<void>(unknown_variables); // of the environment
  return std::make_tuple(listen, sessions, store, lease_ttl.count(), admin, upstreams, upstream_tls, upstream_ca,
                         upstream_cert, upstream_key, upstream_authority, upstream_token_file, embedded, dataset,
                         batch_size, fetchers, in_flight, fetch_mode == dispatch::policy::fetch_mode::automatic,
                         cache_mb, prefetch, window, call_timeout.count(), max_attempts, give_up_after.count(),
                         max_clients, stall_timeout.count(), dead_peer_timeout.count(), drain_timeout.count(),
                         log_level, format == dispatch::log_format::json);
}

std::string default_file() {
  const std::string path = DISPATCHER_SOURCE_DIR "/deploy/dispatcher.toml";
  std::ifstream file{path};
  std::stringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty())
    CAF_FAIL("cannot read " << path);
  return text.str();
}

/// The options that --help shows, but those that can only be flags.
names configurable_options() {
  source from;
  from.flags({"--help"});
  const auto got = from.read();
  std::istringstream help{std::get<early_exit>(got).text};
  names result;
  for (std::string line; std::getline(help, line);)
    if (line.rfind("  --", 0) == 0)
      result.insert(line.substr(4, line.find(' ', 4) - 4));
  for (const auto* flag_only : {"version", "config", "check-config"})
    CAF_CHECK_EQUAL(result.erase(flag_only), 1u);
  return result;
}

/// A line `key = value`; nothing for comments and blank lines.
std::string key_of(const std::string& line) {
  return line.empty() || line.front() == '#' ? "" : line.substr(0, line.find(' '));
}

} // namespace

CAF_TEST(the documented defaults are the defaults) {
  source documented;
  documented.file(default_file());
  CAF_CHECK_EQUAL(documented.error(), "(no error)");
  const auto got = documented.values();
  CAF_CHECK_EQUAL(all_of(got), all_of(config{}));
}

CAF_TEST(every option stands in the file once and nothing else does) {
  std::istringstream text{default_file()};
  names documented;
  for (std::string line; std::getline(text, line);)
    if (const auto key = key_of(line); !key.empty())
      CAF_CHECK(documented.insert(key).second);
  CAF_CHECK_EQUAL(documented, configurable_options());
}

CAF_TEST(every option has a comment above it) {
  std::istringstream text{default_file()};
  std::string before;
  for (std::string line; std::getline(text, line); before = line) {
    if (const auto key = key_of(line); !key.empty() && before.rfind("# ", 0) != 0)
      CAF_FAIL(key << " has no comment");
  }
}
