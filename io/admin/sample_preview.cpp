#include "io/admin/sample_preview.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "wire/base64.hpp"

namespace dispatch::admin {

namespace {

/// How many bytes of samples are looked at.
constexpr std::size_t most_bytes = 32 << 20;

constexpr std::int32_t least_side = 4;
constexpr std::int32_t greatest_side = 4096;

/// Where in a sample its rows, columns and channels are.
struct image_layout {
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 1;
  /// Whether the channels of a pixel lie side by side.
  bool interleaved = false;

  std::size_t values() const noexcept { return height * width * channels; }

  std::size_t index_of(std::size_t row, std::size_t column, std::size_t channel) const noexcept {
    return interleaved ? (row * width + column) * channels + channel : (channel * height + row) * width + column;
  }
};

bool is_side(std::int32_t size) {
  return size >= least_side && size <= greatest_side;
}

bool is_channels(std::int32_t count) {
  return count == 1 || count == 3;
}

std::optional<image_layout> layout_of(const std::vector<std::int32_t>& shape) {
  const auto make = [](std::int32_t height, std::int32_t width, std::int32_t channels, bool interleaved) {
    const auto size = [](std::int32_t x) { return static_cast<std::size_t>(x); };
    return image_layout{size(height), size(width), size(channels), interleaved};
  };
  if (shape.size() == 2 && is_side(shape[0]) && is_side(shape[1]))
    return make(shape[0], shape[1], 1, false);
  if (shape.size() != 3)
    return std::nullopt;
  if (is_channels(shape[0]) && is_side(shape[1]) && is_side(shape[2]))
    return make(shape[1], shape[2], shape[0], false);
  if (is_channels(shape[2]) && is_side(shape[0]) && is_side(shape[1]))
    return make(shape[0], shape[1], shape[2], true);
  return std::nullopt;
}

/// How the numbers of an element type are read.
struct element_type {
  std::string_view name;
  std::size_t size = 0;
  double (*read)(const char* from) = nullptr;
};

template <class T>
double read_as(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<double>(value);
}

template <class T>
constexpr element_type element(std::string_view name) {
  return {name, sizeof(T), read_as<T>};
}

constexpr std::array<element_type, 11> element_types{
  element<std::uint8_t>("uint8"),   element<std::int8_t>("int8"),      element<std::uint16_t>("uint16"),
  element<std::int16_t>("int16"),   element<std::uint32_t>("uint32"),  element<std::int32_t>("int32"),
  element<std::uint64_t>("uint64"), element<std::int64_t>("int64"),    element<float>("float32"),
  element<double>("float64"),       {"bool", 1, read_as<std::uint8_t>}};

const element_type* type_named(std::string_view name) {
  const auto* found =
    std::find_if(element_types.begin(), element_types.end(), [&](const auto& x) { return x.name == name; });
  return found != element_types.end() ? found : nullptr;
}

std::string shape_text(const std::vector<std::int32_t>& shape) {
  std::string text;
  for (const auto size : shape)
    text.append(text.empty() ? "" : ", ").append(std::to_string(size));
  return "(" + text + ")";
}

/// The pictures' values, scaled down: each is the mean of a square. What is not finite is left out of it.
std::vector<double> scaled_down(const image_layout& layout, const element_type& type, std::string_view samples,
                                sample_images& images, std::size_t factor) {
  std::vector<double> result;
  result.reserve(images.count * images.height * images.width * images.channels);
  const auto mean = [&](const char* sample, std::size_t top, std::size_t left, std::size_t channel) {
    auto sum = 0.0;
    auto count = 0;
    for (auto row = top; row < std::min(top + factor, layout.height); ++row)
      for (auto column = left; column < std::min(left + factor, layout.width); ++column) {
        const auto value = type.read(sample + layout.index_of(row, column, channel) * type.size);
        if (!std::isfinite(value))
          continue;
        sum += value;
        ++count;
      }
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
  };
  for (std::size_t i = 0; i < images.count; ++i) {
    const auto* sample = samples.data() + i * layout.values() * type.size;
    for (std::size_t row = 0; row < images.height; ++row)
      for (std::size_t column = 0; column < images.width; ++column)
        for (std::size_t channel = 0; channel < images.channels; ++channel)
          result.push_back(mean(sample, row * factor, column * factor, channel));
  }
  return result;
}

/// Brightness from 0 to 255; what is not finite is black.
std::string to_pixels(const std::vector<double>& values, bool is_brightness) {
  auto least = 0.0;
  auto greatest = 255.0;
  if (!is_brightness) {
    least = std::numeric_limits<double>::infinity();
    greatest = -least;
    for (const auto value : values)
      if (!std::isnan(value)) {
        least = std::min(least, value);
        greatest = std::max(greatest, value);
      }
  }
  std::string pixels;
  pixels.reserve(values.size());
  for (const auto value : values) {
    // Halves, for the distance of the two may be more than a number holds.
    const auto share = greatest > least ? (value / 2 - least / 2) / (greatest / 2 - least / 2) : 0.0;
    pixels.push_back(std::isnan(share) ? '\0' : static_cast<char>(static_cast<unsigned char>(share * 255 + 0.5)));
  }
  return pixels;
}

std::string base64_of(std::string_view data) {
  std::string text(base64_size(data.size()), '\0');
  base64_writer writer{text.data()};
  writer.write(data);
  writer.finish();
  return text;
}

} // namespace

std::size_t bytes_to_show(const dataset_description& description) {
  const auto layout = layout_of(description.sample_shape);
  const auto* type = type_named(description.data_type);
  if (!layout || type == nullptr)
    return 0;
  const auto sample = layout->values() * type->size;
  return sample * std::min(most_bytes / sample, most_images);
}

std::variant<sample_images, std::string> make_images(const dataset_description& description, std::string_view samples) {
  const auto layout = layout_of(description.sample_shape);
  if (!layout)
    return "samples of shape " + shape_text(description.sample_shape) + " are not pictures";
  const auto* type = type_named(description.data_type);
  if (type == nullptr)
    return "values of type '" + description.data_type + "' are not shown";
  const auto wanted = bytes_to_show(description);
  if (wanted == 0)
    return "samples of shape " + shape_text(description.sample_shape) + " are too large to be shown";
  const auto factor = (std::max(layout->height, layout->width) + largest_side - 1) / largest_side;
  sample_images images;
  images.width = (layout->width + factor - 1) / factor;
  images.height = (layout->height + factor - 1) / factor;
  images.channels = layout->channels;
  images.count = std::min(samples.size(), wanted) / (layout->values() * type->size);
  if (images.count == 0)
    return std::string{"the batch holds less than one sample as described"};
  images.pixels = to_pixels(scaled_down(*layout, *type, samples, images, factor), type->name == "uint8");
  return images;
}

json preview_json(const latest_batch& latest) {
  const auto& description = latest.description;
  const auto made = make_images(description, latest.batch->columns.front().bytes.prefix(bytes_to_show(description)));
  json result{{"dataset", description.dataset},
              {"batch_index", latest.batch->index},
              {"batch_size", latest.batch_size},
              {"data_type", description.data_type},
              {"sample_shape", description.sample_shape},
              {"images", nullptr},
              {"reason", nullptr}};
  if (const auto* reason = std::get_if<std::string>(&made)) {
    result["reason"] = *reason;
    return result;
  }
  const auto& images = std::get<sample_images>(made);
  result["images"] = {{"width", images.width},
                      {"height", images.height},
                      {"channels", images.channels},
                      {"count", images.count},
                      {"pixels", base64_of(images.pixels)}};
  return result;
}

} // namespace dispatch::admin
