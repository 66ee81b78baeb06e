#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace dispatch::io {

/// What the kernel knows of a connection's peer at one time.
struct peer_sample {
  /// The kernel has given the connection up, or the peer has reset it.
  bool closed = false;
  /// The peer has closed its sending side; it may read.
  bool half_closed = false;
  /// Bytes wait for the peer: on their way, or for its window.
  bool pending = false;
  /// How many bytes the peer has acknowledged so far.
  std::uint64_t acknowledged = 0;
  /// How many bytes the peer has sent so far.
  std::uint64_t received = 0;
  /// How many segments were sent more than once so far.
  std::uint32_t retransmitted = 0;
  /// How many probes of a closed window have had no answer.
  std::uint32_t unanswered_probes = 0;
  /// How long ago the peer last acknowledged anything, be it for the second time.
  std::chrono::milliseconds silent{0};
};

enum class peer_verdict {
  /// Nothing is to be done.
  present,
  /// It has taken nothing for longer than it may. Said once.
  stalled,
  /// It has vanished, or was told that it is stalled and takes nothing still.
  gone,
};

/// Judges one connection's peer by what the kernel knows of it from time to time.
///
/// The kernel could end a connection whose peer does not answer, but its TCP_USER_TIMEOUT also counts against peers
/// that live and read slowly, or not for a while (docs/adr/0015). So it is here that such a peer is missed.
class peer_check {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    /// A peer that answers nothing for so long is gone.
    duration dead_after = std::chrono::seconds{60};
    /// A peer that takes nothing for so long is stalled, if it is not zero.
    duration stalled_after{0};
    /// How long a peer that is stalled has to begin to take what it is told.
    duration final_error_timeout = std::chrono::seconds{2};
  };

  /// The connection begins at `now`.
  peer_check(options opts, time_point now);

  /// What `seen` means at `now`. Called again and again, several times within each of the options' times.
  peer_verdict check(const peer_sample& seen, time_point now);

private:
  void note_progress(const peer_sample& seen, time_point now);
  void note_answer(const peer_sample& seen, time_point now);
  bool has_vanished(const peer_sample& seen, time_point now) const;
  peer_verdict judge_stall(time_point now);

  options options_;
  std::uint64_t acknowledged_ = 0;
  /// When it last took something, or there was nothing to take.
  time_point taken_at_;
  /// When it last answered, or there was nothing to answer.
  time_point answered_at_;
  /// How many segments had been sent more than once by then.
  std::uint32_t retransmitted_ = 0;
  std::optional<time_point> told_at_;
};

} // namespace dispatch::io
