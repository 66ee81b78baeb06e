#pragma once

#include "dataset/sample_array.hpp"

#include <string>
#include <string_view>

namespace dispatch::dataset {

/// The samples of an IDX file, the format of MNIST's files:
/// - unsigned bytes in two or more dimensions are images: they become float32, each pixel `(pixel / 255 -
///   0.5) / 0.5` in float32 arithmetic (as torchvision's ToTensor and Normalize((0.5,), (0.5,)) do it), from
///   -1 to 1. Three dimensions (n, rows, columns) make samples of shape (1, rows, columns): one grey channel.
///   Other numbers of dimensions stay as they are;
/// - unsigned bytes in one dimension are labels: uint8 as they are, samples of shape ();
/// - the other element types (int8, int16, int32, float32, float64) keep shape and values.
/// @param bytes the whole file, decompressed; trusted in nothing
/// @throws data_error when this is no IDX file, when the elements are fewer or more than its header says, or
///   when sample_array refuses the shape
sample_array parse_idx(std::string bytes);

/// Refuses a file by the header in its beginning: elements that are unknown, a shape that is not served or takes too
/// many bytes. A header that is longer than the beginning is left to `parse_idx`.
/// @throws data_error
void check_idx_beginning(std::string_view beginning);

} // namespace dispatch::dataset
