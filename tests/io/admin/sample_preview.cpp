#define CAF_SUITE sample_preview

#include "io/admin/sample_preview.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/batches.hpp"
#include "wire/base64_decoder.hpp"
#include "wire/classic_codec.hpp"

using namespace dispatch;
using namespace dispatch::admin;

namespace {

using shape = std::vector<std::int32_t>;

dataset_description described(shape sample_shape, std::string type = "uint8") {
  return {"d", 100, std::move(sample_shape), std::move(type)};
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  std::string result(values.size() * sizeof(T), '\0');
  std::memcpy(result.data(), values.data(), result.size());
  return result;
}

sample_images images_of(const dataset_description& description, std::string_view samples) {
  return std::get<sample_images>(make_images(description, samples));
}

std::string reason_of(const dataset_description& description, std::string_view samples) {
  return std::get<std::string>(make_images(description, samples));
}

/// The only picture of 4 by 4, of these values and zeros.
template <class T>
std::string small_picture(const std::string& type, std::vector<T> values) {
  values.resize(16);
  return images_of(described({4, 4}, type), bytes_of(values)).pixels;
}

} // namespace

CAF_TEST(bytes are shown as they are) {
  std::string samples;
  for (auto i = 0; i < 2 * 5 * 4; ++i)
    samples.push_back(static_cast<char>(i * 6));
  const auto images = images_of(described({5, 4}), samples);
  CAF_CHECK_EQUAL(images.width, 4u);
  CAF_CHECK_EQUAL(images.height, 5u);
  CAF_CHECK_EQUAL(images.channels, 1u);
  CAF_CHECK_EQUAL(images.count, 2u);
  CAF_CHECK(images.pixels == samples);
}

CAF_TEST(channels may stand first or last) {
  std::string first;
  std::string last;
  for (auto channel = 0; channel < 3; ++channel)
    for (auto i = 0; i < 20; ++i)
      first.push_back(static_cast<char>(channel * 20 + i));
  for (auto i = 0; i < 20; ++i)
    for (auto channel = 0; channel < 3; ++channel)
      last.push_back(static_cast<char>(channel * 20 + i));
  CAF_CHECK(images_of(described({3, 5, 4}), first).pixels == last);
  CAF_CHECK(images_of(described({5, 4, 3}), last).pixels == last);
  CAF_CHECK_EQUAL(images_of(described({5, 4, 3}), last).channels, 3u);
  CAF_CHECK_EQUAL(images_of(described({1, 5, 4}), first).channels, 1u);
  CAF_CHECK_EQUAL(images_of(described({5, 4, 1}), first).height, 5u);
}

CAF_TEST(other numbers are stretched from the least to the greatest) {
  const std::string expected("\xff\x00\x80", 3);
  const auto check = [&](const std::string& pixels) { CAF_CHECK(pixels.substr(0, 3) == expected); };
  check(small_picture<float>("float32", {1.f, -1.f, 0.f}));
  check(small_picture<double>("float64", {1., -1., 0.}));
  check(small_picture<std::int8_t>("int8", {100, -100, 0}));
  check(small_picture<std::int16_t>("int16", {30000, -30000, 0}));
  check(small_picture<std::int32_t>("int32", {2000, -2000, 0}));
  check(small_picture<std::int64_t>("int64", {2000, -2000, 0}));
  CAF_CHECK(small_picture<std::uint16_t>("uint16", {4000, 2000}).substr(0, 3) == std::string("\xff\x80\x00", 3));
  CAF_CHECK(small_picture<std::uint8_t>("bool", {1, 0}).substr(0, 2) == std::string("\xff\x00", 2));
}

CAF_TEST(what is not a number is black and does not count) {
  constexpr auto nan = std::numeric_limits<float>::quiet_NaN();
  constexpr auto infinite = std::numeric_limits<float>::infinity();
  CAF_CHECK(small_picture<float>("float32", {nan, 1.f, infinite, -infinite}).substr(0, 4)
            == std::string("\x00\xff\x00\x00", 4));
  CAF_CHECK(small_picture<float>("float32", std::vector<float>(16, nan)) == std::string(16, '\0'));
}

