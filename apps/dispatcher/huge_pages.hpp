#pragma once

#include <cstddef>
#include <utility>

namespace dispatch {

/// Memory from the kernel in huge pages, where it has any, and in small ones otherwise. Nothing of it is there before
/// it is touched.
class huge_pages {
public:
  /// Bytes of one.
  static constexpr std::size_t page_bytes = std::size_t{2} << 20;

  /// Memory of so many huge pages.
  /// @throws std::bad_alloc where there is none
  explicit huge_pages(std::size_t count);
  ~huge_pages();

  huge_pages(huge_pages&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)) {}

  huge_pages& operator=(huge_pages&& other) noexcept {
    std::swap(begin_, other.begin_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  char* begin() const noexcept { return begin_; }
  std::size_t bytes() const noexcept { return bytes_; }

  /// Has the kernel bring all of it, which takes some 0.1 ms for each huge page.
  void touch();

private:
  char* begin_ = nullptr;
  std::size_t bytes_ = 0;
};

} // namespace dispatch
