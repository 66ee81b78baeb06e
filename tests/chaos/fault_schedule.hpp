#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/chaos/draw.hpp"

namespace dispatch::chaos {

/// What befalls one upstream: its dataset server, or the connections to it.
enum class fault_kind {
  kill,      ///< SIGKILL; the server is back when the fault is over
  failing,   ///< the same, and then it fails every n-th batch
  hanging,   ///< the same, and then it does not answer every n-th batch
  lagging,   ///< the same, and then it is slow
  pause,     ///< SIGSTOP, and SIGCONT when the fault is over
  delay,     ///< all bytes are late
  throttle,  ///< few bytes a second get through
  cut,       ///< connections are closed in order, within a message
  reset,     ///< the same with a reset
  refuse,    ///< connections are reset and new ones refused
  half_open, ///< connections fall silent and new ones are accepted, but get no answer
  garbage,   ///< connections are reset and new ones get what is not HTTP/2
  corrupt,   ///< a frame of each connection is damaged
};

inline constexpr std::array all_fault_kinds{
  fault_kind::kill,      fault_kind::failing,  fault_kind::hanging, fault_kind::lagging, fault_kind::pause,
  fault_kind::delay,     fault_kind::throttle, fault_kind::cut,     fault_kind::reset,   fault_kind::refuse,
  fault_kind::half_open, fault_kind::garbage,  fault_kind::corrupt};

std::string_view to_string(fault_kind kind);

/// How the bytes of a connection are damaged. Whatever it is, HTTP/2 or gRPC notices: both have no checksum, so nobody
/// could notice damage to the samples themselves.
enum class damage {
  settings_on_a_stream, ///< a frame's header becomes that of SETTINGS on a stream
  short_ping,           ///< a frame's header becomes that of a PING with 5 bytes
  message_flag,         ///< a message says that it is compressed in a way that there is not
};

inline constexpr std::array all_damages{damage::settings_on_a_stream, damage::short_ping, damage::message_flag};

std::string_view to_string(damage what);

/// How a dataset server behaves from its start on: options of `dataset-server`.
struct server_manner {
  milliseconds latency{0};      ///< before each batch
  std::uint64_t fail_every = 0; ///< each batch whose number is a multiple of this fails; 0: none
  std::string_view fail_code;   ///< one of gRPC's names, always of the upstream's fault
  std::uint64_t hang_every = 0; ///< each batch whose number is a multiple of this gets no answer; 0: none
};

/// One fault of one upstream. What a kind does not need is zero.
struct fault_event {
  milliseconds at{0};    ///< since the start of the schedule
  milliseconds lasts{0}; ///< 0: it happens once
  fault_kind kind = fault_kind::kill;
  server_manner manner;               ///< of the server that comes back
  milliseconds delay{0};              ///< of each byte
  std::uint64_t bytes_per_second = 0; ///< that get through, each way
  std::uint64_t after_bytes = 0;      ///< so many get through before the connection is cut
  damage what = damage::settings_on_a_stream;
  bool of_requests = false; ///< whether the damage is to what the dispatcher sends
};

/// The fault in one line, with everything that it is made of.
std::string describe(const fault_event& event);

/// The faults of one upstream, one after another without an end: a pure function of the seed and the upstream. Every
/// kind comes once before any comes again. Between two faults the upstream is whole, for a time.
class fault_schedule {
public:
  /// @param upstream the upstream's number; each has faults of its own
  fault_schedule(std::uint64_t seed, std::size_t upstream);

  /// The next fault; `at` is later than the end of the one before.
  fault_event next();

private:
  void draw_details(fault_event& event);
  server_manner draw_manner(fault_kind kind);

  random_source random_;
  deck<fault_kind> kinds_;
  deck<std::string_view> codes_;
  deck<damage> damages_;
  milliseconds free_at_{0}; // when the fault before is over
};

} // namespace dispatch::chaos
