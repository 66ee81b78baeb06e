#pragma once

#include <functional>
#include <string>
#include <vector>

#include "actors/policy/name_watch.hpp"
#include "actors/pool/core.hpp"

namespace dispatch::pool {

/// Keeps the upstreams of each name in step with the addresses that the name has (ADR 27).
class upstream_names {
public:
  struct listener {
    /// A name has one more address. Returns the id of its upstream.
    std::function<policy::upstream_id(const std::string& address, const std::string& name)> on_added;
    /// A name has an address no more.
    std::function<void(policy::upstream_id)> on_removed;
  };

  upstream_names(core& pool, listener to);

  /// Looks up what it is time to look up.
  void on_tick();

  /// An upstream has failed: where it is an address of a name, the name may have others by now.
  void note_trouble(policy::upstream_id upstream);

  /// Adds a row for each name without an address.
  void report(std::vector<upstream_report>& upstreams) const;

private:
  struct entry {
    upstream_name name;
    policy::name_watch watch{};
    policy::name_watch::upstream_map upstreams{};
    std::string last_failure{};
    caf::timestamp last_failure_at{};
  };

  void look_up(entry& of);
  void on_answer(entry& of, const resolved_name& found);
  void on_failure(entry& of, const failure& what);

  core& pool_;
  listener to_;
  std::vector<entry> names_;
};

} // namespace dispatch::pool
