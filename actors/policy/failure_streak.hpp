#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace dispatch::policy {

/// Tells a bad upstream from a poisoned batch: failures in a row count once for each different batch. An upstream that
/// says that it is not available says nothing about a batch: that counts each time.
/// @tparam Key names a batch
template <class Key>
class failure_streak {
public:
  /// @param limit so many different batches in a row mean that the upstream is bad
  explicit failure_streak(std::size_t limit) : limit_(limit) {}

  /// A call for `key` failed for the upstream's reason. Returns whether the limit is reached.
  bool failed(Key key) {
    if (std::find(failed_.begin(), failed_.end(), key) == failed_.end())
      failed_.push_back(std::move(key));
    return reached();
  }

  /// The upstream said that it is not available. Returns whether the limit is reached.
  bool turned_away() noexcept {
    ++turned_away_;
    return reached();
  }

  void succeeded() noexcept {
    failed_.clear();
    turned_away_ = 0;
  }

private:
  bool reached() const noexcept { return failed_.size() + turned_away_ >= limit_; }

  std::size_t limit_;
  std::vector<Key> failed_;
  std::size_t turned_away_ = 0;
};

} // namespace dispatch::policy
