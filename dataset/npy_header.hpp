#pragma once

#include "dataset/sample_array.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace dispatch::dataset {

/// What an NPY file says of its array before the data.
struct npy_header {
  std::string descr;          ///< the element type in NumPy's notation: `<f4`, `|u1`
  bool fortran_order = false; ///< the first dimension varies fastest
  array_shape shape;          ///< may be empty: a single element
  std::size_t size = 0;       ///< bytes of the header itself; the data start here
};

/// Reads the header of an NPY file of format 1.0, 2.0 or 3.0: a Python dictionary with exactly the keys
/// `descr`, `fortran_order` and `shape`.
/// @param bytes the file from its start; what follows the header is not looked at
/// @throws data_error when this is no NPY file, another version, or a header that NumPy would not have
///   written, and when the elements are structured
npy_header parse_npy_header(std::string_view bytes);

/// Whether the beginning of an NPY file holds its whole header.
/// @throws data_error when this is no NPY file, or another version
bool has_whole_npy_header(std::string_view beginning);

} // namespace dispatch::dataset
