#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <utility>

namespace dispatch {

/// Bytes that do not change any more, and what keeps them in memory. Copies share them.
class shared_bytes {
public:
  shared_bytes() = default;

  /// @param bytes lie in memory that `owner` keeps
  shared_bytes(std::string_view bytes, const std::shared_ptr<const void>& owner)
    : bytes_(owner, bytes.data()),
      size_(bytes.size()) {}

  explicit shared_bytes(std::string bytes) {
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    *this = {*owner, owner};
  }

  /// Makes `size` bytes of memory that nothing has initialised, and has them written where they will stay. The memory
  /// is that of `std::pmr::get_default_resource()`.
  /// @param write is called with a `char*` and writes all of them there
  template <class Write>
  static shared_bytes make(std::size_t size, Write write) {
    auto* const resource = std::pmr::get_default_resource();
    const std::shared_ptr<char> memory{static_cast<char*>(resource->allocate(size)),
                                       [=](char* begin) { resource->deallocate(begin, size); }};
    write(memory.get());
    return {{memory.get(), size}, memory};
  }

  /// Takes no more memory than they need.
  static shared_bytes copy(std::string_view bytes) {
    return make(bytes.size(), [bytes](char* to) { std::copy(bytes.begin(), bytes.end(), to); });
  }

  std::string_view view() const noexcept { return {bytes_.get(), size_}; }

  std::size_t size() const noexcept { return size_; }

private:
  /// Points to the first byte, and keeps all: a consumer that does not read has hundreds of these, so they are small.
  std::shared_ptr<const char> bytes_;
  std::size_t size_ = 0;
};

} // namespace dispatch
