#include "dataset/npy_file.hpp"

#include "dataset/byte_order.hpp"
#include "dataset/data_error.hpp"
#include "dataset/npy_header.hpp"
#include "dataset/npy_type.hpp"

#include <cstring>
#include <string_view>
#include <utility>

namespace dispatch::dataset {

namespace {

void check_size(const npy_header& header, const npy_type& type, std::uint64_t actual) {
  auto expected = array_bytes(header.shape, type.item_size);
  if (actual != expected)
    throw data_error(std::string{actual < expected ? "truncated NPY file" : "NPY file with trailing bytes"}
                     + ": its header says shape " + to_text(header.shape) + " of " + type.name + ", which makes "
                     + std::to_string(expected) + " bytes of data, but it holds " + std::to_string(actual));
}

/// Walks through the result in C order while a counter of indexes keeps track of where each element is in the
/// source.
std::string to_c_order(std::string_view source, const array_shape& shape, std::size_t item_size) {
  array_shape strides; // in the source, in bytes
  std::uint64_t stride = item_size;
  for (auto size : shape) {
    strides.push_back(stride);
    stride *= size;
  }
  std::string result(source.size(), '\0');
  array_shape index(shape.size(), 0);
  std::uint64_t from = 0;
  for (std::size_t to = 0; to < result.size(); to += item_size) {
    std::memcpy(result.data() + to, source.data() + from, item_size);
    for (auto d = shape.size(); d > 0; --d) {
      from += strides[d - 1];
      if (++index[d - 1] < shape[d - 1])
        break;
      from -= strides[d - 1] * shape[d - 1];
      index[d - 1] = 0;
    }
  }
  return result;
}

} // namespace

sample_array parse_npy(std::string bytes) {
  auto header = parse_npy_header(bytes);
  auto type = parse_npy_type(header.descr);
  check_size(header, type, bytes.size() - header.size);
  if (header.fortran_order && header.shape.size() > 1)
    bytes = to_c_order(std::string_view{bytes}.substr(header.size), header.shape, type.item_size);
  else
    bytes.erase(0, header.size);
  reverse_units(bytes, type.swap_unit);
  return {std::move(type.name), type.item_size, header.shape, std::move(bytes)};
}

void check_npy_beginning(std::string_view beginning) {
  if (!has_whole_npy_header(beginning))
    return;
  auto header = parse_npy_header(beginning);
  auto type = parse_npy_type(header.descr);
  check_shape(header.shape);
  array_bytes(header.shape, type.item_size);
}

} // namespace dispatch::dataset
