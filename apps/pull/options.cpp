#include "apps/pull/options.hpp"

#include <CLI/CLI.hpp>

#include <cmath>
#include <limits>
#include <sstream>
#include <string_view>

#include "apps/pull/option_text.hpp"
#include "apps/pull/session/session_options.hpp"

namespace dispatch::pull {

namespace {

constexpr std::uint16_t default_admin_port = 8081;

constexpr auto examples =
  R"(Samples are not described by the protocol, so --sample says what they are: an element
type of NumPy's and the shape of one sample. Its default is that of MNIST.
What a dispatcher's admin endpoint says of its samples is compared with it; where the
endpoint cannot be reached, nothing confirms --sample, and the summary says so.

While nothing comes for 3 s, a line says what the dispatcher waits for, as far as its
admin endpoint can be reached.

A file appears under its name only when the pass was complete. Until then it is
FILE.part.XXXXXX, which is removed when the pass fails; an older FILE stays as it is.

Of an option that is given more than once, the last value counts.

Progress and errors go to stderr, the summary to stdout (to stderr with --out -).

Examples:
  dispatcher-pull                                   one pass from localhost:8080
  dispatcher-pull --connect gpu7:8080 --out mnist.npy
  dispatcher-pull --connect gpu7:8080 --admin gpu7:8081
  dispatcher-pull --connect [::1]:8080 --expect 334 --wait 30
  dispatcher-pull --out - --quiet | sha256sum       the samples' bytes, raw
  dispatcher-pull --sample uint8:32x32x3 --out images.npy
  dispatcher-pull --delay-ms 50                     like a slow trainer
  dispatcher-pull --passes 0 --delay-ms 50          the same, pass after pass
  dispatcher-pull --json --quiet | jq .frames_per_second

A session (--session) chooses, shuffles and shards what it gets, and goes on at a
cursor, which is a place in the dataset's order. Its line "go on with" has the cursor
behind the last batch that was written, also after Ctrl-C and after an error.
With --session, FILE of --out also appears when the session was cut: it has exactly the
samples before that cursor. FILE.npz has one NumPy array for each column, the other
forms take one column. A session that goes on at a cursor never replaces FILE: if FILE
is there, it writes FILE with the place in its name, such as mnist.from-0-640.npz.
--cursor-file is replaced at the end, and after each epoch as well where --out is no
file: a file has its samples only at the end.

Examples of sessions:
  dispatcher-pull --session --dataset mnist --out mnist.npz
  dispatcher-pull --session --shuffle 7 --batch-size 64 --epochs 3 --checksum
  dispatcher-pull --session --shuffle 7 --shard 0/2 --out a.npz    two machines share
  dispatcher-pull --session --shuffle 7 --shard 1/2 --out b.npz    one order
  dispatcher-pull --session --start 'cursor=...' --out rest.npz    go on
  dispatcher-pull --session --group eval --out part.npz            share the batches with
                                     all programs of the group, in part.0-0.npz, ...
  while ! dispatcher-pull --session --cursor-file c --out x.npz; do sleep 1; done
                                     until all of it is there, in x.npz, x.from-...npz

Exit codes:
  0  complete: every batch once, in order, the last one with EOF
  1  incomplete, out of order, ended by the server's error, interrupted, or the
     samples, the cursor or the summary could not be written
  2  usage
  3  cannot connect)";

CLI::Option* add_seconds(CLI::App& app, const std::string& name, std::chrono::milliseconds& target, double least,
                         const std::string& takes, const std::string& description) {
  auto parse = [least](const std::string& text) -> std::optional<std::chrono::milliseconds> {
    auto value = parse_number<double>(text, least, 1e6);
    if (!value)
      return std::nullopt;
    return std::chrono::milliseconds{std::llround(std::ceil(*value * 1000))};
  };
  return add_text(app, name, target, parse, takes, description)->type_name("SECONDS");
}

void add_connection_options(CLI::App& app, options& x) {
  add_text(
    app, "--connect", x.server,
    [&x](const std::string& text) {
      // Two defaults that differ show whether the text has a port.
      x.port_is_default = parse_endpoint(text, 1)->port != parse_endpoint(text, 2)->port;
      return parse_endpoint(text);
    },
    "HOST:PORT, such as gpu7:8080 or [::1]:8080",
    "The dispatcher, where its --listen is; all addresses of a name are tried; a port that is left out is 8080 "
    "[localhost:8080]")
    ->type_name("HOST:PORT");
  add_text(
    app, "--admin", x.admin,
    [](const std::string& text) -> std::optional<std::optional<endpoint>> {
      if (text == "none")
        return std::optional<endpoint>{};
      auto where = parse_endpoint(text, default_admin_port);
      return where ? std::optional<std::optional<endpoint>>{where} : std::nullopt;
    },
    "HOST:PORT, or none",
    "The dispatcher's admin endpoint, which says what it waits for and what a sample is; none: do not ask "
    "[port 8081 of the --connect host]")
    ->type_name("HOST:PORT|none");
  add_seconds(app, "--connect-timeout", x.timeouts.connect, 0.001, "seconds above 0",
              "How long to wait for each address to answer [5]");
  add_seconds(app, "--wait", x.timeouts.wait, 0, "seconds, 0 for not at all", "Keep trying to connect for so long [0]");
  add_seconds(app, "--idle-timeout", x.idle_timeout, 0, "seconds, 0 for never",
              "Give up when nothing comes for so long; 0: never [0]");
  add_text(
    app, "--max-frame-mib", x.max_line,
    [](const std::string& text) -> std::optional<std::size_t> {
      auto value = parse_number<std::size_t>(text, 1, 65536);
      return value ? std::optional<std::size_t>{*value << 20} : std::nullopt;
    },
    "1 to 65536", "The longest frame that is accepted, in MiB [256]")
    ->type_name("MIB");
}

void add_data_options(CLI::App& app, options& x) {
  app
    .add_option("--out", x.out,
                "Write the samples: raw, or as .npy when the name ends so; of a session also as .npz; '-' is stdout")
    ->type_name("FILE");
  add_text(app, "--sample", x.sample, parse_sample_format, "DTYPE:SHAPE, such as float32:1x28x28 or uint8:32x32x3",
           "What one sample is; an error where the dispatcher says otherwise [float32:1x28x28]")
    ->type_name("DTYPE:SHAPE");
  add_text(
    app, "--expect", x.expected,
    [](const std::string& text) {
      return parse_number<std::int64_t>(text, 1, std::numeric_limits<std::int32_t>::max());
    },
    "a number of batches, 1 or more", "How many batches there are: shows a bar, and any other number is incomplete")
    ->type_name("BATCHES");
  add_text(
    app, "--passes", x.passes,
    [](const std::string& text) {
      return parse_number<std::int64_t>(text, 0, std::numeric_limits<std::int32_t>::max());
    },
    "a number of passes, 0 for no end",
    "Passes, one after another, each over its own connection; 0: until it is stopped or one is not complete [1]")
    ->type_name("PASSES");
  add_text(
    app, "--delay-ms", x.delay,
    [](const std::string& text) -> std::optional<std::chrono::milliseconds> {
      auto value = parse_number<std::int64_t>(text, 0, 3600000);
      return value ? std::optional<std::chrono::milliseconds>{*value} : std::nullopt;
    },
    "0 to 3600000", "Pause after each frame [0]")
    ->type_name("MS");
}

// Why a command line that can be read makes no sense, or nothing.
std::string contradiction(const options& x) {
  if (x.out == "-" && ::isatty(STDOUT_FILENO) != 0)
    return "--out: '-' would write raw samples to the terminal; redirect stdout";
  if (!x.out.empty() && x.passes != 1)
    return "--out: takes the samples of one pass, and --passes asks for others";
  return {};
}

std::string one_line(std::string text) {
  auto end = text.find_last_not_of("\n ");
  text.resize(end == std::string::npos ? 0 : end + 1);
  for (auto& c : text)
    if (c == '\n')
      c = ' ';
  return text;
}

} // namespace

