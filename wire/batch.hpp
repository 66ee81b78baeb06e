#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "wire/received_bytes.hpp"
#include "wire/shared_bytes.hpp"

namespace dispatch {

/// One array of a batch: a row of bytes for each sample, one row after the other.
struct column {
  /// Empty for the column that every dataset service sends (`data` in `DataBatch`).
  std::string name;
  received_bytes bytes;
};

/// One batch as a dataset service sent it.
struct received_batch {
  /// From 0.
  std::int32_t index = 0;
  /// Whether the dataset service called the batch its last.
  bool marked_last = false;
  /// The first is `data`, and is always there in a batch that has come.
  std::vector<column> columns;

  /// Bytes of the samples in `data`.
  std::size_t data_bytes() const noexcept { return columns.empty() ? 0 : columns.front().bytes.size(); }
};

/// Bytes of texts that batches hold beside what was received.
using text_bytes_ptr = std::shared_ptr<std::atomic<std::size_t>>;

/// One batch, shared by the cache and all consumers that get it. It holds what the dataset service sent until the first
/// consumer needs its classic text. From then on it holds the text instead, or both where it was told to keep what was
/// received. May be used in several threads at a time.
class batch {
public:
  explicit batch(received_batch from);
  ~batch();

  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;

  std::int32_t index() const noexcept { return index_; }

  bool marked_last() const noexcept { return marked_last_; }

  /// Bytes of the samples in `data`.
  std::size_t data_bytes() const noexcept { return data_bytes_; }

  /// Whether it holds no samples. Such a batch is asked for again before it is believed: by calls, also where a stream
  /// has brought it (`pool::calls`). What it means for the end of a pass is decided by `policy::pass_position`.
  bool is_empty() const noexcept { return data_bytes_ == 0; }

  /// Bytes of memory that the batch takes at most, about: as received, or as text. One that keeps what was received
  /// counts its text in `keep_received` instead.
  std::size_t footprint() const;

  /// From now on what was received is kept beside the text. Returns whether it is still there.
  /// @param text_bytes counts the text, once it is there, for as long as this batch lives
  bool keep_received(const text_bytes_ptr& text_bytes) const;

  /// What the dataset service sent; null where there is only the text any more.
  std::shared_ptr<const received_batch> received() const;

  /// The part of a classic line that all consumers share. The first call encodes it; calls in other threads wait for
  /// that.
  shared_bytes classic_text() const;

private:
  std::int32_t index_;
  bool marked_last_;
  std::size_t data_bytes_;
  std::size_t received_bytes_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const received_batch> received_; // guarded by mutex_
  mutable shared_bytes text_;                              // guarded by mutex_
  mutable bool has_text_ = false;                          // guarded by mutex_
  /// Null: what was received goes when there is a text.
  mutable text_bytes_ptr text_bytes_; // guarded by mutex_
};

using batch_ptr = std::shared_ptr<const batch>;

} // namespace dispatch
