#include "apps/pull/session/session_command.hpp"

#include <utility>

#include "apps/pull/session/cursor_file.hpp"
#include "apps/pull/session/epoch_progress.hpp"
#include "apps/pull/session/session_run.hpp"
#include "apps/pull/tcp_stream.hpp"

namespace dispatch::pull {

namespace {

session_outcome failed(const options& opts, const std::string& why, exit_code code) {
  session_summary nothing;
  nothing.error = why;
  nothing.cursor = opts.session->start;
  return {std::move(nothing), code};
}

} // namespace

session_outcome pull_session(options opts, const progress::settings& display, const stop_descriptor& stop,
                             const std::function<void(const std::string&)>& say) {
  try {
    if (opts.session->start.empty() && !opts.cursor_file.empty())
      opts.session->start = read_cursor_file(opts.cursor_file);
    auto say_waiting = [&say](const std::string& why) { say(why + "; trying again"); };
    auto stream = tcp_stream::connect(opts.server, opts.timeouts, say_waiting, stop.fd());
    epoch_progress shown{display, progress::clock::now()};
    auto result = session_run{opts, stream, shown, stop.fd()}.run();
    const auto code = result.complete ? exit_complete : exit_incomplete;
    return {std::move(result), code};
  } catch (const cursor_file_error& error) {
    return failed(opts, error.what(), exit_incomplete);
  } catch (const connect_error& error) {
    return failed(opts, stop.raised() ? "interrupted" : error.what(),
                  stop.raised() ? exit_incomplete : exit_no_connection);
  }
}

} // namespace dispatch::pull
