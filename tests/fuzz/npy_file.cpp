// sources: dataset/npy_file.cpp dataset/npy_header.cpp dataset/npy_type.cpp dataset/sample_array.cpp

#include "dataset/npy_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/data_error.hpp"
#include "dataset/npy_header.hpp"
#include "dataset/npy_type.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// An NPY file that is read has every element where its order says; its header written anew, as NumPy writes it, is
/// read as the same; what is refused is refused with one line.

using dispatch::dataset::npy_header;
using dispatch::dataset::npy_type;
using dispatch::dataset::sample_array;
using dispatch::test::require;

namespace {

template <class Parse>
auto parsed(Parse parse) -> std::optional<decltype(parse())> {
  try {
    return parse();
  } catch (const dispatch::dataset::data_error& problem) {
    require(dispatch::test::is_one_line(problem.what()), "a refusal is one line");
    return std::nullopt;
  }
}

std::string written_anew(const npy_header& header) {
  auto text = "{'descr': '" + header.descr + "', 'fortran_order': " + (header.fortran_order ? "True" : "False")
              + ", 'shape': " + dispatch::dataset::to_text(header.shape) + ", }";
  text.resize((text.size() + 10 + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  text += '\n';
  const auto length = text.size();
  return std::string{"\x93NUMPY\x01\x00", 8} + static_cast<char>(length & 255) + static_cast<char>(length >> 8) + text;
}

void check_header(const npy_header& header) {
  const auto text = written_anew(header);
  // What is longer than two bytes can say takes another format.
  if (text.size() > 65'535)
    return;
  const auto again = dispatch::dataset::parse_npy_header(text);
  require(again.descr == header.descr, "the type is the same in a header written anew");
  require(again.fortran_order == header.fortran_order, "the order is the same in a header written anew");
  require(again.shape == header.shape, "the shape is the same in a header written anew");
  require(again.size == text.size(), "a header that is all there is ends where it ends");
}

/// Where the element of this number in C order is among the file's elements.
std::uint64_t place_of(std::uint64_t number, const npy_header& header) {
  if (!header.fortran_order)
    return number;
  std::uint64_t place = 0;
  for (auto d = header.shape.size(); d > 0; --d) {
    std::uint64_t stride = 1;
    for (std::size_t i = 0; i + 1 < d; ++i)
      stride *= header.shape[i];
    place += number % header.shape[d - 1] * stride;
    number /= header.shape[d - 1];
  }
  return place;
}

void check_elements(std::string_view file, const npy_header& header, const npy_type& type, std::string_view got) {
  const auto elements = file.substr(header.size);
  require(got.size() == elements.size(), "all elements are there");
  for (std::uint64_t number = 0; number < got.size() / type.item_size; ++number) {
    std::string expected{elements.substr(place_of(number, header) * type.item_size, type.item_size)};
    for (std::size_t unit = 0; unit < expected.size(); unit += type.swap_unit)
      std::reverse(expected.data() + unit, expected.data() + unit + type.swap_unit);
    require(got.substr(number * type.item_size, type.item_size) == expected, "each element is where it should be");
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string file{reinterpret_cast<const char*>(bytes), size};
  const auto header = parsed([&] { return dispatch::dataset::parse_npy_header(file); });
  const auto samples = parsed([&] { return dispatch::dataset::parse_npy(file); });
  if (header)
    check_header(*header);
  if (!samples)
    return 0;
  require(header.has_value(), "a file without a header is refused");
  const auto type = dispatch::dataset::parse_npy_type(header->descr);
  require(samples->type_name() == type.name, "the elements have the file's type");
  std::vector<std::uint64_t> shape{static_cast<std::uint64_t>(samples->total_samples())};
  shape.insert(shape.end(), samples->sample_shape().begin(), samples->sample_shape().end());
  require(shape == header->shape, "the shape is the file's");
  check_elements(file, *header, type, samples->batch(samples->total_samples(), 0));
  return 0;
}
