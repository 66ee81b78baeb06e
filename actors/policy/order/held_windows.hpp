#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace dispatch::policy {

/// A window of one epoch.
struct window_id {
  std::uint64_t epoch = 0;
  std::int64_t index = 0;

  friend bool operator==(window_id a, window_id b) { return a.epoch == b.epoch && a.index == b.index; }

  friend bool operator!=(window_id a, window_id b) { return !(a == b); }

  friend bool operator<(window_id a, window_id b) { return a.epoch != b.epoch ? a.epoch < b.epoch : a.index < b.index; }
};

/// Which two windows of an order are kept in memory, of all that its readers are in: the two that follow each other and
/// have the most readers in them; of several such pairs the last. So while all readers are in one window, the next one
/// is fetched. A few readers that lag behind do not keep windows from the others.
///
/// @tparam Reader names a reader
template <class Reader>
class held_windows {
public:
  /// @param windows in an epoch, at least 1
  explicit held_windows(std::int64_t windows) : windows_(windows) {}

  /// A reader is in a window now. Returns whether other windows are to be kept.
  bool moved(const Reader& reader, window_id to) {
    const auto [found, is_new] = readers_.emplace(reader, to);
    if (!is_new && found->second == to)
      return false;
    if (!is_new)
      leave(found->second);
    found->second = to;
    ++counts_[to];
    return choose();
  }

  /// A reader is gone. Returns whether other windows are to be kept.
  bool left(const Reader& reader) {
    const auto found = readers_.find(reader);
    if (found == readers_.end())
      return false;
    leave(found->second);
    readers_.erase(found);
    return choose();
  }

  /// The first of the two windows; nothing while there are no readers.
  std::optional<window_id> first() const noexcept { return first_; }

  window_id next(window_id after) const noexcept {
    return after.index + 1 < windows_ ? window_id{after.epoch, after.index + 1} : window_id{after.epoch + 1, 0};
  }

private:
  void leave(window_id from) {
    const auto found = counts_.find(from);
    if (--found->second == 0)
      counts_.erase(found);
  }

  bool choose() {
    std::optional<window_id> best;
    std::size_t most = 0;
    for (const auto& [window, count] : counts_) {
      const auto following = counts_.find(next(window));
      const auto readers = count + (following != counts_.end() ? following->second : 0);
      if (readers >= most) {
        most = readers;
        best = window;
      }
    }
    return std::exchange(first_, best) != best;
  }

  std::int64_t windows_;
  std::map<Reader, window_id> readers_;
  std::map<window_id, std::size_t> counts_;
  std::optional<window_id> first_;
};

} // namespace dispatch::policy
