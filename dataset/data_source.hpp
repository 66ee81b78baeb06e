#pragma once

#include "dataset/sample_array.hpp"

#include <string>
#include <string_view>

namespace dispatch::dataset {

/// A dataset's name and where its samples come from.
struct data_argument {
  std::string name;   ///< letters, digits and `._-/`
  std::string source; ///< a file's path or `synthetic:...`
};

/// Reads `NAME=SOURCE`; the first `=` separates.
/// @throws data_error when one of the two is missing or the name has other characters
data_argument parse_data_argument(std::string_view text);

/// Loads the samples that a source names: `synthetic:SAMPLESxSHAPE:DTYPE`, or a file whose name says its
/// format, with or without `.gz`: `.npy` is NPY; `-ubyte`, `.idx`, `.idx3-ubyte`, `-idx1-ubyte` and the like
/// are IDX.
/// @throws data_error naming the source and what is wrong with it
sample_array load_samples(const std::string& source);

} // namespace dispatch::dataset
