#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/policy/pool_ids.hpp"

namespace dispatch::policy {

/// Knows which upstream has which dataset, as far as the upstreams have shown it (ADR 24).
class dataset_holders {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// The upstream has given a batch of the dataset.
  void gave(upstream_id id, const std::string& dataset);

  /// The upstream has described the dataset. That is weaker: some upstreams describe what they do not have.
  void described(upstream_id id, const std::string& dataset);

  /// The upstream has refused the dataset. It lacks the dataset until it gives a batch or may be asked again.
  void refused(upstream_id id, const std::string& dataset, time_point now);

  /// The upstream may be asked for the dataset again.
  void may_have(upstream_id id, const std::string& dataset);

  /// The upstream has a new connection, which may lead to another process: what was refused before does not count.
  void connected_anew(upstream_id id);

  /// Another upstream has taken its place.
  void forget(upstream_id id);

  /// Whether the upstream has given a batch of the dataset and has not refused the dataset since.
  bool has_given(upstream_id id, const std::string& dataset) const;

  /// Whether the upstream has given a batch of the dataset or described it, and has not refused it since.
  bool has_shown(upstream_id id, const std::string& dataset) const;

  /// The upstreams that lack the dataset.
  std::vector<upstream_id> lacking(const std::string& dataset) const;

  /// The datasets that an upstream lacks.
  std::vector<std::string> lacked() const;

  /// Since when there is an upstream that lacks the dataset; nothing where there is none.
  std::optional<time_point> lacked_since(const std::string& dataset) const;

  /// Whether it is time to ask the upstream, which lacks the dataset, whether it has the dataset now. The next time
  /// is later.
  bool note_asked_again(upstream_id id, const std::string& dataset, time_point now);

private:
  struct standing {
    bool gave = false;
    bool described = false;
    bool lacks = false;
    /// The first refusal since the upstream last gave a batch.
    std::optional<time_point> refused_since;
    time_point ask_again_at{};
    /// How often it refused or was asked again since it last gave a batch.
    int refusals = 0;
  };

  standing& at(upstream_id id, const std::string& dataset);
  const standing* find(upstream_id id, const std::string& dataset) const;

  /// By upstream; one that has said nothing may be missing.
  std::map<std::string, std::vector<standing>> datasets_;
};

} // namespace dispatch::policy
