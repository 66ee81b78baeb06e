#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dispatch::dataset {

/// An element type of NumPy's.
struct npy_type {
  std::string name; ///< what `numpy.dtype()` takes for it when little endian: `float32`, `datetime64[ns]`, `|S5`
  std::uint64_t item_size = 0; ///< bytes of one element; 0 for empty strings
  std::size_t swap_unit = 1;   ///< bytes to reverse at a time to make big-endian data little endian; 1: none
};

/// The type that an NPY file's `descr` names. Numbers and times are known by their names (`<f4`: float32);
/// strings and raw bytes, whose names NumPy does not read back, by their little-endian descr (`|S5`, `<U5`,
/// `|V16`).
/// @throws data_error for Python objects, for big-endian long doubles, whose layout is not ours, and for what
///   NumPy does not know
npy_type parse_npy_type(std::string_view descr);

} // namespace dispatch::dataset
