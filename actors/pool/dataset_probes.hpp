#pragma once

#include <functional>

#include "actors/pool/core.hpp"
#include "actors/pool/fetcher_slots.hpp"

namespace dispatch::pool {

/// Asks upstreams that have refused a dataset whether they have it now, while the dataset is wanted (ADR 24).
class dataset_probes {
public:
  /// @param on_found called when an upstream may have a dataset again
  dataset_probes(core& pool, const fetcher_slots& slots, std::function<void()> on_found)
    : pool_(pool),
      slots_(slots),
      on_found_(std::move(on_found)) {}

  /// Asks what it is time to ask.
  void on_tick();

private:
  void ask(const policy::call_scheduler::question& about);
  void ask_for_description(const fetcher_actor& fetcher, const policy::call_scheduler::question& about);
  void note_found(const policy::call_scheduler::question& about);

  core& pool_;
  const fetcher_slots& slots_;
  std::function<void()> on_found_;
};

} // namespace dispatch::pool