std::variant<options, early_exit> parse_options(int argc, const char* const* argv) {
  options result;
  result.server = {"localhost", 8080};
  result.timeouts = {std::chrono::seconds{5}, std::chrono::seconds{0}};
  result.idle_timeout = result.delay = std::chrono::milliseconds{0};
  result.sample = *parse_sample_format("float32:1x28x28");
  result.max_line = std::size_t{256} << 20;
  CLI::App app{"Pulls a pass of a dataset from a dispatcher, and checks that it is complete and in order."};
  app.name("dispatcher-pull");
  app.footer(examples);
  // compose.yaml presets options, and its user can give them again.
  app.option_defaults()->take_last();
  app.set_version_flag("--version", std::string{"dispatcher-pull "} + DISPATCHER_VERSION);
  add_connection_options(app, result);
  add_data_options(app, result);
  session_options session;
  add_session_options(app, session, result);
  app.add_flag("--json", result.json, "Print the summary as one JSON object, with a SHA-256 of the samples");
  app.add_flag("--quiet", result.quiet, "Print nothing but errors (and what --json or --out - asks for)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream out;
      app.exit(error, out, out);
      return early_exit{0, out.str()};
    }
    return early_exit{exit_usage, "dispatcher-pull: " + one_line(error.what()) + " (see --help)\n"};
  }
  result.sample_was_given = app.count("--sample") > 0;
  result.admin_was_given = app.count("--admin") > 0;
  if (!result.admin_was_given)
    result.admin = endpoint{result.server.host, default_admin_port};
  auto problem = contradiction(result);
  if (problem.empty())
    problem = finish_session_options(app, session, result);
  if (!problem.empty())
    return early_exit{exit_usage, "dispatcher-pull: " + problem + "\n"};
  return result;
}

} // namespace dispatch::pull
