#include "actors/policy/pass_position.hpp"

#include <limits>

namespace dispatch::policy {

namespace {

/// An index has 31 bits on the wire, and so has the number of batches.
constexpr std::int32_t most_batches = std::numeric_limits<std::int32_t>::max();

} // namespace

pass_position::pass_position(std::optional<std::int32_t> total, std::int32_t first) : total_(total), index_(first) {}

void pass_position::settle_total(std::int32_t total) noexcept {
  total_ = total;
  is_certain_ = true;
}

bool pass_position::exhausted() const noexcept {
  return !done_ && index_ == most_batches;
}

bool pass_position::may_exist(std::int64_t index) const noexcept {
  return !done_ && index < (total_ ? *total_ : most_batches);
}

std::optional<placement> pass_position::place(bool marked_last, successor next) const noexcept {
  const auto is_expected_last = total_ && index_ == *total_ - 1;
  const auto is_before_it = total_ && index_ < *total_ - 1;
  if (is_expected_last && (is_certain_ || marked_last))
    return placement::last;
  if (is_before_it && (is_certain_ || !marked_last))
    return placement::middle;
  // There is no index left to ask for.
  if (index_ == most_batches - 1)
    next = successor::failed;
  if (next == successor::unknown)
    return std::nullopt;
  return place_by(next, marked_last, is_expected_last);
}

placement pass_position::place_by(successor next, bool marked_last, bool is_expected_last) const noexcept {
  switch (next) {
  case successor::out_of_range:
    return placement::last;
  case successor::empty_last:
    return marked_last || is_expected_last ? placement::last : placement::middle;
  case successor::failed:
    return is_expected_last ? placement::last : placement::middle;
  case successor::unknown:
  case successor::exists:
    break;
  }
  return placement::middle;
}

void pass_position::advance(placement delivered) noexcept {
  if (delivered == placement::last)
    done_ = true;
  ++index_;
}

std::optional<std::int32_t> batch_total(std::int32_t samples, std::int32_t batch_size) noexcept {
  if (samples <= 0)
    return std::nullopt;
  return (samples - 1) / batch_size + 1;
}

} // namespace dispatch::policy
