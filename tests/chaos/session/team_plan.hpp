#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/chaos/draw.hpp"
#include "wire/session/client_message.hpp"

namespace dispatch::chaos {

/// How one connection of a team behaves. The first ones read until the team stops; the others break the stint off.
enum class reader_kind {
  fast,        ///< reads what there is
  small_reads, ///< reads what there is, few bytes at a time
  slow,        ///< reads some hundred kilobytes a second
  stops,       ///< stops reading somewhere for seconds, then goes on
  half_closes, ///< closes its sending side behind its hello
  pings,       ///< asks for pongs all the time
  leaves,      ///< closes at any byte
  resets,      ///< resets at any byte
  stalls,      ///< never reads, and leaves after a while
  says_bye,    ///< says `bye` at any byte
  babbles,     ///< sends rubbish at any byte
  no_hello,    ///< sends rubbish instead of a hello
};

inline constexpr std::array all_reader_kinds{reader_kind::fast,     reader_kind::small_reads, reader_kind::slow,
                                             reader_kind::stops,    reader_kind::pings,       reader_kind::half_closes,
                                             reader_kind::leaves,   reader_kind::resets,      reader_kind::stalls,
                                             reader_kind::says_bye, reader_kind::babbles,     reader_kind::no_hello};

std::string_view to_string(reader_kind kind);

/// As a `hello` says it.
std::string_view to_string(epoch_end ends);

/// One connection of a stint. What a kind does not need is left as it is here.
struct reader_plan {
  reader_kind kind = reader_kind::fast;
  std::uint64_t read_bytes = 1 << 18;       ///< the most that it reads at a time; 0: it never reads
  std::uint64_t bytes_per_second = 0;       ///< the most that it reads; 0: no limit
  std::uint64_t stops_at = 0;               ///< after so many bytes it stops
  milliseconds stops_for{0};                ///< for so long
  std::optional<std::uint64_t> acts_at;     ///< after so many bytes it does what is special about its kind
  std::optional<milliseconds> leaves_after; ///< after so long
  bool with_reset = false;                  ///< how it leaves
  std::string rubbish;                      ///< what it sends

  /// Whether it leaves before the team stops.
  bool breaks_off() const noexcept { return acts_at.has_value() || leaves_after.has_value(); }
};

/// What a team does between two restarts: all its ranks go on at one cursor.
struct stint_plan {
  std::int64_t batch_size = 30;
  epoch_end ends = epoch_end::uneven;
  payload_form payload = payload_form::raw;
  bool has_checksum = false;
  std::optional<std::size_t> window;
  std::optional<std::uint64_t> steps; ///< after so many batches each rank stops; nothing: it goes on
  bool to_epoch_end = false;          ///< each rank stops at the last batch of an epoch, before it hears of the end
  milliseconds pause{0};              ///< before it begins
  std::vector<reader_plan> readers;   ///< of each rank

  std::int64_t ranks() const noexcept { return static_cast<std::int64_t>(readers.size()); }
};

/// A training job: ranks that together read some epochs of one order, in many stints.
struct team_plan {
  std::uint64_t number = 0; ///< in the order of their coming, from 0
  std::uint64_t seed = 0;   ///< of its stints
  std::uint64_t epochs = 1;
  std::optional<wanted_shuffle> shuffle;
  std::vector<skipped_range> skips;
};

/// The team and the stint in one line each, with what they are made of.
std::string describe(const team_plan& plan);
std::string describe(const stint_plan& plan);

} // namespace dispatch::chaos
