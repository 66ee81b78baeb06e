#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "actors/known_datasets.hpp"
#include "actors/known_layouts.hpp"
#include "actors/policy/dataset_end.hpp"
#include "messages/batch_key.hpp"
#include "messages/status_code.hpp"
#include "wire/batch.hpp"

namespace dispatch {

/// The part of the batch cache that knows where datasets end that nothing counts, by dataset, batch size and
/// fingerprint. An end is what connections have shown (`policy::dataset_end`). Nothing else vouches for it, so it is
/// forgotten as soon as another connection may lead to another dataset.
class known_ends {
public:
  /// From this index on there are no batches, and what requests for them are answered.
  struct end {
    std::int32_t index = 0;
    failure reason;
  };

  /// @param remembers whether an end is remembered at all, as batches are
  /// @param find_kept finds a batch that is kept; null where it is not
  /// @param on_known called with each end that has become known
  known_ends(bool remembers, const known_datasets& datasets, const known_layouts& layouts,
             std::function<const batch_ptr*(const batch_key&)> find_kept, std::function<void(const end&)> on_known)
    : remembers_(remembers),
      described_(datasets),
      layouts_(layouts),
      find_kept_(std::move(find_kept)),
      on_known_(std::move(on_known)) {}

  /// What has no samples and calls itself the last is as good as an answer that there is no such batch.
  static bool is_no_batch(const batch& got) { return got.is_empty() && got.marked_last(); }

  /// A batch has come.
  void given(const batch_key& key, const batch& got);

  /// There is no such batch, by the answer that has come for it. Returns whether that may be an end: nothing says that
  /// there are more.
  bool refused(const batch_key& key, const failure& reason);

  /// The end of the dataset that the batch is of; null where it is not known.
  const end* find(const batch_key& key) const;

  /// Whether the batch is behind an end that is known.
  bool is_behind(const batch_key& key) const;

  /// A dataset has changed.
  void forget(const std::string& dataset);

  /// All datasets may have.
  void forget() { datasets_.clear(); }

private:
  struct record {
    policy::dataset_end shown;
    /// What was answered last for a batch that is not there.
    std::optional<failure> said;
    std::optional<end> known;
  };

  /// Whether an answer for this batch can show the end of its dataset: nothing says that there are more (ADR 4).
  bool may_end_at(const batch_key& key) const;
  record& at(const batch_key& key);
  /// A batch that is kept shows as much as one that comes, where ends were forgotten since.
  void note_kept_before(const batch_key& key, record& of) const;
  void settle(record& of) const;

  bool remembers_;
  const known_datasets& described_;
  const known_layouts& layouts_;
  std::function<const batch_ptr*(const batch_key&)> find_kept_;
  std::function<void(const end&)> on_known_;
  /// By the key of the first batch.
  std::map<batch_key, record> datasets_;
};

} // namespace dispatch
