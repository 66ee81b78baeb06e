#pragma once

#include <cstddef>

namespace dispatch::test {

/// How many times this thread has called `operator new`. Counts in programs that are linked with `allocations.cpp`,
/// which replaces that operator.
std::size_t allocations() noexcept;

} // namespace dispatch::test
