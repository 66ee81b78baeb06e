#pragma once

#include "dataset/sample_array.hpp"
#include "dataset/sample_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dispatch::dataset {

/// A column's name and where its rows come from.
struct column_argument {
  std::string name;   ///< letters, digits and `._-`
  std::string source; ///< a file's path or `synthetic:...`
};

/// A dataset's name and where its samples and columns come from.
struct data_argument {
  std::string name;        ///< letters, digits and `._-/`
  std::string source;      ///< a file's path or `synthetic:...`
  std::string data_name{}; ///< what `data` is called; empty: `data`, or as an NPZ file says
  std::vector<column_argument> columns{};
};

/// Reads `NAME=SOURCE[,COLUMN=SOURCE]...`. The first `=` ends the name; a comma begins a column where a column's name
/// and
/// `=` follow, and is part of the path elsewhere.
/// @throws data_error when a name or a source is missing or the name has other characters
data_argument parse_data_argument(std::string_view text);

/// Loads the samples that a source names: `synthetic:SAMPLESxSHAPE:DTYPE`, or a file whose name says its
/// format, with or without `.gz`: `.npy` is NPY; `-ubyte`, `.idx`, `.idx3-ubyte`, `-idx1-ubyte` and the like
/// are IDX.
/// @throws data_error naming the source and what is wrong with it
sample_array load_samples(const std::string& source);

/// Loads the samples and the columns of a dataset. Its source may also be an NPZ file, `.npz`.
/// @throws data_error naming the source and what is wrong with it
sample_table load_table(const data_argument& argument);

} // namespace dispatch::dataset
