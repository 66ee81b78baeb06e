#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apps/pull/line_reader.hpp"
#include "apps/pull/options.hpp"
#include "apps/pull/session/epoch_progress.hpp"
#include "apps/pull/session/server_line.hpp"
#include "apps/pull/session/session_checker.hpp"
#include "apps/pull/session/session_output.hpp"
#include "apps/pull/session/session_summary.hpp"
#include "apps/pull/tcp_stream.hpp"

namespace dispatch::pull {

/// One session over one connection, from its `hello` to its end. The first thing that is wrong ends it; what came
/// before is written, and the cursor behind that is told.
class session_run {
public:
  /// Everything must outlive the run.
  /// @param opts whose `session` is there
  /// @param stop_fd readable when the program shall end
  session_run(const options& opts, tcp_stream& stream, epoch_progress& display, int stop_fd);

  /// Says `hello`, reads until the session is over, writes the samples and the cursor file, and tells what became of
  /// it. Only once.
  session_summary run();

private:
  using clock = std::chrono::steady_clock;

  void read_some();
  void take_messages();
  bool take_next_line();
  bool take_payload();
  void take_line(std::string_view line);
  void take(const welcome_line& said);
  void take(const batch_line& next);
  void take(const epoch_line& over);
  void take(const eof_line& over);
  void take(const wait_line& said);
  void take(const drain_line& said);
  void take(const error_line& said);
  void take(const pong_line&);
  void take(const malformed_line& line);

  void accept_payload(const batch_line& batch, std::string_view payload);
  void take_first_bytes(std::string_view bytes);
  void on_silence(clock::time_point now);
  void on_end(const std::string& how);
  void finish_output();
  /// Notes a batch that is written, and acknowledges it with others when it is time.
  void note_written(const batch_line& batch);
  /// Says that what is written was used.
  /// @param more lines to send behind it
  void acknowledge(const std::string& more = {});
  /// Acknowledges what is written, and waits until the dispatcher has kept that; where it cannot, nothing is written.
  void finish_acks();
  void fail(std::string why);
  void summarize();

  const options& options_;
  tcp_stream& stream_;
  epoch_progress& display_;
  int stop_fd_;
  line_reader lines_;
  session_checker checker_;
  std::optional<batch_line> batch_; ///< whose payload is due
  session_output output_;
  epoch_counts counts_;
  std::uint64_t epochs_ = 0; ///< that are over
  bool any_bytes_ = false;
  bool explained_ = false; ///< the silence that goes on
  bool over_ = false;
  bool is_connected_ = true;
  /// Batches that are written and not acknowledged, and the last one.
  std::int64_t unacked_ = 0;
  std::uint64_t last_written_ = 0;
  bool has_pinged_ = false; ///< behind the last acknowledgement
  bool confirms_ = false;   ///< all that is awaited is that the acknowledgements are kept
  bool is_confirmed_ = false;
  clock::time_point start_;
  clock::time_point epoch_start_;
  clock::time_point last_data_;
  clock::time_point last_message_; ///< that was more than a `wait`
  session_summary result_;
};

} // namespace dispatch::pull
