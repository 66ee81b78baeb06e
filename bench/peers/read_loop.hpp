#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/peers/pace.hpp"
#include "bench/peers/peer.hpp"
#include "bench/stream/pass_check.hpp"
#include "io/unique_fd.hpp"

namespace dispatch::bench {

/// What all consumers have got.
struct read_counts {
  std::uint64_t frames = 0; ///< that were the ones that were due
  std::uint64_t bytes = 0;  ///< of these
  std::uint64_t passes_complete = 0;
  std::uint64_t passes_incomplete = 0;
  std::uint64_t passes_cut = 0;                ///< were in order when the time was over
  std::map<std::string, std::uint64_t> faults; ///< incomplete passes, by what was wrong
  std::string error_message;                   ///< what the first broker or library has said
};

/// Reads for all consumers, in one thread with one epoll loop.
class read_loop {
public:
  using clock = std::chrono::steady_clock;

  /// @param frames of a pass
  /// @param passes of each consumer; nothing: until the time is over
  read_loop(std::vector<std::unique_ptr<consumer>> consumers, std::size_t frames, std::optional<std::size_t> passes);

  /// Reads until all have had their passes, or until `end`.
  /// @param own the publisher's, which is told how far the slowest is
  /// @param is_cut whether passes that are open at `end` are good
  void read_until(clock::time_point end, bool is_cut, pace& own);

  const read_counts& counts() const noexcept { return counts_; }

private:
  struct reader {
    std::unique_ptr<consumer> from;
    std::optional<pass_check> check{};
    std::uint64_t frames = 0;
    std::size_t passes = 0;
    bool finished = false;
  };

  void begin(reader& one);
  void serve(reader& one);
  void take(reader& one, std::string_view frame);
  void finish(reader& one);
  void fail(reader& one, const std::string& fault);
  void end_open_passes(bool is_cut);
  std::uint64_t slowest() const;

  std::vector<reader> readers_;
  std::size_t frames_;
  std::optional<std::size_t> passes_;
  std::size_t unfinished_;
  io::unique_fd epoll_;
  read_counts counts_;
};

} // namespace dispatch::bench
