#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "actors/policy/session_minutes.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch::policy {

/// Whose row it is. Ranks of one job may have one name, and have a row each.
struct session_key {
  /// What the client calls itself.
  std::string name;
  shard_spec shard;

  friend bool operator==(const session_key& a, const session_key& b) {
    return a.name == b.name && a.shard.index == b.shard.index && a.shard.count == b.shard.count;
  }
};

/// Where a session is.
struct session_place {
  std::string dataset;
  /// Nothing: the dataset's own order.
  std::optional<std::uint64_t> seed{};
  std::uint64_t epoch = 0;
  /// The first epoch that it is not given; nothing: it never ends.
  std::optional<std::uint64_t> end_epoch{};
  /// Where its next step begins, in samples; in blocks where samples are not counted.
  std::int64_t position = 0;
  /// Of an epoch; nothing where they are not counted.
  std::optional<std::int64_t> samples{};
  std::int64_t batch_size = 1;
  /// That this connection was given.
  std::uint64_t batches = 0;
  /// When this connection has begun.
  std::chrono::system_clock::time_point began_at{};
};

/// How far an epoch is, in steps.
struct steps_done {
  std::int64_t step = 0;
  /// Of the epoch; nothing where its samples are not counted.
  std::optional<std::int64_t> steps;
};

/// The whole steps before a place, wherever in the epoch its session has begun. Those that are skipped count as well.
steps_done steps_of(const session_place& place, shard_spec shard) noexcept;

/// All sessions that came under one name and shard, one after the other.
struct session_row {
  session_key key;
  /// Of the latest session; where it ended, once that is over.
  session_place place;
  /// How many sessions there were.
  std::uint64_t times = 0;
  bool is_here = false;
  /// When the latest word of it came: its end, once it is over.
  std::chrono::system_clock::time_point heard_at{};
  /// How the latest session ended that is over; empty: none is.
  std::string outcome;
  session_minutes minutes{};

  /// The session whose row it is now, or was last.
  std::uint64_t id = 0;
  /// The latest session that has begun under this key.
  std::uint64_t latest_id = 0;
};

/// Remembers sessions that have a name, beyond their end: one that comes again goes on in its row.
///
/// A row is of one session at a time. Where two with the same key are there, it is of the one that began last; once
/// that has ended, of the other.
///
/// Holds at most `most` rows. A new one takes the place of the one that has been away longest. It is not kept where all
/// are here.
class session_book {
public:
  using time_point = std::chrono::system_clock::time_point;

  static constexpr std::size_t most = 64;

  /// A session is there, and has come so far.
  /// @param id rises in the order in which sessions begin
  /// @returns whether the row is this session's from now on, and was not before
  bool heard(std::uint64_t id, const session_key& key, const session_place& place, time_point at);

  /// A session has ended in its own words. It need not have been heard of before.
  void over(std::uint64_t id, const session_key& key, const session_place& place, std::string outcome, time_point at);

  /// A session is there no more. What it has not said of its end is not known.
  void lost(std::uint64_t id, std::string outcome, time_point at);

  /// In the order in which they were begun.
  const std::list<session_row>& rows() const noexcept { return rows_; }

private:
  /// Null: there is none, and no room.
  session_row* row_for(const session_key& key);
  /// Null: it is another's.
  session_row* take(std::uint64_t id, const session_key& key, const session_place& place, time_point at);

  std::list<session_row> rows_;
};

} // namespace dispatch::policy
