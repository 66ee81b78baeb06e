#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "apps/pull/frame.hpp"
#include "bench/stream/frame_note.hpp"
#include "bench/stream/line_cutter.hpp"

namespace dispatch::bench {

/// What can be wrong with the stream of one pass.
enum class stream_fault {
  malformed,    ///< a line is no frame
  gap,          ///< a batch came before the one that was due
  duplicate,    ///< the batch before the one that was due came again
  wrong_order,  ///< an earlier batch came
  server_error, ///< the server ended the stream with an error frame
  wrong_count,  ///< EOF at another batch than expected, or none there
  after_eof,    ///< bytes came behind the frame that said EOF
  without_eof,  ///< the connection ended before a frame said EOF
};

/// The fault's name in results, such as `wrong_order`.
std::string_view to_string(stream_fault fault);

/// Checks the stream of one pass: every batch once, in order from 0, EOF on the last frame and on nothing else. Of a
/// stream with a fault nothing is looked at any more.
class pass_check {
public:
  /// @param expected how many batches there have to be, where that is known (>= 1)
  explicit pass_check(std::optional<std::int64_t> expected = std::nullopt) : expected_(expected) {}

  /// Takes the next bytes, in whatever pieces they come.
  /// @returns how many frames ended in them and were the ones that were due
  std::size_t take(std::string_view bytes);

  /// The connection has ended.
  void close();

  /// What is wrong, once something is.
  std::optional<stream_fault> fault() const noexcept { return fault_; }

  /// What the server's error frame says; for `stream_fault::server_error` only.
  const std::optional<pull::stream_error>& error() const noexcept { return error_; }

  /// Whether the frame that said EOF has come with everything before it, and nothing behind it.
  bool complete() const noexcept { return eof_ && !fault_; }

private:
  std::optional<stream_fault> judge(const std::optional<frame_note>& note);

  std::optional<std::int64_t> expected_;
  line_cutter cutter_;
  std::int64_t due_ = 0; // the batch that has to come next
  bool eof_ = false;
  std::optional<stream_fault> fault_;
  std::optional<pull::stream_error> error_;
};

} // namespace dispatch::bench
