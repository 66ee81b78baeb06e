#include "actors/policy/cursor.hpp"

#include <limits>

namespace dispatch::policy {

namespace {

/// An index has 31 bits on the wire, and so has the number of batches.
constexpr std::int32_t most_batches = std::numeric_limits<std::int32_t>::max();

} // namespace

cursor::cursor(std::optional<std::int32_t> total, std::int32_t first) : total_(total), position_(first) {}

bool cursor::exhausted() const noexcept {
  return !done_ && position_ == most_batches;
}

bool cursor::may_exist(std::int64_t index) const noexcept {
  return !done_ && index < (total_ ? *total_ : most_batches);
}

std::optional<placement> cursor::place(bool marked_last, successor next) const noexcept {
  if (total_ && position_ == *total_ - 1)
    return placement::last;
  if (total_ && !marked_last)
    return placement::middle;
  // Nobody can be asked what is behind the last index.
  if (position_ == most_batches - 1)
    next = successor::failed;
  switch (next) {
  case successor::exists:
    return placement::middle;
  case successor::empty_last:
    return marked_last && !total_ ? placement::last : placement::middle;
  case successor::out_of_range:
    return placement::last;
  case successor::failed:
    return marked_last ? placement::last : placement::middle;
  case successor::unknown:
    break;
  }
  return std::nullopt;
}

void cursor::advance(placement delivered) noexcept {
  if (delivered == placement::last)
    done_ = true;
  ++position_;
}

std::optional<std::int32_t> batch_total(std::int32_t samples, std::int32_t batch_size) noexcept {
  if (samples <= 0)
    return std::nullopt;
  return (samples - 1) / batch_size + 1;
}

} // namespace dispatch::policy
