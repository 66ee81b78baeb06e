#include "apps/pull/sample_format.hpp"

#include <charconv>

namespace dispatch::pull {

namespace {

struct element_type {
  std::string_view dtype;
  std::string_view descr;
  std::size_t bytes;
};

constexpr element_type element_types[] = {{"bool", "|b1", 1},      {"int8", "|i1", 1},        {"uint8", "|u1", 1},
                                          {"int16", "<i2", 2},     {"uint16", "<u2", 2},      {"float16", "<f2", 2},
                                          {"int32", "<i4", 4},     {"uint32", "<u4", 4},      {"float32", "<f4", 4},
                                          {"int64", "<i8", 8},     {"uint64", "<u8", 8},      {"float64", "<f8", 8},
                                          {"complex64", "<c8", 8}, {"complex128", "<c16", 16}};

constexpr std::size_t max_sample_bytes = std::size_t{1} << 40;
constexpr std::size_t max_dimensions = 31; // NumPy takes 32, and the samples' own comes on top

// Reads the whole of `text` as a dimension.
std::optional<std::size_t> parse_dimension(std::string_view text) {
  std::size_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0)
    return std::nullopt;
  return value;
}

bool append_dimensions(std::string_view text, sample_format& format) {
  for (;;) {
    auto cross = text.find('x');
    auto value = parse_dimension(text.substr(0, cross));
    if (!value || *value > max_sample_bytes / format.bytes || format.shape.size() == max_dimensions)
      return false;
    format.shape.push_back(*value);
    format.bytes *= *value;
    if (cross == std::string_view::npos)
      return true;
    text.remove_prefix(cross + 1);
  }
}

} // namespace

std::optional<std::size_t> sample_format::count(std::size_t size) const {
  if (size % bytes != 0)
    return std::nullopt;
  return size / bytes;
}

std::string sample_format::text() const {
  auto result = dtype;
  for (std::size_t i = 0; i < shape.size(); ++i)
    result.append(1, i == 0 ? ':' : 'x').append(std::to_string(shape[i]));
  return result;
}

std::optional<sample_format> parse_sample_format(std::string_view text) {
  auto colon = text.find(':');
  auto dtype = text.substr(0, colon);
  for (auto& type : element_types) {
    if (type.dtype != dtype)
      continue;
    sample_format result{std::string{type.dtype}, std::string{type.descr}, {}, type.bytes};
    if (colon != std::string_view::npos && !append_dimensions(text.substr(colon + 1), result))
      return std::nullopt;
    return result;
  }
  return std::nullopt;
}

} // namespace dispatch::pull
