#include "wire/sample_size.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "wire/element_size.hpp"

namespace dispatch {

namespace {

std::uint64_t bytes_of(std::string_view data_type, const std::vector<std::int32_t>& shape) {
  auto bytes = element_size(data_type);
  for (const auto size : shape) {
    const auto factor = static_cast<std::uint64_t>(std::max(size, 0));
    // No message holds such a sample.
    if (factor > 0 && bytes > std::numeric_limits<std::int64_t>::max() / factor)
      return 0;
    bytes *= factor;
  }
  return bytes;
}

} // namespace

std::uint64_t sample_bytes_of(const dataset_description& description) {
  return bytes_of(description.data_type, description.sample_shape);
}

std::uint64_t sample_bytes_of(const column_description& description) {
  return bytes_of(description.data_type, description.sample_shape);
}

} // namespace dispatch
