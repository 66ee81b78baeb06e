#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <vector>

namespace dispatch::chaos {

/// What one round of a loop waits for. Everybody says anew in each round what they wait for, so that nobody is called
/// who is not there any more.
class poll_set {
public:
  /// A place in the set.
  using slot = std::size_t;

  /// The slot of those who wait for nothing.
  static constexpr slot none = static_cast<slot>(-1);

  void clear() { entries_.clear(); }

  /// Waits for `events` as in poll(2).
  slot watch(int fd, short events) {
    entries_.push_back({fd, events, 0});
    return entries_.size() - 1;
  }

  /// Waits until something has happened, or for `most`.
  void wait(std::chrono::milliseconds most) {
    ::poll(entries_.data(), static_cast<::nfds_t>(entries_.size()), static_cast<int>(most.count()));
  }

  /// Whether one of `events`, or a failure, has happened.
  bool happened(slot where, short events) const {
    return where != none && (entries_[where].revents & (events | POLLERR | POLLHUP | POLLNVAL)) != 0;
  }

private:
  std::vector<::pollfd> entries_;
};

} // namespace dispatch::chaos
