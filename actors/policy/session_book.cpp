#include "actors/policy/session_book.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

namespace {

std::int64_t minute_of(session_book::time_point at) {
  return std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count();
}

double seconds_between(session_book::time_point from, session_book::time_point to) {
  return std::max(std::chrono::duration<double>(to - from).count(), 0.0);
}

} // namespace

steps_done steps_of(const session_place& place, shard_spec shard) noexcept {
  if (!place.samples)
    return {place.position / shard.count, std::nullopt};
  // The product of the two may be more than can be counted; then all is one step.
  const auto fits = place.batch_size <= *place.samples / shard.count;
  const auto size = std::max<std::int64_t>(fits ? place.batch_size * shard.count : *place.samples, 1);
  const auto rounded_up = [size](std::int64_t samples) { return samples / size + (samples % size > 0 ? 1 : 0); };
  return {rounded_up(std::min(place.position, *place.samples)), rounded_up(*place.samples)};
}

bool session_book::heard(std::uint64_t id, const session_key& key, const session_place& place, time_point at) {
  const auto had_it =
    std::any_of(rows_.begin(), rows_.end(), [id](const session_row& row) { return row.is_here && row.id == id; });
  return take(id, key, place, at) != nullptr && !had_it;
}

void session_book::over(std::uint64_t id, const session_key& key, const session_place& place, std::string outcome,
                        time_point at) {
  if (auto* row = take(id, key, place, at)) {
    row->is_here = false;
    row->outcome = std::move(outcome);
  }
}

void session_book::lost(std::uint64_t id, std::string outcome, time_point at) {
  const auto found =
    std::find_if(rows_.begin(), rows_.end(), [id](const session_row& row) { return row.is_here && row.id == id; });
  if (found == rows_.end())
    return;
  found->is_here = false;
  found->outcome = std::move(outcome);
  found->heard_at = at;
}

session_row* session_book::row_for(const session_key& key) {
  const auto known = std::find_if(rows_.begin(), rows_.end(), [&](const session_row& row) { return row.key == key; });
  if (known != rows_.end())
    return &*known;
  if (rows_.size() >= most) {
    // Those that are here are greater than any that is not.
    const auto oldest = std::min_element(rows_.begin(), rows_.end(), [](const session_row& a, const session_row& b) {
      return a.is_here != b.is_here ? b.is_here : a.heard_at < b.heard_at;
    });
    if (oldest->is_here)
      return nullptr;
    rows_.erase(oldest);
  }
  rows_.emplace_back();
  rows_.back().key = key;
  return &rows_.back();
}

session_row* session_book::take(std::uint64_t id, const session_key& key, const session_place& place, time_point at) {
  auto* row = row_for(key);
  if (row == nullptr || (row->is_here && row->id > id))
    return nullptr;
  const auto goes_on = row->is_here && row->id == id;
  // Another of the same key may have had the row meanwhile: what this one did then was not told.
  const auto is_new = id > row->latest_id;
  if (is_new) {
    row->latest_id = id;
    ++row->times;
  }
  if (goes_on || is_new) {
    const auto before = goes_on ? row->place.batches : 0;
    const auto since = goes_on ? row->heard_at : place.began_at;
    row->minutes.add(minute_of(at), static_cast<double>(place.batches) - static_cast<double>(before),
                     seconds_between(since, at), place.epoch);
  }
  row->id = id;
  row->is_here = true;
  row->place = place;
  row->heard_at = at;
  return row;
}

} // namespace dispatch::policy
