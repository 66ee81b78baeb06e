#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "io/admin/json_text.hpp"
#include "messages/batch_provider.hpp"
#include "messages/inspector.hpp"

namespace dispatch::admin {

/// Samples as pictures of one size.
struct sample_images {
  std::size_t width = 0;
  std::size_t height = 0;
  /// 1: grey; 3: red, green and blue.
  std::size_t channels = 0;
  std::size_t count = 0;
  /// A byte for each channel of each pixel, by picture, row and column.
  std::string pixels;
};

/// How many samples are shown at most.
inline constexpr std::size_t most_images = 30;

/// How wide and how high a picture is at most; larger ones are scaled down by a whole number.
inline constexpr std::size_t largest_side = 64;

/// How many bytes of samples, from the first on, are needed for their pictures.
/// @returns 0 where there are no pictures of such samples
std::size_t bytes_to_show(const dataset_description& description);

/// Makes pictures of samples, where these look like pictures: two dimensions, or three of which the first or the last
/// is 1 or 3. Bytes without a sign are brightness as they are; other numbers are stretched from the least to the
/// greatest among those shown.
/// @param samples raw tensor bytes from the first sample on, little endian; a part of a sample at the end is left out
/// @returns the pictures, or one short sentence that says why there are none
std::variant<sample_images, std::string> make_images(const dataset_description& description, std::string_view samples);

/// What `/preview` answers.
json preview_json(const latest_batch& latest);

} // namespace dispatch::admin
