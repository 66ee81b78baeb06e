#pragma once

#include <cstdint>
#include <optional>

namespace dispatch::policy {

/// What is known of the batch behind the one that is to be delivered.
enum class successor {
  /// Not answered yet.
  unknown,
  /// It is there.
  exists,
  /// It is there, has no samples, and is marked as the last one.
  empty_last,
  /// The dataset service answers that there is no such batch.
  out_of_range,
  /// It cannot be had for another reason, which says nothing about the end.
  failed,
};

/// What a batch shows of where it stands.
struct batch_signs {
  /// Whether the dataset service called it its last.
  bool marked_last = false;
  /// Whether it has no samples.
  bool empty = false;
};

/// Where a batch stands in the pass.
enum class placement { middle, last };

/// Where one consumer stands in its pass over a dataset, and how it learns which batch is the last (ADR 4).
///
/// - The number of batches is certain: the batch with that number is the last, and no other.
/// - It is not known: each batch waits for the answer for the next one. OUT_OF_RANGE, or an empty batch that is marked
///   as the last behind another one that is, makes it the last. A failure never does.
/// - It is expected, because the samples of a batch cannot be counted: batches before the last one that is expected are
///   in the middle, unless one is marked; and the expected last one is the last, unless it is not marked and another
///   one follows.
///
/// A batch that was sent without `EOF` cannot be taken back, so a batch waits where its place is not known.
class pass_position {
public:
  /// @param total number of batches that are expected, where that is known
  /// @param first index of the batch that is to be delivered first
  explicit pass_position(std::optional<std::int32_t> total = std::nullopt, std::int32_t first = 0);

  /// From now on the number of batches is certain.
  void settle_total(std::int32_t total) noexcept;

  /// The batch that is to be delivered next.
  std::int32_t index() const noexcept { return index_; }

  std::optional<std::int32_t> total() const noexcept { return total_; }

  /// Whether the pass has had its last batch.
  bool done() const noexcept { return done_; }

  /// Whether the pass is not over although there is no index left for another batch.
  bool exhausted() const noexcept;

  /// Whether batch `index` is worth asking for before it is needed to place the one before it.
  bool may_exist(std::int64_t index) const noexcept;

  /// Where the batch at `index()` stands, or nothing while its successor has to be known first.
  std::optional<placement> place(bool marked_last, successor next) const noexcept;

  /// The batch at `index()` was delivered.
  void advance(placement delivered) noexcept;

private:
  /// Where the batches behind the one at the position decide.
  placement place_by(successor next, bool marked_last, bool is_expected_last) const noexcept;

  std::optional<std::int32_t> total_;
  bool is_certain_ = false;
  std::int32_t index_ = 0;
  bool done_ = false;
};

/// How many batches `samples` make, the last of which may be short; nothing where the number of samples is unknown.
/// @param samples 0 or less: unknown
/// @param batch_size at least 1
std::optional<std::int32_t> batch_total(std::int32_t samples, std::int32_t batch_size) noexcept;

} // namespace dispatch::policy
