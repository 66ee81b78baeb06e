#pragma once

#include <string>
#include <vector>

#include "io/admin/json_text.hpp"
#include "messages/inspector.hpp"

namespace dispatch::admin {

/// What `/healthz` or `/readyz` answers.
struct verdict {
  bool good = false;
  /// One short sentence each; empty where all is well.
  std::vector<std::string> reasons;
};

/// Whether the parts of the process answer. One that does not for long needs a restart.
verdict health_of(const health_report& report);

/// Whether consumers who connect now are served: connections are accepted, an upstream is up, and the dataset is not
/// unknown to all of them. Where they are not, a restart would not help.
verdict readiness_of(const health_report& report);

/// The same of a report of everything.
verdict readiness_of(const service_report& report);

/// Of a service whose inspector itself does not answer.
verdict no_answer();

/// The body, with how each part is.
/// @param report what `x` was made of; nothing where there was no answer
json verdict_json(const verdict& x, const health_report* report);

} // namespace dispatch::admin
