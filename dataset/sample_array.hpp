#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch::dataset {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are served as they lie in memory: little endian");

/// The most bytes that one file or array may take: 16 GiB. A damaged header or a small compressed file cannot
/// make us ask for more.
inline constexpr std::uint64_t max_array_bytes = std::uint64_t{16} << 30;

/// Sizes of an array's dimensions, the samples first.
using array_shape = std::vector<std::uint64_t>;

/// The shape as NumPy writes it: `(10000, 1, 28, 28)`, `(10000,)`.
std::string to_text(const array_shape& shape);

/// @throws data_error when the shape has no dimension, an empty one or one that does not fit the wire's int32
void check_shape(const array_shape& shape);

/// The bytes that an array of this shape takes.
/// @param item_size bytes of one element
/// @throws data_error when these are more than max_array_bytes
std::uint64_t array_bytes(const array_shape& shape, std::uint64_t item_size);

/// The samples of one dataset in memory: a non-empty array of elements in C order, little endian. Immutable;
/// the views that it gives are valid as long as it lives. Copies and parts share the elements.
class sample_array {
public:
  /// @param type_name what NumPy's `dtype()` takes for the elements: `float32`, `uint8`, `|S5`
  /// @param item_size bytes of one element
  /// @param shape of the whole, the samples first
  /// @param bytes all elements
  /// @throws data_error when check_shape refuses the shape, when elements are empty, or when there are fewer
  ///   or more bytes than the shape takes
  sample_array(std::string type_name, std::uint64_t item_size, const array_shape& shape, std::string bytes);

  /// NumPy's name of the element type.
  const std::string& type_name() const noexcept { return type_name_; }

  /// At least 1.
  std::int32_t total_samples() const noexcept { return total_samples_; }

  /// The shape of one sample, without the dimension of the samples; empty when samples are single elements.
  const std::vector<std::int32_t>& sample_shape() const noexcept { return sample_shape_; }

  /// Bytes of one sample, at least 1.
  std::size_t sample_bytes() const noexcept { return sample_bytes_; }

  /// A part of the samples.
  /// @param first from 0
  /// @param count at least 1; first + count is at most total_samples()
  sample_array part(std::int32_t first, std::int32_t count) const;

  /// The number of batches; the last may be short.
  /// @param batch_size samples in a batch, at least 1
  std::int32_t batch_count(std::int32_t batch_size) const noexcept;

  /// The samples in a batch, fewer than batch_size in a short last one.
  /// @param index from 0 to batch_count(batch_size) - 1
  std::int32_t batch_samples(std::int32_t batch_size, std::int32_t index) const noexcept;

  /// The bytes of a batch, in place.
  /// @param index from 0 to batch_count(batch_size) - 1
  std::string_view batch(std::int32_t batch_size, std::int32_t index) const noexcept;

  /// The bytes of a sample, in place.
  /// @param index from 0 to total_samples() - 1
  std::string_view sample(std::int32_t index) const noexcept;

private:
  std::string type_name_;
  std::shared_ptr<const std::string> bytes_;
  std::size_t first_byte_ = 0;
  std::vector<std::int32_t> sample_shape_;
  std::int32_t total_samples_ = 0;
  std::size_t sample_bytes_ = 0;
};

} // namespace dispatch::dataset
