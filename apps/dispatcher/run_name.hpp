#pragma once

#include <string>

namespace dispatch {

/// Names this run of this dispatcher among those that share a store: `HOST/PID/NUMBER`, with a random number.
std::string name_of_run();

} // namespace dispatch
