#pragma once

#include <caf/error.hpp>

#include "messages/batch_provider.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

/// Which of the requests that wait for the same thing are answered when the pool has failed it: those that are due by
/// the returned time. The pool ends a wait with UNAVAILABLE at the deadline of the first request, and those that joined
/// later may wait on; any other failure is for all.
/// @param first_due the first deadline of them
inline deadline due_after(const caf::error& reason, deadline first_due, deadline now) {
  const auto is_end_of_wait =
    is_failure(reason) && to_failure(reason).code == status_code::unavailable && first_due != no_deadline;
  return is_end_of_wait ? now : no_deadline;
}

} // namespace dispatch
