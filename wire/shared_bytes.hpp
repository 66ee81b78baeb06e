#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace dispatch {

/// Bytes that do not change any more, and what keeps them in memory. Copies share them.
class shared_bytes {
public:
  shared_bytes() = default;

  /// @param bytes lie in memory that `owner` keeps
  shared_bytes(std::string_view bytes, std::shared_ptr<const void> owner) : bytes_(bytes), owner_(std::move(owner)) {}

  explicit shared_bytes(std::string bytes) {
    auto owner = std::make_shared<const std::string>(std::move(bytes));
    bytes_ = *owner;
    owner_ = std::move(owner);
  }

  /// Makes `size` bytes of memory that nothing has initialised, and has them written where they will stay.
  /// @param write is called with a `char*` and writes all of them there
  template <class Write>
  static shared_bytes make(std::size_t size, Write write) {
    std::shared_ptr<char[]> memory{new char[size]};
    write(memory.get());
    const std::string_view bytes{memory.get(), size};
    return {bytes, std::move(memory)};
  }

  std::string_view view() const noexcept { return bytes_; }

  std::size_t size() const noexcept { return bytes_.size(); }

private:
  std::string_view bytes_;
  std::shared_ptr<const void> owner_;
};

} // namespace dispatch
