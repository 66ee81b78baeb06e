#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "messages/batch_key.hpp"
#include "messages/event_log.hpp"
#include "wire/batch_layout.hpp"
#include "wire/dataset_description.hpp"

namespace dispatch {

/// How the datasets that came so far are cut into batches, by dataset, batch size and fingerprint. Each first batch
/// shows it once, and the log says where it is not what was asked for.
class known_layouts {
public:
  explicit known_layouts(event_log_ptr log) : log_(std::move(log)) {}

  /// What a batch has to fit; null before the first batch of its dataset has come.
  const batch_layout* find(const batch_key& key) const;

  /// The same; unknown before the first batch has come.
  batch_layout of(const batch_key& key) const;

  /// Batch 0 has come, and has samples.
  /// @param description of the dataset that the batch is of; empty where it is not described
  /// @returns false where it is to be asked for once more: it is not as large as was asked for, perhaps by accident
  bool learn(const batch_key& first, const dataset_description& description, std::uint64_t bytes);

  /// A dataset has changed.
  void forget(const std::string& dataset);

  /// The first batch of a dataset may not be what it should be. Returns whether it has been learnt from.
  bool doubt(const batch_key& key) { return layouts_.erase(family_of(key)) > 0; }

private:
  /// Dataset, batch size, fingerprint.
  using family = std::tuple<std::string, std::int32_t, fingerprint>;

  static family family_of(const batch_key& key) { return {key.dataset, key.batch_size, key.fingerprint}; }

  void log_layout(const batch_key& first, const dataset_description& description, std::uint64_t bytes,
                  const batch_layout& layout) const;

  event_log_ptr log_;
  std::map<family, batch_layout> layouts_;
  /// Datasets whose first batch was not as large as was asked for, once.
  std::set<family> suspected_;
};

} // namespace dispatch
