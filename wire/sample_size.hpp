#pragma once

#include <cstdint>

#include "wire/dataset_description.hpp"

namespace dispatch {

/// Bytes of one sample in `data` as described; 0 where the description does not say. An empty shape is that of a single
/// number, and also what a service sends that does not know the shape.
std::uint64_t sample_bytes_of(const dataset_description& description);

/// Bytes of one sample in a column as described; 0 where the description does not say. An empty shape is that of a
/// single number.
std::uint64_t sample_bytes_of(const column_description& description);

} // namespace dispatch
