#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>

#include "messages/type_ids.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch {

/// Names one batch: batch `index` of `dataset` when it is cut into batches of `batch_size` samples.
/// A dataset service may come back with another dataset of the same name; the fingerprint tells the two apart.
struct batch_key {
  std::string dataset;
  std::int32_t batch_size = 0;
  std::int32_t index = 0;
  /// Where it is unknown, any dataset of the name will do.
  dispatch::fingerprint fingerprint{};

  friend bool operator==(const batch_key& a, const batch_key& b) {
    return a.index == b.index && a.batch_size == b.batch_size && a.fingerprint == b.fingerprint
           && a.dataset == b.dataset;
  }

  friend bool operator!=(const batch_key& a, const batch_key& b) { return !(a == b); }

  friend bool operator<(const batch_key& a, const batch_key& b) {
    return std::tie(a.index, a.batch_size, a.fingerprint, a.dataset)
           < std::tie(b.index, b.batch_size, b.fingerprint, b.dataset);
  }
};

struct batch_key_hash {
  std::size_t operator()(const batch_key& key) const noexcept {
    constexpr std::size_t odd = 0x9e3779b97f4a7c15u;
    const auto family = std::hash<std::string>{}(key.dataset) + static_cast<std::size_t>(key.batch_size) * odd
                        + static_cast<std::size_t>(key.fingerprint.value());
    return (family ^ (family >> 32)) * odd + static_cast<std::size_t>(key.index);
  }
};

} // namespace dispatch
