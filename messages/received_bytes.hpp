#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dispatch {

/// Bytes as they came, in pieces that follow each other, and whatever keeps them alive. Copies share them.
class received_bytes {
public:
  received_bytes() = default;

  /// @param pieces lie in memory that `owner` keeps
  received_bytes(std::vector<std::string_view> pieces, std::shared_ptr<const void> owner)
    : pieces_(std::move(pieces)),
      owner_(std::move(owner)) {}

  explicit received_bytes(std::string bytes) {
    auto owner = std::make_shared<const std::string>(std::move(bytes));
    pieces_.push_back(*owner);
    owner_ = std::move(owner);
  }

  const std::vector<std::string_view>& pieces() const noexcept { return pieces_; }

  std::size_t size() const noexcept {
    std::size_t sum = 0;
    for (const auto piece : pieces_)
      sum += piece.size();
    return sum;
  }

  std::string str() const {
    std::string result;
    for (const auto piece : pieces_)
      result.append(piece);
    return result;
  }

private:
  std::vector<std::string_view> pieces_;
  std::shared_ptr<const void> owner_;
};

} // namespace dispatch
