#pragma once

#include <unistd.h>

#include <utility>

namespace dispatch::io {

/// Owns a file descriptor, or none (-1), and closes it at the end.
class unique_fd {
public:
  unique_fd() = default;
  explicit unique_fd(int fd) noexcept : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  /// Closes what it owned before.
  unique_fd& operator=(unique_fd&& other) noexcept {
    unique_fd{std::move(other)}.swap(*this);
    return *this;
  }
  ~unique_fd() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  void swap(unique_fd& other) noexcept { std::swap(fd_, other.fd_); }

  /// Gives the descriptor away.
  int release() noexcept { return std::exchange(fd_, -1); }

private:
  int fd_ = -1;
};

} // namespace dispatch::io
