// sources: apps/dispatcher/config.cpp apps/dispatcher/config_file.cpp apps/dispatcher/config_options.cpp
// sources: apps/dispatcher/duration_text.cpp apps/dispatcher/early_exit.cpp apps/dispatcher/number_text.cpp
// sources: apps/dispatcher/option_table.cpp apps/dispatcher/status_options.cpp
// sources: apps/dispatcher/unknown_variables.cpp apps/dispatcher/upstream_options.cpp io/host_port.cpp
// sources: io/tls/bearer_token.cpp io/tls/pem_files.cpp io/tcp/socket_options.cpp
// libraries: openssl
// caf: core
// flags: -DDISPATCHER_VERSION="fuzzed"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/dispatcher/duration_text.hpp"
#include "tests/apps/dispatcher/configuration_source.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// Whatever stands in a configuration file, the outcome is a valid configuration, which written into a file again is
/// read as the same, or one line and the exit code for usage errors.

using dispatch::config;
using dispatch::test::require;

namespace {

std::string quoted(std::string_view text) {
  return '"' + std::string{text} + '"';
}

std::string or_auto(const std::optional<std::size_t>& number) {
  return number ? std::to_string(*number) : quoted("auto");
}

std::string listed(const std::vector<std::string>& texts) {
  std::string result = "[";
  for (const auto& text : texts)
    result.append(result.size() > 1 ? ", " : "").append(quoted(text));
  return result + "]";
}

std::string word_for(dispatch::policy::fetch_mode mode) {
  using dispatch::policy::fetch_mode;
  return mode == fetch_mode::automatic ? "auto" : mode == fetch_mode::get ? "get" : "stream";
}

std::string as_file(const config& values) {
  std::string text;
  const auto add = [&text](const char* name, const std::string& value) {
    text.append(name).append(" = ").append(value).append("\n");
  };
  add("listen", quoted(values.listen));
  // Nobody checks addresses that are not used.
  if (!values.embedded)
    add("upstream", listed(values.upstreams));
  add("embedded", values.embedded ? "true" : "false");
  add("dataset", quoted(values.dataset));
  add("batch-size", std::to_string(values.batch_size));
  add("fetchers", std::to_string(values.fetchers));
  add("in-flight", or_auto(values.in_flight));
  add("fetch-mode", quoted(word_for(values.fetch_mode)));
  add("cache-mb", std::to_string(values.cache_mb));
  add("window", or_auto(values.window));
  add("call-timeout", quoted(dispatch::to_text(values.call_timeout)));
  add("max-attempts", std::to_string(values.max_attempts));
  add("give-up-after", quoted(dispatch::to_text(values.give_up_after)));
  add("max-clients", std::to_string(values.max_clients));
  add("drain-timeout", quoted(dispatch::to_text(values.drain_timeout)));
  add("log-level", quoted(values.log_level));
  add("log-format", quoted(values.format == dispatch::log_format::json ? "json" : "text"));
  return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static dispatch::test::configuration_source source;
  source.file(std::string{reinterpret_cast<const char*>(bytes), size});
  const auto got = source.read();
  if (const auto* leave = std::get_if<dispatch::early_exit>(&got)) {
    require(leave->exit_code == 2, "a file can be wrong, and not ask for anything else");
    require(dispatch::test::is_one_line(leave->text), "what is wrong is one line");
    return 0;
  }
  const auto& values = std::get<dispatch::resolved_config>(got).values;
  require(!validate(values), "a configuration that is taken is valid");
  const auto text = as_file(values);
  source.file(text);
  require(as_file(source.values()) == text, "a configuration written anew is read as the same");
  return 0;
}
