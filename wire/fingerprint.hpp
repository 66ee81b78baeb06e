#pragma once

#include <cstdint>
#include <string>

#include "wire/dataset_description.hpp"

namespace dispatch {

/// Tells datasets of one name apart: it differs, but for chance, where their descriptions differ in size, shape, type,
/// columns or the name of `data`. A dataset that is not described, or with no size, shape, type and columns,
/// has an unknown fingerprint, and may be any.
class fingerprint {
public:
  /// Unknown.
  constexpr fingerprint() = default;

  /// @param value 0: unknown
  constexpr explicit fingerprint(std::uint64_t value) noexcept : value_(value) {}

  constexpr bool is_known() const noexcept { return value_ != 0; }

  constexpr std::uint64_t value() const noexcept { return value_; }

  /// Whether both may be of the same dataset: they are equal, or one of them is unknown.
  constexpr bool may_be(fingerprint other) const noexcept {
    return value_ == other.value_ || !is_known() || !other.is_known();
  }

  friend constexpr bool operator==(fingerprint a, fingerprint b) noexcept { return a.value_ == b.value_; }

  friend constexpr bool operator!=(fingerprint a, fingerprint b) noexcept { return a.value_ != b.value_; }

  friend constexpr bool operator<(fingerprint a, fingerprint b) noexcept { return a.value_ < b.value_; }

private:
  std::uint64_t value_ = 0;
};

/// As people see it: 16 hexadecimal digits.
std::string to_text(fingerprint value);

fingerprint fingerprint_of(const dataset_description& description);

} // namespace dispatch
