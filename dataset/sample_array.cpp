#include "dataset/sample_array.hpp"

#include "dataset/data_error.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace dispatch::dataset {

namespace {

constexpr std::uint64_t max_dimension = std::numeric_limits<std::int32_t>::max();

} // namespace

std::string to_text(const array_shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

void check_shape(const array_shape& shape) {
  if (shape.empty())
    throw data_error("the array has no dimension: there are no samples to count");
  if (std::find(shape.begin(), shape.end(), 0u) != shape.end())
    throw data_error("the array of shape " + to_text(shape) + " is empty");
  auto largest = *std::max_element(shape.begin(), shape.end());
  if (largest > max_dimension)
    throw data_error("the array of shape " + to_text(shape) + " has a dimension above the protocol's limit of "
                     + std::to_string(max_dimension));
}

std::uint64_t array_bytes(const array_shape& shape, std::uint64_t item_size) {
  if (item_size == 0 || std::find(shape.begin(), shape.end(), 0u) != shape.end())
    return 0;
  auto bytes = item_size;
  for (auto size : shape) {
    if (bytes > max_array_bytes / size)
      throw data_error("an array of shape " + to_text(shape) + " with elements of " + std::to_string(item_size)
                       + " bytes takes more than the limit of " + std::to_string(max_array_bytes >> 30) + " GiB");
    bytes *= size;
  }
  return bytes;
}

sample_array::sample_array(std::string type_name, std::uint64_t item_size, const array_shape& shape, std::string bytes)
  : type_name_(std::move(type_name)),
    bytes_(std::make_shared<const std::string>(std::move(bytes))) {
  check_shape(shape);
  if (item_size == 0)
    throw data_error("the elements of type '" + type_name_ + "' are empty");
  auto expected = array_bytes(shape, item_size);
  if (expected != bytes_->size())
    throw data_error("the array of shape " + to_text(shape) + " takes " + std::to_string(expected) + " bytes, not "
                     + std::to_string(bytes_->size()));
  total_samples_ = static_cast<std::int32_t>(shape.front());
  sample_shape_.assign(shape.begin() + 1, shape.end());
  sample_bytes_ = bytes_->size() / shape.front();
}

sample_array sample_array::part(std::int32_t first, std::int32_t count) const {
  auto result = *this;
  result.first_byte_ += static_cast<std::size_t>(first) * sample_bytes_;
  result.total_samples_ = count;
  return result;
}

std::int32_t sample_array::batch_count(std::int32_t batch_size) const noexcept {
  return total_samples_ / batch_size + (total_samples_ % batch_size == 0 ? 0 : 1);
}

std::int32_t sample_array::batch_samples(std::int32_t batch_size, std::int32_t index) const noexcept {
  return std::min(batch_size, total_samples_ - index * batch_size);
}

std::string_view sample_array::batch(std::int32_t batch_size, std::int32_t index) const noexcept {
  auto first = static_cast<std::size_t>(index) * static_cast<std::size_t>(batch_size);
  auto samples = static_cast<std::size_t>(batch_samples(batch_size, index));
  return {bytes_->data() + first_byte_ + first * sample_bytes_, samples * sample_bytes_};
}

std::string_view sample_array::sample(std::int32_t index) const noexcept {
  return {bytes_->data() + first_byte_ + static_cast<std::size_t>(index) * sample_bytes_, sample_bytes_};
}

} // namespace dispatch::dataset
