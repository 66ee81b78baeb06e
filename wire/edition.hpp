#pragma once

#include <cstdint>

#include "wire/dataset_description.hpp"

namespace dispatch {

/// A number that differs, but for chance, where a dataset has another size, shape or type. 0 where the description says
/// none of these.
std::uint64_t edition_of(const dataset_description& description);

} // namespace dispatch
