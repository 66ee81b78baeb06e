#pragma once

#include <map>
#include <optional>

#include "actors/pool/core.hpp"
#include "actors/pool/fetcher_slots.hpp"

namespace dispatch::pool {

/// The streams of batches that consumers of the pool have open at its upstreams. Each shares a fetcher's connection,
/// which is there, and known to lead to the dataset.
class streams {
public:
  streams(core& pool, const fetcher_slots& slots) : pool_(pool), slots_(slots) {}

  /// Opens a stream for the current sender, at the upstream that is best for it.
  caf::result<stream_opened> open(const open_stream& request);

  /// Where a stream leads, and what for.
  using purpose = policy::call_scheduler::question;

  /// Nothing where there is no such stream (any more).
  std::optional<purpose> find(const caf::actor_addr& stream) const;

  /// A stream has ended. Nothing where there is no such stream.
  std::optional<purpose> take(const caf::actor_addr& stream);

  /// Ends the streams of an upstream that has no room for its calls beside them.
  void end_all(policy::upstream_id upstream);

private:
  batch_stream_actor spawn(const open_stream& request, policy::upstream_id upstream, const batch_source_ptr& source,
                           const caf::strong_actor_ptr& owner);
  /// Gives a place for a stream back.
  void release(policy::upstream_id upstream);

  core& pool_;
  const fetcher_slots& slots_;
  std::map<caf::actor_addr, purpose> open_;
};

} // namespace dispatch::pool
