#include "wire/element_size.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>

namespace dispatch {

namespace {

constexpr std::uint64_t largest_element = std::uint64_t{1} << 31;

/// A number that is all of `text`.
std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number > largest_element)
    return std::nullopt;
  return number;
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// Of a name that ends with a number of bits, such as `float32`.
std::uint64_t size_by_bits(std::string_view name) {
  constexpr std::array<std::string_view, 5> kinds{"int", "uint", "float", "bfloat", "complex"};
  for (const auto kind : kinds)
    if (starts_with(name, kind))
      if (const auto bits = number_of(name.substr(kind.size())); bits && *bits % 8 == 0)
        return *bits / 8;
  return 0;
}

/// Of an array-protocol string, such as `<f4`: a byte order that may lack, a kind, and a number of bytes, of characters
/// of four bytes for `U` (https://numpy.org/doc/stable/reference/arrays.interface.html).
std::uint64_t size_by_descr(std::string_view descr) {
  if (!descr.empty() && std::string_view{"<>|="}.find(descr.front()) != std::string_view::npos)
    descr.remove_prefix(1);
  if (descr.empty() || std::string_view{"?bBiufcmMSVUa"}.find(descr.front()) == std::string_view::npos)
    return 0;
  if (descr == "?" || descr == "b" || descr == "B")
    return 1;
  const auto number = number_of(descr.substr(1, descr.find('[') - 1)).value_or(0);
  return descr.front() == 'U' ? 4 * number : number;
}

} // namespace

std::uint64_t element_size(std::string_view data_type) {
  data_type.remove_prefix(data_type.rfind('.') + 1); // npos + 1 is 0
  if (data_type == "bool")
    return 1;
  if (starts_with(data_type, "datetime64") || starts_with(data_type, "timedelta64"))
    return 8;
  const auto size = size_by_bits(data_type);
  return size > 0 ? size : size_by_descr(data_type);
}

} // namespace dispatch
