#pragma once

#include "apps/pull/admin_view.hpp"
#include "apps/pull/frame.hpp"
#include "apps/pull/line_reader.hpp"
#include "apps/pull/options.hpp"
#include "apps/pull/progress.hpp"
#include "apps/pull/sample_digest.hpp"
#include "apps/pull/sample_sink.hpp"
#include "apps/pull/stream_checker.hpp"
#include "apps/pull/summary.hpp"
#include "apps/pull/tcp_stream.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <string_view>

namespace dispatch::pull {

/// One pass over a connection's stream, from its first frame to its end. The first thing that is wrong ends
/// it.
class pass {
public:
  /// Everything must outlive the pass. `stop_fd` is readable when the program shall end.
  pass(const options& opts, tcp_stream& stream, sample_sink& sink, admin_view& admin, progress& display, int stop_fd);

  /// Reads until the stream is over, commits the sink when it was complete, and tells what became of it. Only
  /// once.
  summary run();

  /// What is worth telling although the pass was complete; empty when there is nothing.
  const std::string& notice() const { return notice_; }

private:
  using clock = std::chrono::steady_clock;

  void read_all();
  void read_some();
  void take_lines();
  void take_line(std::string_view line);
  void take_frame(const frame& next);
  void count_samples(const frame& next);
  void ask_for_sample();
  void take_description();
  void take_first_bytes(std::string_view bytes);
  void on_silence(clock::time_point now);
  void explain_silence(clock::duration quiet_for);
  void on_end(const std::string& how);
  void fail(std::string why);
  pass_counts counts() const { return {checker_.batches(), result_.bytes}; }

  const options& options_;
  tcp_stream& stream_;
  sample_sink& sink_;
  admin_view& admin_;
  progress& display_;
  int stop_fd_;
  line_reader lines_;
  stream_checker checker_;
  std::optional<sample_digest> digest_;
  clock::time_point start_;
  clock::time_point last_data_;
  clock::time_point last_frame_;
  bool over_ = false;
  bool any_bytes_ = false;
  bool sent_request_ = false;
  bool explained_ = false;       ///< the silence that goes on
  std::uint64_t batch_unit_ = 0; ///< the greatest number that divides the size of each batch
  std::future<std::optional<sample_format>> asked_sample_;
  std::optional<sample_format> described_sample_;
  std::string notice_;
  summary result_;
};

} // namespace dispatch::pull
