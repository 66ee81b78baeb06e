#pragma once

#include <cstddef>
#include <map>

#include "actors/policy/pool_ids.hpp"
#include "actors/policy/quiet_watch.hpp"
#include "actors/pool/core.hpp"

namespace dispatch::pool {

/// Watches one connection for each fetcher that gets work. A quiet connection may be lost (ADR 22). While its upstream
/// is idle, this class probes it: the upstream has to answer over it.
class connections {
public:
  explicit connections(core& pool) : pool_(pool) {}

  /// A fetcher is ready, over a new connection.
  void open(policy::fetcher_id id, const fetcher_actor& fetcher, policy::upstream_id upstream);

  /// A fetcher gets no more work, or is gone.
  void close(policy::fetcher_id id) { open_.erase(id); }

  /// A call is given to a fetcher whose connection is open.
  void note_asked(policy::fetcher_id id);

  /// A call or a probe has ended with `code`.
  /// @param calls_ended how many of the scheduler's calls that is
  void note_answer(policy::fetcher_id id, status_code code, std::size_t calls_ended);

  /// Whether the connection has been quiet and nothing is under way that would find out.
  bool may_be_lost(policy::fetcher_id id) const;

  /// Probes quiet connections.
  void on_tick();

private:
  struct connection {
    fetcher_actor fetcher;
    policy::upstream_id upstream;
    /// When it brought answers.
    policy::quiet_watch watch;
    bool is_probed = false;
  };

  void probe(policy::fetcher_id id, connection& quiet);
  void on_probed(policy::fetcher_id id, policy::upstream_id upstream, status_code code);

  core& pool_;
  std::map<policy::fetcher_id, connection> open_;
};

} // namespace dispatch::pool
