#include "apps/pull/session/column_format.hpp"

namespace dispatch::pull {

namespace {

constexpr std::size_t most_dimensions = 31; // NumPy takes 32, and the samples' own comes on top

/// How an .npy file names a type; empty where it has no name for it.
std::string descr_of(const std::string& dtype) {
  if (const auto known = parse_sample_format(dtype))
    return known->descr;
  if (dtype == "bfloat16")
    return "<V2";
  const auto is_array_protocol = !dtype.empty() && (dtype.front() == '<' || dtype.front() == '|');
  // It goes into a Python literal.
  const auto is_plain = dtype.find_first_of("'\\\n") == std::string::npos;
  return is_array_protocol && is_plain ? dtype : std::string{};
}

} // namespace

std::optional<sample_format> format_of(const session_column_info& column) {
  const auto descr = descr_of(column.dtype);
  const auto bytes = column.row_bytes();
  if (descr.empty() || bytes == 0 || column.shape->size() > most_dimensions)
    return std::nullopt;
  sample_format result{column.dtype, descr, {}, static_cast<std::size_t>(bytes)};
  for (const auto dimension : *column.shape)
    result.shape.push_back(static_cast<std::size_t>(dimension));
  return result;
}

} // namespace dispatch::pull
