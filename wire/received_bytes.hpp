#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dispatch {

/// Bytes as they came from the network: slices that follow each other and are never joined, and what keeps them in
/// memory. Copies share them.
class received_bytes {
public:
  received_bytes() = default;

  /// @param slices lie in memory that `owner` keeps
  received_bytes(std::vector<std::string_view> slices, std::shared_ptr<const void> owner)
    : slices_(std::move(slices)),
      owner_(std::move(owner)) {
    for (const auto slice : slices_)
      size_ += slice.size();
  }

  explicit received_bytes(std::string bytes) {
    auto owner = std::make_shared<const std::string>(std::move(bytes));
    size_ = owner->size();
    slices_.push_back(*owner);
    owner_ = std::move(owner);
  }

  const std::vector<std::string_view>& slices() const noexcept { return slices_; }

  std::size_t size() const noexcept { return size_; }

  /// The first `most` bytes, or all where there are fewer.
  std::string prefix(std::size_t most) const {
    std::string result;
    result.reserve(std::min(most, size_));
    for (const auto slice : slices_)
      result.append(slice.substr(0, most - result.size()));
    return result;
  }

private:
  std::vector<std::string_view> slices_;
  std::size_t size_ = 0;
  std::shared_ptr<const void> owner_;
};

} // namespace dispatch
