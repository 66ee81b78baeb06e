#pragma once

#include "dataset/sample_array.hpp"

#include <string>
#include <string_view>

namespace dispatch::dataset {

/// What a dataset of random numbers looks like.
struct synthetic_spec {
  array_shape shape;     ///< the samples first
  std::string type_name; ///< one of the types that make_synthetic knows
};

/// Whether a source names a synthetic dataset: whether it starts with `synthetic:`.
bool is_synthetic(std::string_view source);

/// Reads `synthetic:SAMPLESxSHAPE:DTYPE`, such as `synthetic:10000x1x28x28:float32`; without a shape
/// (`synthetic:1000:int64`) samples are single elements.
/// @throws data_error when the text is something else
synthetic_spec parse_synthetic(std::string_view text);

/// Random samples, the same for the same specification on every machine: SplitMix64 from a fixed seed, one
/// draw for each element. Floats are multiples of 2^-23 (float32) or 2^-52 (float64) in [-1, 1); integers use
/// all their bits; bool is 0 or 1.
/// @throws data_error when the type is not one of bool, int8 to int64, uint8 to uint64, float32 and float64,
///   or when sample_array refuses the shape
sample_array make_synthetic(const synthetic_spec& spec);

} // namespace dispatch::dataset
