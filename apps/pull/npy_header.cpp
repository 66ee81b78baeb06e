#include "apps/pull/npy_header.hpp"

#include <limits>

namespace dispatch::pull {

namespace {

std::string dictionary(const sample_format& format, std::uint64_t count) {
  auto result = "{'descr': '" + format.descr + "', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",";
  for (std::size_t i = 0; i < format.shape.size(); ++i)
    result.append(i == 0 ? " " : ", ").append(std::to_string(format.shape[i]));
  return result + "), }";
}

} // namespace

std::string npy_header(const sample_format& format, std::uint64_t count) {
  constexpr std::size_t prefix = 10; // magic, version and the length of the rest
  constexpr std::size_t alignment = 64;
  auto longest = prefix + dictionary(format, std::numeric_limits<std::uint64_t>::max()).size() + 1;
  auto size = (longest + alignment - 1) / alignment * alignment;
  auto rest = size - prefix;
  std::string result{"\x93NUMPY\x01\x00", 8};
  result += static_cast<char>(rest & 0xff);
  result += static_cast<char>(rest >> 8);
  result += dictionary(format, count);
  result.resize(size - 1, ' ');
  return result + '\n';
}

} // namespace dispatch::pull
