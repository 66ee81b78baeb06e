#include "apps/pull/session/session_options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "apps/pull/option_text.hpp"
#include "apps/pull/printable_text.hpp"
#include "apps/pull/session/column_sink.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch::pull {

namespace {

constexpr std::uint16_t default_session_port = 8090;
constexpr auto group = "Sessions";

/// They are of sessions alone.
constexpr const char* of_sessions[] = {"--dataset", "--batch-size",  "--shuffle",    "--shuffle-window", "--shard",
                                       "--epochs",  "--ends",        "--start",      "--columns",        "--checksum",
                                       "--client",  "--cursor-file", "--group",      "--name",           "--ack",
                                       "--barrier", "--ack-wait",    "--max-deliver"};

/// They are of passes alone, and what a session has instead.
constexpr std::pair<const char*, const char*> of_passes[] = {
  {"--admin", "a session says itself what the dispatcher waits for"},
  {"--expect", "a session says itself how many batches there are"},
  {"--passes", "a session has --epochs"},
  {"--sample", "a session says itself what a sample is"}};

std::optional<std::pair<std::int64_t, std::int64_t>> parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return std::nullopt;
  const auto count = parse_number<std::int64_t>(text.substr(slash + 1), 1, 1'000'000);
  const auto index = parse_number<std::int64_t>(text.substr(0, slash), 0, count.value_or(1) - 1);
  return count && index ? std::optional{std::pair{*index, *count}} : std::nullopt;
}

std::optional<std::vector<std::string>> parse_names(std::string_view text) {
  std::vector<std::string> result;
  for (;;) {
    const auto comma = text.find(',');
    const std::string name{text.substr(0, comma)};
    // A column that came twice would be twice in an archive.
    if (name.empty() || std::find(result.begin(), result.end(), name) != result.end())
      return std::nullopt;
    result.push_back(name);
    if (comma == std::string_view::npos)
      return result;
    text.remove_prefix(comma + 1);
  }
}

template <class Number>
auto number_within(Number least, Number most) {
  return [=](const std::string& text) -> std::optional<std::optional<Number>> {
    const auto value = parse_number<Number>(text, least, most);
    return value ? std::optional<std::optional<Number>>{value} : std::nullopt;
  };
}

void add_order_options(CLI::App& app, session_request& x) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  add_text(app, "--batch-size", x.batch_size, number_within<std::int64_t>(1, most), "1 to 2147483647",
           "Samples in a batch [the dispatcher's --batch-size]")
    ->type_name("SAMPLES")
    ->group(group);
  add_text(app, "--shuffle", x.seed, number_within<std::uint64_t>(0, UINT64_MAX), "a whole number, 0 or more",
           "Shuffle the samples: the same seed gives the same order everywhere [the dataset's order]")
    ->type_name("SEED")
    ->group(group);
  add_text(app, "--shuffle-window", x.window, number_within<std::int64_t>(1, std::int64_t{1} << 40), "1 to 2^40",
           "Blocks whose samples --shuffle mixes with each other [as many as have 64 MiB]")
    ->type_name("BLOCKS")
    ->group(group);
  app
    .add_option_function<std::string>(
      "--shard",
      [&x](const std::string& text) {
        const auto value = parse_shard(text);
        if (!value)
          throw CLI::ValidationError("--shard", not_taken(text, "I/N with I from 0 to N - 1, such as 0/4"));
        std::tie(x.shard_index, x.shard_count) = *value;
      },
      "Of every N batches the one with index I: N programs share the dataset [0/1]")
    ->type_name("I/N")
    ->group(group);
}

void add_extent_options(CLI::App& app, session_request& x) {
  add_text(app, "--epochs", x.epochs, number_within<std::uint64_t>(0, std::uint64_t{1} << 53), "a number, 0 for no end",
           "End before epoch N, which counts from 0: 3 means epochs 0, 1 and 2; 0: never [the one it starts in]")
    ->type_name("N")
    ->group(group);
  const auto parse_end = [](const std::string& text) -> std::optional<std::string> {
    return text == "uneven" || text == "drop" || text == "pad" ? std::optional{text} : std::nullopt;
  };
  add_text(app, "--ends", x.ends, parse_end, "uneven, drop or pad",
           "Samples that do not fill an epoch's last step: short batches, none, or filled from its beginning [uneven]")
    ->type_name("uneven|drop|pad")
    ->group(group);
  const auto parse_start = [](const std::string& text) {
    const auto cursor = parse_cursor(text);
    if (const auto* problem = std::get_if<std::string>(&cursor))
      throw CLI::ValidationError("--start", printable_text(*problem, 300));
    return std::optional{text};
  };
  add_text(app, "--start", x.start, parse_start, "a cursor", "Go on at a cursor [the beginning]")
    ->type_name("CURSOR")
    ->group(group);
}

