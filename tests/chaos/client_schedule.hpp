#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/chaos/draw.hpp"

namespace dispatch::chaos {

/// How a consumer behaves. The first ones are meant to get the whole pass; the others leave before its end.
enum class client_kind {
  fast,           ///< reads what there is
  small_reads,    ///< reads what there is, few bytes at a time
  slow,           ///< reads some hundred kilobytes a second
  stops,          ///< stops reading somewhere for seconds, then goes on
  half_closes,    ///< says at once that it will send nothing
  sends,          ///< sends megabytes that nobody asked for, and reads
  leaves,         ///< closes at any byte
  resets,         ///< resets at any byte
  stalls,         ///< never reads
  trickles,       ///< reads a byte a second
  only_sends,     ///< sends megabytes and never reads
  comes_and_goes, ///< connects and leaves
  vanishes,       ///< answers nothing from any byte on, as a machine without power
};

inline constexpr std::array all_client_kinds{
  client_kind::fast,        client_kind::small_reads, client_kind::slow,       client_kind::stops,
  client_kind::half_closes, client_kind::sends,       client_kind::leaves,     client_kind::resets,
  client_kind::stalls,      client_kind::trickles,    client_kind::only_sends, client_kind::comes_and_goes,
  client_kind::vanishes};

std::string_view to_string(client_kind kind);

/// One consumer. What a kind does not need is left as it is here.
struct client_plan {
  std::uint64_t number = 0; ///< in the order of their coming, from 0
  milliseconds at{0};       ///< when it comes, since the start of the schedule
  client_kind kind = client_kind::fast;
  std::uint64_t read_bytes = 1 << 18;       ///< the most that it reads at a time; 0: it never reads
  std::uint64_t bytes_per_second = 0;       ///< the most that it reads; 0: no limit
  std::uint64_t stops_at = 0;               ///< after so many bytes it stops
  milliseconds stops_for{0};                ///< for so long
  bool half_closes = false;                 ///< at once
  std::uint64_t sends_bytes = 0;            ///< of no meaning
  std::optional<std::uint64_t> leaves_at;   ///< after exactly so many bytes
  std::optional<milliseconds> leaves_after; ///< after so long
  bool with_reset = false;                  ///< how it leaves
  bool without_a_word = false;              ///< the same: its socket stays, deaf and mute

  /// Whether it has to get the whole pass.
  bool whole() const noexcept { return !leaves_at && !leaves_after; }
};

/// The consumer in one line, with everything that it is made of.
std::string describe(const client_plan& plan);

/// How many consumers come, and for how much.
struct client_traffic {
  milliseconds mean_gap{40};            ///< between two that come
  std::uint64_t pass_bytes = 4'000'000; ///< about what a whole pass takes on the wire
  bool short_sessions = false;          ///< whether most of them stay for less than a pass
};

/// The consumers of a run, one after another without an end: a pure function of the seed and the traffic.
class client_schedule {
public:
  client_schedule(std::uint64_t seed, client_traffic traffic);

  client_plan next();

private:
  void draw_details(client_plan& plan);
  void draw_leaving(client_plan& plan);

  random_source random_;
  client_traffic traffic_;
  deck<client_kind> kinds_;
  std::uint64_t number_ = 0;
  milliseconds now_{0};
};

} // namespace dispatch::chaos
