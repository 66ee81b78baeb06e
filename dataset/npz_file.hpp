#pragma once

#include "dataset/sample_table.hpp"

#include <string>

namespace dispatch::dataset {

/// Whether a file is an NPZ file by its name.
bool is_npz(const std::string& path);

/// The arrays of an NPZ file (`numpy.savez`, `numpy.savez_compressed`): a zip file whose members are NPY files, each
/// named after its array. The first array in the file is `data`, under its own name; the others are columns.
/// @throws data_error when the file cannot be read or is damaged, when a member is no array or is one that parse_npy
///   refuses, or when sample_table refuses the arrays; the message names the member and does not repeat the path
sample_table load_npz(const std::string& path);

} // namespace dispatch::dataset
