#include "apps/process/result_output.hpp"
#include "apps/process/stop_descriptor.hpp"
#include "apps/pull/admin_view.hpp"
#include "apps/pull/options.hpp"
#include "apps/pull/pass.hpp"
#include "apps/pull/progress.hpp"
#include "apps/pull/sample_sink.hpp"
#include "apps/pull/session/session_command.hpp"
#include "apps/pull/summary.hpp"
#include "apps/pull/tcp_stream.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dispatch::pull {

namespace {

void print(std::FILE* where, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), where);
  std::fflush(where);
}

void print_error(const std::string& text) {
  print(stderr, "dispatcher-pull: " + text + "\n");
}

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

progress::style display_style(const options& opts) {
  if (opts.quiet)
    return progress::style::silent;
  auto kind = std::getenv("TERM");
  auto plain = kind == nullptr || std::string_view{kind} == "dumb" || ::isatty(STDERR_FILENO) == 0;
  return plain ? progress::style::lines : progress::style::terminal;
}

progress::settings display_settings(const options& opts) {
  return {display_style(opts), opts.expected, terminal_width, [](std::string_view text) { print(stderr, text); }};
}

template <class Summary>
std::string result_text(const options& opts, const Summary& what, int code) {
  if (opts.json)
    return summary_json(what) + "\n";
  return opts.quiet || code == exit_no_connection ? std::string{} : summary_line(what) + "\n";
}

template <class Summary>
int report(const options& opts, const Summary& what, int code) {
  if (!what.error.empty())
    print_error(what.error);
  auto text = result_text(opts, what, code);
  auto where = opts.out == "-" ? STDERR_FILENO : STDOUT_FILENO;
  if (auto problem = write_result(text, where)) {
    print_error(*problem);
    return code == exit_complete ? exit_incomplete : code;
  }
  return code;
}

int failed(const options& opts, const std::string& why, int code) {
  summary nothing;
  nothing.error = why;
  return report(opts, nothing, code);
}

int pull_once(const options& opts, admin_view& admin, const stop_descriptor& stop) {
  try {
    // Before connecting: a file that cannot be written shall cost the server nothing.
    auto sink = open_sample_sink(opts.out, opts.sample);
    auto say_waiting = [&opts](const std::string& why) {
      if (!opts.quiet)
        print_error(why + "; trying again");
    };
    auto stream = tcp_stream::connect(opts.server, opts.timeouts, say_waiting, stop.fd());
    progress display{display_settings(opts), progress::clock::now()};
    pass one{opts, stream, *sink, admin, display, stop.fd()};
    auto result = one.run();
    if (!one.notice().empty() && !opts.quiet)
      print_error(one.notice());
    return report(opts, result, result.complete ? exit_complete : exit_incomplete);
  } catch (const sink_error& error) {
    return failed(opts, error.what(), exit_incomplete);
  } catch (const connect_error& error) {
    return failed(opts, stop.raised() ? "interrupted" : error.what(),
                  stop.raised() ? exit_incomplete : exit_no_connection);
  }
}

int pull(const options& opts) {
  stop_descriptor stop;
  admin_view admin{opts};
  for (std::int64_t done = 1;; ++done) {
    auto code = pull_once(opts, admin, stop);
    if (code != exit_complete || done == opts.passes)
      return code;
  }
}

int run_session(const options& opts, const std::vector<std::string>& arguments) {
  stop_descriptor stop;
  const auto done = pull_session(opts, display_settings(opts), stop, [&opts](const std::string& text) {
    if (!opts.quiet)
      print_error(text);
  });
  const auto code = report(opts, done.summary, done.code);
  // A session that was cut can be gone on with by its cursor alone, so --quiet does not leave it out. One that did not
  // begin has no other place than the one that was asked for.
  const auto has_begun = !done.summary.dataset.empty();
  if (has_begun && !done.summary.cursor.empty() && (!opts.quiet || !done.summary.complete))
    print(stderr, "go on with: " + go_on_command(arguments, done.summary.cursor, done.summary.complete) + "\n");
  return code;
}

int show(const early_exit& early) {
  if (early.code != 0) {
    print(stderr, early.text);
    return early.code;
  }
  auto problem = write_result(early.text);
  if (problem)
    print_error(*problem);
  return problem ? exit_incomplete : early.code;
}

} // namespace

} // namespace dispatch::pull

int main(int argc, char** argv) {
  dispatch::occupy_standard_streams();
  try {
    auto parsed = dispatch::pull::parse_options(argc, argv);
    if (auto early = std::get_if<dispatch::pull::early_exit>(&parsed))
      return dispatch::pull::show(*early);
    const auto& opts = std::get<dispatch::pull::options>(parsed);
    return opts.session ? dispatch::pull::run_session(opts, {argv + 1, argv + argc}) : dispatch::pull::pull(opts);
  } catch (const std::exception& error) {
    dispatch::pull::print_error(error.what());
    return dispatch::pull::exit_incomplete;
  }
}
