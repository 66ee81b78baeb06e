#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch::pull {

/// What one sample is: the type of its elements and its shape. The client protocol does not tell.
struct sample_format {
  std::string dtype;              ///< NumPy's name, such as "float32"
  std::string descr;              ///< the same as an .npy header names it, such as "<f4" (little endian)
  std::vector<std::size_t> shape; ///< of one sample; empty for a scalar; all >= 1
  std::size_t bytes = 0;          ///< of one sample; >= 1

  /// How many samples `size` bytes are, or nothing when they are not whole samples.
  std::optional<std::size_t> count(std::size_t size) const;

  /// The text that `parse_sample_format()` makes this of.
  std::string text() const;
};

/// Reads `DTYPE:SHAPE`, such as `float32:1x28x28`, or `DTYPE` alone for samples that are scalars. DTYPE is
/// one of NumPy's bool, int8 to int64, uint8 to uint64, float16, float32, float64, complex64, complex128.
/// @returns nothing when the text is something else, or when a sample would have more than 2^40 bytes
std::optional<sample_format> parse_sample_format(std::string_view text);

} // namespace dispatch::pull
