#include "dataset/idx_file.hpp"

#include "dataset/byte_order.hpp"
#include "dataset/data_error.hpp"

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace dispatch::dataset {

namespace {

struct idx_type {
  const char* name;
  std::uint64_t item_size;
};

struct idx_header {
  idx_type type;
  array_shape shape;
  std::size_t size; ///< bytes of the header itself
};

constexpr unsigned char unsigned_byte = 0x08;

unsigned char byte_at(std::string_view bytes, std::size_t position) {
  return static_cast<unsigned char>(bytes[position]);
}

idx_type type_from(unsigned char code) {
  switch (code) {
  case unsigned_byte:
    return {"uint8", 1};
  case 0x09:
    return {"int8", 1};
  case 0x0b:
    return {"int16", 2};
  case 0x0c:
    return {"int32", 4};
  case 0x0d:
    return {"float32", 4};
  case 0x0e:
    return {"float64", 8};
  default:
    throw data_error("not an IDX file: it names the unknown element type " + std::to_string(code));
  }
}

std::uint64_t big_endian_32(std::string_view bytes, std::size_t position) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | byte_at(bytes, position + i);
  return value;
}

idx_header parse_header(std::string_view bytes) {
  if (bytes.size() < 4)
    throw data_error("not an IDX file: it holds only " + std::to_string(bytes.size()) + " bytes");
  if (bytes[0] != 0 || bytes[1] != 0)
    throw data_error("not an IDX file: it does not start with two zero bytes");
  idx_header header{type_from(byte_at(bytes, 2)), {}, 0};
  std::size_t dimensions = byte_at(bytes, 3);
  header.size = 4 + 4 * dimensions;
  if (bytes.size() < header.size)
    throw data_error("truncated IDX file: it ends in the middle of its header");
  for (std::size_t i = 0; i < dimensions; ++i)
    header.shape.push_back(big_endian_32(bytes, 4 + 4 * i));
  return header;
}

bool holds_images(std::string_view bytes, const idx_header& header) {
  return byte_at(bytes, 2) == unsigned_byte && header.shape.size() >= 2;
}

void check_size(const idx_header& header, std::uint64_t actual) {
  auto expected = header.size + array_bytes(header.shape, header.type.item_size);
  if (actual != expected)
    throw data_error(std::string{actual < expected ? "truncated IDX file" : "IDX file with trailing bytes"}
                     + ": its header says shape " + to_text(header.shape) + " of " + header.type.name + ", which makes "
                     + std::to_string(expected) + " bytes in all, but it holds " + std::to_string(actual));
}

using normalised_pixels = std::array<float, 256>;

normalised_pixels make_normalised_pixels() {
  normalised_pixels result{};
  for (std::size_t pixel = 0; pixel < result.size(); ++pixel)
    result[pixel] = (static_cast<float>(pixel) / 255.0f - 0.5f) / 0.5f;
  return result;
}

sample_array normalised_images(std::string_view pixels, array_shape shape) {
  static const auto normalised = make_normalised_pixels();
  std::string bytes(array_bytes(shape, sizeof(float)), '\0');
  for (std::size_t i = 0; i < pixels.size(); ++i)
    std::memcpy(bytes.data() + i * sizeof(float), &normalised[byte_at(pixels, i)], sizeof(float));
  if (shape.size() == 3)
    shape.insert(shape.begin() + 1, 1);
  return {"float32", sizeof(float), shape, std::move(bytes)};
}

} // namespace

sample_array parse_idx(std::string bytes) {
  auto header = parse_header(bytes);
  check_size(header, bytes.size());
  if (holds_images(bytes, header))
    return normalised_images(std::string_view{bytes}.substr(header.size), std::move(header.shape));
  bytes.erase(0, header.size);
  reverse_units(bytes, header.type.item_size);
  return {header.type.name, header.type.item_size, header.shape, std::move(bytes)};
}

void check_idx_beginning(std::string_view beginning) {
  // A dimension takes four bytes, and there are at most 255 of them.
  constexpr std::size_t longest_header = 4 + 4 * 255;
  if (beginning.size() < longest_header)
    return;
  auto header = parse_header(beginning);
  check_shape(header.shape);
  array_bytes(header.shape, holds_images(beginning, header) ? sizeof(float) : header.type.item_size);
}

} // namespace dispatch::dataset
