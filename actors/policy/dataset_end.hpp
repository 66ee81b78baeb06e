#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace dispatch::policy {

/// Where a dataset ends that nothing counts, as far as its batches and answers have shown it by the rules of ADR 4: the
/// first index that is not there, once the batch before it has come. A batch that comes from behind an end shows that
/// it was none.
class dataset_end {
public:
  /// Batch `index` has come, with samples.
  void given(std::int32_t index, bool marked_last) noexcept {
    if (index >= behind_given_) {
      behind_given_ = index + 1;
      is_marked_ = marked_last;
    }
    if (refused_ && index >= *refused_)
      refused_.reset();
    if (empty_ && index >= *empty_)
      empty_.reset();
  }

  /// The answer for batch `index` was that there is none.
  void refused(std::int32_t index) noexcept {
    if (index < behind_given_)
      *this = {};
    else
      refused_ = std::min(refused_.value_or(index), index);
  }

  /// Batch `index` has come without samples and is marked as the last.
  void empty_last(std::int32_t index) noexcept {
    if (index >= behind_given_)
      empty_ = std::min(empty_.value_or(index), index);
  }

  /// The first index that is not there; nothing while that is not known.
  std::optional<std::int32_t> index() const noexcept {
    const auto is_end = behind_given_ > 0 && (refused_ == behind_given_ || (is_marked_ && empty_ == behind_given_));
    return is_end ? std::optional{behind_given_} : std::nullopt;
  }

private:
  /// The index behind the last batch that has come, and whether that batch is marked as the last.
  std::int32_t behind_given_ = 0;
  bool is_marked_ = false;
  std::optional<std::int32_t> refused_;
  std::optional<std::int32_t> empty_;
};

} // namespace dispatch::policy
