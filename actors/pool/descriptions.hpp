#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/pool/core.hpp"
#include "actors/pool/fetcher_slots.hpp"

namespace dispatch::pool {

/// Knows how the upstreams describe their datasets. A call for a description that takes longer than
/// `policy::slow_description` makes its upstream slow for that dataset: passes do not wait for the next one, they get
/// what was said last (ADR 24).
class descriptions {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  descriptions(core& pool, fetcher_slots& slots) : pool_(pool), slots_(slots) {}

  /// A new connection may lead to other datasets.
  void connected_anew(policy::upstream_id upstream);

  /// Another upstream has taken its place.
  void forget(policy::upstream_id upstream);

  /// A call for a description begins.
  void begin_call(policy::upstream_id upstream, const std::string& dataset);

  /// Such a call has failed.
  void end_call(policy::upstream_id upstream, const std::string& dataset);

  /// Such a call, which began at `began` over this fetcher's connection, has brought a description.
  described_dataset end_call(policy::upstream_id upstream, const std::string& dataset, policy::fetcher_id by,
                             time_point began, const dataset_description& said);

  /// What an upstream that describes slowly has said over a connection that is there; it is asked again when that is
  /// old. Nothing: it has not said anything.
  std::optional<described_dataset> known_of_slow(const std::string& dataset);

  /// Whether only slow upstreams may describe the dataset, and one of them is being asked.
  bool waits_for_slow(const std::string& dataset) const;

  /// The upstreams that are being asked have taken too long.
  void note_slow(const std::string& dataset);

  /// How long a request for a description waits for upstreams that are being asked.
  duration timeout(const std::string& dataset) const;

private:
  struct record {
    bool is_slow = false;
    int calls_under_way = 0;
    /// What the upstream said last, when, how long it took, and the fetcher over whose connection it came.
    std::optional<dataset_description> said{};
    time_point said_at{};
    duration took{};
    policy::fetcher_id said_by = 0;
    /// Of what it described over its present connections; nothing where it has not.
    std::optional<dispatch::fingerprint> fingerprint{};
  };

  /// Of one dataset.
  using by_upstream = std::map<policy::upstream_id, record>;

  /// Whether the upstream is known to describe the dataset slowly.
  bool is_slow(policy::upstream_id upstream, const std::string& dataset) const;
  const record* find(policy::upstream_id upstream, const std::string& dataset) const;
  /// What an upstream said, and the fingerprints that all upstreams have, as far as is known.
  described_dataset described(const std::string& dataset, const dataset_description& said) const;
  void ask_again_if_old(policy::upstream_id upstream, const std::string& dataset, const record& known);

  core& pool_;
  fetcher_slots& slots_;
  std::map<std::string, by_upstream> datasets_;
};

/// How a request for a description ends that does not wait for a slow one.
failure too_slow(const std::string& dataset);

} // namespace dispatch::pool
