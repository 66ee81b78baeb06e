#include "wire/session/row_gather.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace dispatch {

namespace {

/// Copies `size` bytes from `offset` on, which may lie in several slices.
/// @returns where the next byte goes
char* copy_bytes(const received_bytes& from, std::size_t offset, std::size_t size, char* out) {
  for (const auto slice : from.slices()) {
    if (offset >= slice.size()) {
      offset -= slice.size();
      continue;
    }
    const auto taken = std::min(size, slice.size() - offset);
    std::memcpy(out, slice.data() + offset, taken);
    out += taken;
    size -= taken;
    offset = 0;
    if (size == 0)
      break;
  }
  return out;
}

} // namespace

std::shared_ptr<const received_batch> gather_rows(const std::vector<session_column>& columns,
                                                  const std::vector<row_run>& runs) {
  std::size_t rows = 0;
  for (const auto& run : runs)
    rows += static_cast<std::size_t>(run.count);
  std::size_t size = 0;
  for (const auto& each : columns)
    size += rows * static_cast<std::size_t>(each.row_bytes);
  const std::shared_ptr<char[]> memory{new char[size]};
  auto result = std::make_shared<received_batch>();
  result->columns.reserve(columns.size());
  auto* out = memory.get();
  for (const auto& each : columns) {
    const auto row_bytes = static_cast<std::size_t>(each.row_bytes);
    auto* const begin = out;
    for (const auto& run : runs)
      out = copy_bytes(bytes_of(*run.block, each), static_cast<std::size_t>(run.row) * row_bytes,
                       static_cast<std::size_t>(run.count) * row_bytes, out);
    const std::string_view bytes{begin, static_cast<std::size_t>(out - begin)};
    result->columns.push_back({each.received_name, received_bytes{{bytes}, memory}});
  }
  return result;
}

} // namespace dispatch
