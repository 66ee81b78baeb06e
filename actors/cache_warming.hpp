#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors/policy/warm_up.hpp"
#include "messages/batch_key.hpp"
#include "messages/event_log.hpp"
#include "messages/status_code.hpp"
#include "wire/dataset_description.hpp"

namespace dispatch {

/// The part of the batch cache that reads the dataset that consumers will want (`--prefetch`): when an upstream has
/// described it, and when it has become another one. It stops as soon as a consumer wants anything, and goes on when
/// none has for a while. Which batches to read is decided by `policy::warm_up`.
class cache_warming {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct options {
    /// Empty: nothing is read.
    std::string dataset;
    std::int32_t batch_size = 0;
    std::size_t capacity_bytes = 0;
  };

  /// What it has the cache do.
  struct actions {
    /// Finds out whether a batch is there.
    std::function<bool(const batch_key&)> has;
    /// Has a batch fetched. It is said later that the batch is `given` or `failed`.
    std::function<void(const batch_key&)> fetch;
    /// A batch that is being fetched is not wanted any more, unless a consumer wants it.
    std::function<void(const batch_key&)> drop;
    std::function<time_point()> now;
  };

  cache_warming(options opts, actions does, event_log_ptr log);

  /// An upstream has a new connection: what could not be had may be there now.
  void connected();

  /// An upstream has described a dataset.
  /// @param has_changed whether batches of it that were there are gone
  void described(const dataset_description& said, bool has_changed);

  /// A consumer wants something.
  void yield();

  /// Whether the batch is being fetched for it.
  bool wants(const batch_key& key) const { return is_own(key) && plan_.is_under_way(key.index); }

  /// A batch has come that it `wants`.
  /// @param batches how many there are of its kind, where the batch shows that; else 0
  void given(const batch_key& key, std::size_t bytes, std::int32_t batches);

  /// A batch could not be had.
  void failed(const batch_key& key, const failure& reason);

  /// Goes on where no consumer wants anything any more.
  void on_tick() { advance(); }

private:
  enum class state {
    /// There is something to read, once it is described.
    waiting,
    reading,
    /// All was read, or is not to be read.
    done,
    /// A batch could not be had.
    failed,
  };

  bool is_own(const batch_key& key) const;
  batch_key key_of(std::int32_t index) const;
  void begin(const dataset_description& said);
  void end(state because);
  void advance();
  void drop(const std::vector<std::int32_t>& indices);
  void check_fit(std::size_t first_bytes);
  void log_done();

  options options_;
  actions actions_;
  event_log_ptr log_;
  policy::warm_up plan_;
  /// What is read, or was read last; batch size 0: nothing yet.
  batch_key family_;
  std::int32_t batches_ = 0;
  state state_ = state::waiting;
  /// Batches that were fetched for it.
  std::int32_t fetched_ = 0;
  time_point began_at_{};
};

} // namespace dispatch
