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
  /// It is there, has no samples, and is called the last one.
  empty_last,
  /// The dataset service says that there is no such batch.
  out_of_range,
  /// It cannot be had for another reason.
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

/// Where one consumer stands in its pass over a dataset, and how it learns which batch is the last.
///
/// A dataset service says so twice, in the total number of samples and in a mark on the last batch, and either may be
/// missing or wrong. The total wins; where it is unknown, or a mark contradicts it, the answer for the next batch
/// decides before this one is delivered, because a frame that was sent without `EOF` cannot be taken back. A service
/// without a total that has a last batch, and behind it an empty last one, has no other way to say that this is the
/// end.
class cursor {
public:
  /// @param total how many batches there are, where that is known
  /// @param first the batch that is to be delivered first
  explicit cursor(std::optional<std::int32_t> total = std::nullopt, std::int32_t first = 0);

  /// The batch that is to be delivered next.
  std::int32_t position() const noexcept { return position_; }

  std::optional<std::int32_t> total() const noexcept { return total_; }

  /// Whether the pass has had its last batch.
  bool done() const noexcept { return done_; }

  /// Whether the pass is not over although there is no index left for another batch.
  bool exhausted() const noexcept;

  /// Whether batch `index` is worth asking for.
  bool may_exist(std::int64_t index) const noexcept;

  /// Where the batch at `position()` stands, or nothing while its successor has to be known first.
  std::optional<placement> place(bool marked_last, successor next) const noexcept;

  /// The batch at `position()` was delivered.
  void advance(placement delivered) noexcept;

private:
  std::optional<std::int32_t> total_;
  std::int32_t position_ = 0;
  bool done_ = false;
};

/// How many batches `samples` make, the last of which may be short; nothing where the number of samples is unknown.
/// @param samples 0 or less: unknown
/// @param batch_size at least 1
std::optional<std::int32_t> batch_total(std::int32_t samples, std::int32_t batch_size) noexcept;

} // namespace dispatch::policy
