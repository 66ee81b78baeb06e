#pragma once

#include <caf/typed_actor.hpp>

#include "messages/type_ids.hpp"

namespace dispatch {

struct write_report {};

/// Writes counts to the log, which it has from the inspector.
///
/// Owner: the service. Lifetime: as long as the service; without it there are no reports. Errors: none are answered;
/// the log says which part has not.
using reporter_actor = caf::typed_actor<
  /// One report is written at a time; what is asked for meanwhile is one more.
  caf::result<void>(write_report)>;

} // namespace dispatch