/// Batches in one file of a group's member, where --ack does not say.
constexpr std::int64_t batches_in_part = 64;

void add_ack_options(CLI::App& app, session_request& x) {
  constexpr std::int64_t most = 50'000;
  const auto any_name = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional{text}; };
  add_text(app, "--group", x.group, any_name, "a name",
           "Share the batches with all members of this group: each goes to one of them")
    ->type_name("NAME")
    ->group(group);
  add_text(app, "--name", x.position, any_name, "a name",
           "Go on where the last session of this name was, which the dispatcher remembers")
    ->type_name("NAME")
    ->group(group);
  add_text(
    app, "--ack", x.ack_every, [](const std::string& text) { return parse_number<std::int64_t>(text, 1, most); },
    "1 to 50000",
    "Of --group and --name: acknowledge so many batches at a time, when they are written [1; 64 to a file]")
    ->type_name("BATCHES")
    ->group(group);
  app.add_flag("--barrier", x.has_barrier, "Of --group: an epoch begins when the one before is over for all")
    ->group(group);
  add_text(app, "--ack-wait", x.ack_wait, number_within<std::int64_t>(1, 604'800), "1 to 604800",
           "Of --group: after so long without a sign of life, a batch goes to another member [30]")
    ->type_name("SECONDS")
    ->group(group);
  add_text(app, "--max-deliver", x.max_deliver, number_within<std::int64_t>(0, 1'000'000), "0 to 1000000",
           "Of --group: a batch that was tried so often is parked [0: never]")
    ->type_name("TIMES")
    ->group(group);
}

/// What is said of acknowledgements makes sense together.
std::string finish_ack_options(const CLI::App& app, options& all) {
  auto& x = *all.session;
  for (const auto* name : {"--barrier", "--ack-wait", "--max-deliver"})
    if (x.group.empty() && app.count(name) > 0)
      return std::string{name} + ": takes --group NAME beside it";
  if (!x.has_acks())
    return app.count("--ack") > 0 ? "--ack: takes --group NAME or --name NAME beside it" : std::string{};
  for (const auto* name : {"--shard", "--name", "--cursor-file"})
    if (!x.group.empty() && app.count(name) > 0)
      return std::string{name} + ": makes no sense with --group, which shares the batches and remembers what is done";
  if (!x.position.empty() && app.count("--cursor-file") > 0)
    return "--cursor-file: makes no sense with --name, which has the dispatcher remember the place";
  if (app.count("--ack") > 0)
    return {};
  if (!is_written_directly(all.out))
    x.ack_every = x.group.empty() ? 0 : batches_in_part;
  return {};
}

} // namespace

void add_session_options(CLI::App& app, session_options& values, options& all) {
  auto& x = values.asked;
  app.add_flag("--session", values.wanted, "Open a session; --connect is localhost:8090 then")->group(group);
  const auto any_text = [](const std::string& text) { return std::optional{text}; };
  const auto any_name = [](const std::string& text) { return std::optional{std::optional{text}}; };
  add_text(app, "--dataset", x.dataset, any_name, "a name", "The dataset [the dispatcher's --dataset]")
    ->type_name("NAME")
    ->group(group);
  add_order_options(app, x);
  add_extent_options(app, x);
  add_ack_options(app, x);
  add_text(app, "--columns", x.columns, parse_names, "names that differ, such as image,label",
           "Columns, in this order [all]")
    ->type_name("A,B")
    ->group(group);
  app.add_flag("--checksum", x.has_checksum, "Ask for a CRC-32 of each batch, and check it")->group(group);
  add_text(app, "--client", x.client, any_text, "a name",
           "What the dispatcher calls this program in its log [its address]")
    ->type_name("NAME")
    ->group(group);
  add_text(app, "--cursor-file", all.cursor_file, any_text, "a file",
           "Go on at the cursor in FILE, if there is one and no --start, and keep the cursor there")
    ->type_name("FILE")
    ->group(group);
}

std::string finish_session_options(const CLI::App& app, const session_options& values, options& all) {
  if (!values.wanted) {
    for (const auto* name : of_sessions)
      if (app.count(name) > 0)
        return std::string{name} + ": is of sessions, and there is no --session";
    return {};
  }
  for (const auto& [name, instead] : of_passes)
    if (app.count(name) > 0)
      return std::string{name} + ": makes no sense with --session; " + instead;
  if (values.asked.window && !values.asked.seed)
    return "--shuffle-window: takes --shuffle SEED beside it";
  if (app.count("--connect") == 0)
    all.server.port = default_session_port;
  else if (all.port_is_default)
    all.server.port = default_session_port;
  all.session = values.asked;
  return finish_ack_options(app, all);
}

} // namespace dispatch::pull