CAF_TEST(numbers at the ends of their range are shown) {
  constexpr auto most = std::numeric_limits<double>::max();
  CAF_CHECK(small_picture<double>("float64", {most, -most}).substr(0, 3) == std::string("\xff\x00\x80", 3));
}

CAF_TEST(equal numbers are black) {
  CAF_CHECK(small_picture<float>("float32", std::vector<float>(16, 3.f)) == std::string(16, '\0'));
}

CAF_TEST(a large picture is scaled down by means) {
  std::string sample;
  for (auto row = 0; row < 129; ++row)
    for (auto column = 0; column < 99; ++column)
      sample.push_back(static_cast<char>((row + column) % 2 == 0 ? 200 : 0));
  const auto images = images_of(described({129, 99}), sample);
  CAF_CHECK_EQUAL(images.height, 43u);
  CAF_CHECK_EQUAL(images.width, 33u);
  CAF_CHECK_EQUAL(images.pixels.size(), 43u * 33u);
  for (const auto pixel : images.pixels)
    CAF_CHECK(static_cast<unsigned char>(pixel) >= 88 && static_cast<unsigned char>(pixel) <= 112);
}

CAF_TEST(no more samples are shown than a page has room for) {
  const auto description = described({4, 4});
  CAF_CHECK_EQUAL(bytes_to_show(description), 16 * most_images);
  CAF_CHECK_EQUAL(images_of(description, std::string(16 * 100, 'x')).count, most_images);
}

CAF_TEST(a part of a sample is left out) {
  CAF_CHECK_EQUAL(images_of(described({4, 4}), std::string(16 * 3 - 1, 'x')).count, 2u);
  CAF_CHECK_EQUAL(reason_of(described({4, 4}), std::string(15, 'x')),
                  "the batch holds less than one sample as described");
}

CAF_TEST(samples that do not look like pictures have none) {
  for (const auto& other : {shape{}, shape{784}, shape{3, 4}, shape{2, 28, 28}, shape{28, 28, 4}, shape{1, 1, 28, 28},
                            shape{28, 5000}, shape{-4, -4}, shape{0, 28}})
    CAF_CHECK_EQUAL(bytes_to_show(described(other)), 0u);
  CAF_CHECK_EQUAL(reason_of(described({2, 28, 28}), ""), "samples of shape (2, 28, 28) are not pictures");
  CAF_CHECK_EQUAL(reason_of(described({4, 4}, "complex64"), ""), "values of type 'complex64' are not shown");
}

CAF_TEST(samples that are too large have no pictures) {
  CAF_CHECK_EQUAL(bytes_to_show(described({3, 4096, 4096}, "float64")), 0u);
  CAF_CHECK_EQUAL(reason_of(described({3, 4096, 4096}, "float64"), "x"),
                  "samples of shape (3, 4096, 4096) are too large to be shown");
}

CAF_TEST(the answer holds pictures or the reason why there are none) {
  const std::string samples(5 * 16, '\x07');
  const auto batch = std::make_shared<const received_batch>(test::receive(3, false, samples));
  auto body = preview_json({batch, 5, described({4, 4})});
  std::string pixels;
  CAF_CHECK(!decode_base64(body.at("images").at("pixels").get<std::string>(), pixels));
  CAF_CHECK(pixels == samples);
  body["images"]["pixels"] = "…";
  CAF_CHECK_EQUAL(to_text(body),
                  R"({"dataset":"d","batch_index":3,"batch_size":5,"data_type":"uint8","sample_shape":[4,4],)"
                  R"("images":{"width":4,"height":4,"channels":1,"count":5,"pixels":"…"},"reason":null})");
  CAF_CHECK_EQUAL(to_text(preview_json({batch, 5, described({16})})),
                  R"({"dataset":"d","batch_index":3,"batch_size":5,"data_type":"uint8","sample_shape":[16],)"
                  R"("images":null,"reason":"samples of shape (16) are not pictures"})");
}
