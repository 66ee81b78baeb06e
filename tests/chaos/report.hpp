#pragma once

#include <string>

#include "tests/chaos/chaos_run.hpp"

namespace dispatch::chaos {

/// Tables of what was injected and what was seen, and the verdict.
std::string to_text(const run_result& result, const options& opts);

} // namespace dispatch::chaos
