// sources: dataset/idx_file.cpp dataset/sample_array.cpp

#include "dataset/idx_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/data_error.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// An IDX file makes the samples that a reader makes of it which was written for this, from the format's description;
/// and what that refuses is refused, with one line.

using dispatch::dataset::sample_array;
using dispatch::test::require;

namespace {

struct plain_array {
  std::string type_name;
  std::vector<std::uint64_t> shape;
  std::string bytes;
};

std::uint64_t number_at(std::string_view file, std::size_t position, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i)
    number = number * 256 + static_cast<unsigned char>(file.at(position + i));
  return number;
}

std::string grey_value(char pixel) {
  const auto value = (static_cast<float>(static_cast<unsigned char>(pixel)) / 255.0f - 0.5f) / 0.5f;
  std::string bytes(sizeof(value), '\0');
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

/// The elements behind the header, from big endian to little endian, and images as grey values.
plain_array elements_of(std::string_view elements, std::string type_name, std::size_t item_size,
                        std::vector<std::uint64_t> shape) {
  plain_array result{std::move(type_name), std::move(shape), {}};
  if (result.type_name == "uint8" && result.shape.size() > 1) {
    result.type_name = "float32";
    for (const auto pixel : elements)
      result.bytes += grey_value(pixel);
    if (result.shape.size() == 3)
      result.shape = {result.shape[0], 1, result.shape[1], result.shape[2]};
    return result;
  }
  for (std::size_t start = 0; start < elements.size(); start += item_size)
    for (auto i = item_size; i > 0; --i)
      result.bytes += elements[start + i - 1];
  return result;
}

std::optional<plain_array> plain_idx(std::string_view file) {
  if (file.size() < 4 || file[0] != 0 || file[1] != 0)
    return std::nullopt;
  const char* const names[] = {"uint8", "int8", "", "int16", "int32", "float32", "float64"};
  const std::size_t sizes[] = {1, 1, 0, 2, 4, 4, 8};
  const auto type = number_at(file, 2, 1);
  if (type < 8 || type > 14 || type == 10)
    return std::nullopt;
  const auto dimensions = number_at(file, 3, 1);
  if (dimensions == 0 || file.size() < 4 + 4 * dimensions)
    return std::nullopt;
  std::vector<std::uint64_t> shape;
  const auto elements = file.substr(4 + 4 * dimensions);
  std::uint64_t expected = sizes[type - 8];
  for (std::size_t i = 0; i < dimensions; ++i) {
    shape.push_back(number_at(file, 4 + 4 * i, 4));
    if (shape.back() == 0 || expected > elements.size() / shape.back())
      return std::nullopt;
    expected *= shape.back();
  }
  if (expected != elements.size())
    return std::nullopt;
  return elements_of(elements, names[type - 8], sizes[type - 8], shape);
}

std::optional<sample_array> parsed(const std::string& file) {
  try {
    return dispatch::dataset::parse_idx(file);
  } catch (const dispatch::dataset::data_error& problem) {
    require(dispatch::test::is_one_line(problem.what()), "a refusal is one line");
    return std::nullopt;
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string file{reinterpret_cast<const char*>(bytes), size};
  const auto expected = plain_idx(file);
  const auto got = parsed(file);
  require(got.has_value() == expected.has_value(), expected ? "a good file is read" : "another file is refused");
  if (!got)
    return 0;
  require(got->type_name() == expected->type_name, "the elements have the file's type");
  std::vector<std::uint64_t> shape{static_cast<std::uint64_t>(got->total_samples())};
  shape.insert(shape.end(), got->sample_shape().begin(), got->sample_shape().end());
  require(shape == expected->shape, "the shape is the file's");
  require(got->batch(got->total_samples(), 0) == expected->bytes, "the elements are the file's");
  return 0;
}
