#include "dataset/synthetic.hpp"

#include "dataset/data_error.hpp"
#include "dataset/splitmix64.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <new>
#include <utility>

namespace dispatch::dataset {

namespace {

constexpr std::string_view prefix = "synthetic:";
constexpr std::uint64_t seed = 0x6461746173657473u; // "datasets"

/// Makes the bits of one element from a draw; its lowest item_size bytes are used.
using element_maker = std::uint64_t (*)(std::uint64_t draw);

struct synthetic_type {
  std::string_view name;
  std::uint64_t item_size;
  element_maker make;
};

std::uint64_t all_bits(std::uint64_t draw) {
  return draw;
}

std::uint64_t one_bit(std::uint64_t draw) {
  return draw >> 63;
}

std::uint64_t float32_bits(std::uint64_t draw) {
  auto value = static_cast<float>(draw >> 40) * 0x1p-23f - 1.0f;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

std::uint64_t float64_bits(std::uint64_t draw) {
  auto value = static_cast<double>(draw >> 11) * 0x1p-52 - 1.0;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

constexpr std::array<synthetic_type, 11> known_types{{{"bool", 1, one_bit},
                                                      {"int8", 1, all_bits},
                                                      {"int16", 2, all_bits},
                                                      {"int32", 4, all_bits},
                                                      {"int64", 8, all_bits},
                                                      {"uint8", 1, all_bits},
                                                      {"uint16", 2, all_bits},
                                                      {"uint32", 4, all_bits},
                                                      {"uint64", 8, all_bits},
                                                      {"float32", 4, float32_bits},
                                                      {"float64", 8, float64_bits}}};

const synthetic_type& type_named(const std::string& name) {
  std::string names;
  for (auto& type : known_types) {
    if (type.name == name)
      return type;
    names += (names.empty() ? "" : ", ") + std::string{type.name};
  }
  throw data_error("synthetic data of the unknown type '" + name + "'; it takes one of " + names);
}

[[noreturn]] void throw_malformed(std::string_view text) {
  throw data_error("'" + std::string{text}
                   + "' is not of the form synthetic:SAMPLESxSHAPE:DTYPE, such as synthetic:10000x1x28x28:float32");
}

} // namespace

bool is_synthetic(std::string_view source) {
  return source.substr(0, prefix.size()) == prefix;
}

synthetic_spec parse_synthetic(std::string_view text) {
  if (!is_synthetic(text))
    throw_malformed(text);
  auto colon = text.find(':', prefix.size());
  if (colon == std::string_view::npos)
    throw_malformed(text);
  synthetic_spec spec{{}, std::string{text.substr(colon + 1)}};
  auto* position = text.data() + prefix.size();
  auto* end = text.data() + colon;
  for (;;) {
    std::uint64_t size = 0;
    auto result = std::from_chars(position, end, size);
    if (result.ec != std::errc{})
      throw_malformed(text);
    spec.shape.push_back(size);
    if (result.ptr == end)
      return spec;
    if (*result.ptr != 'x')
      throw_malformed(text);
    position = result.ptr + 1;
  }
}

sample_array make_synthetic(const synthetic_spec& spec) {
  auto& type = type_named(spec.type_name);
  check_shape(spec.shape); // before the work of filling it
  auto size = array_bytes(spec.shape, type.item_size);
  std::string bytes;
  try {
    bytes.resize(size);
  } catch (const std::bad_alloc&) {
    throw data_error("synthetic data of shape " + to_text(spec.shape) + " does not fit into memory");
  }
  splitmix64 random{seed};
  for (std::uint64_t start = 0; start < size; start += type.item_size) {
    auto element = type.make(random.next());
    std::memcpy(bytes.data() + start, &element, type.item_size);
  }
  return {spec.type_name, type.item_size, spec.shape, std::move(bytes)};
}

} // namespace dispatch::dataset
