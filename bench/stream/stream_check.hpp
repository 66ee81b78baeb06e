#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "apps/pull/frame.hpp"

namespace dispatch::bench {

/// What can be wrong with the stream of one pass or session.
enum class stream_fault {
  malformed,    ///< a line is no frame
  gap,          ///< a batch came before the one that was due
  duplicate,    ///< the batch before the one that was due came again
  wrong_order,  ///< an earlier batch came, or an epoch that was not due
  server_error, ///< the server ended the stream with an error
  wrong_count,  ///< the end came at another batch than expected, or did not come there
  after_eof,    ///< bytes came behind what said that this is the end
  without_eof,  ///< the connection ended before that was said
};

/// The fault's name in results, such as `wrong_order`.
std::string_view to_string(stream_fault fault);

/// Checks one stream while it comes. Of a stream with a fault nothing is looked at any more.
class stream_check {
public:
  virtual ~stream_check() = default;

  /// Takes the next bytes, in whatever pieces they come.
  /// @returns how many frames ended in them and were the ones that were due
  virtual std::size_t take(std::string_view bytes) = 0;

  /// The connection has ended.
  void close() {
    if (!eof_ && !fault_)
      fault_ = stream_fault::without_eof;
  }

  /// What is wrong, once something is.
  std::optional<stream_fault> fault() const noexcept { return fault_; }

  /// What the server's error says; for `stream_fault::server_error` only.
  const std::optional<pull::stream_error>& error() const noexcept { return error_; }

  /// Whether the end was said, with everything before it and nothing behind it.
  bool complete() const noexcept { return eof_ && !fault_; }

protected:
  bool eof_ = false;
  std::optional<stream_fault> fault_;
  std::optional<pull::stream_error> error_;
};

} // namespace dispatch::bench
