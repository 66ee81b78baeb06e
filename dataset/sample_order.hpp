#pragma once

#include "dataset/sample_array.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dispatch::dataset {

/// The numbers 0 to count - 1 in an order that depends on nothing but the seed.
std::vector<std::int32_t> shuffled_order(std::int32_t count, std::uint64_t seed);

/// The bytes of batch `index` of the samples when these are taken in the given order.
/// @param order a permutation of all sample indexes
/// @param index from 0 to samples.batch_count(batch_size) - 1
/// @param out what it held before is replaced; its memory is reused
void copy_batch_in_order(const sample_array& samples, const std::vector<std::int32_t>& order, std::int32_t batch_size,
                         std::int32_t index, std::string& out);

} // namespace dispatch::dataset
