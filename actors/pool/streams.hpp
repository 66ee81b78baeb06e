#pragma once

#include <map>
#include <optional>

#include "actors/pool/core.hpp"
#include "actors/pool/descriptions.hpp"

namespace dispatch::pool {

/// The streams of batches that consumers of the pool have open at its upstreams. Each has a connection of its own.
class streams {
public:
  streams(core& pool, const descriptions& described) : pool_(pool), described_(described) {}

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
  core& pool_;
  const descriptions& described_;
  std::map<caf::actor_addr, purpose> open_;
};

} // namespace dispatch::pool
