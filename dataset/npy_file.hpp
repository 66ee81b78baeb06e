#pragma once

#include "dataset/sample_array.hpp"

#include <string>
#include <string_view>

namespace dispatch::dataset {

/// The samples of an NPY file (NumPy's `numpy.save`, format 1.0, 2.0 or 3.0): any shape with at least one
/// dimension, and any element type but Python objects and structures. Values stay as they are; their layout
/// becomes the one that we serve: C order (an array in Fortran order is transposed in memory) and little
/// endian (a big-endian one is swapped, so that the element type's name needs no byte order).
/// @param bytes the whole file, decompressed; trusted in nothing
/// @throws data_error when this is no NPY file, when the elements are fewer or more than its header says, or
///   when parse_npy_type or sample_array refuse what it holds
sample_array parse_npy(std::string bytes);

/// Refuses a file by the header in its beginning: elements that are not served, a shape that is not served or takes
/// too many bytes. A header that is longer than the beginning is left to `parse_npy`.
/// @throws data_error
void check_npy_beginning(std::string_view beginning);

} // namespace dispatch::dataset
