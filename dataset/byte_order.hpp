#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

namespace dispatch::dataset {

/// Turns big-endian units into little-endian ones, in place.
/// @param unit bytes of one unit; bytes.size() is a multiple of it
inline void reverse_units(std::string& bytes, std::size_t unit) {
  if (unit < 2)
    return;
  for (std::size_t start = 0; start < bytes.size(); start += unit)
    std::reverse(bytes.data() + start, bytes.data() + start + unit);
}

} // namespace dispatch::dataset
