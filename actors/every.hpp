#pragma once

#include <caf/all.hpp>

#include <utility>

namespace dispatch {

/// Has an actor call `f` each time that `interval` has passed, for as long as it lives. One timer serves all that an
/// actor does from time to time: CAF's clock sorts its whole table at each new entry (ADR 3).
template <class Self, class Function>
void every(Self self, caf::timespan interval, Function f) {
  self->run_delayed(interval, [self, interval, f = std::move(f)]() mutable {
    f();
    every(self, interval, std::move(f));
  });
}

} // namespace dispatch
