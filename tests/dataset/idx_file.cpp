#define CAF_SUITE idx_file

#include "dataset/idx_file.hpp"

#include "dataset/splitmix64.hpp"
#include "tests/dataset/data_files.hpp"

#include <cmath>

namespace dispatch::dataset {

namespace {

std::string idx(char type, const std::vector<std::uint32_t>& dimensions, const std::string& data) {
  std::string bytes{'\0', '\0', type, static_cast<char>(dimensions.size())};
  for (auto size : dimensions)
    bytes += big_endian(size);
  return bytes + data;
}

const std::string two_images = idx(8, {2, 1, 3}, std::string{"\x00\x01\x7f\x80\xfe\xff", 6});

CAF_TEST(images become normalised floats with a channel) {
  auto samples = parse_idx(two_images);
  CAF_CHECK_EQUAL(samples.type_name(), "float32");
  CAF_CHECK_EQUAL(samples.total_samples(), 2);
  CAF_CHECK_EQUAL(samples.sample_shape(), (sample_shape{1, 1, 3}));
  CAF_CHECK_EQUAL(samples.sample_bytes(), 12u);
  auto values = elements<float>(all_bytes(samples));
  CAF_REQUIRE_EQUAL(values.size(), 6u);
  // Computed with torchvision's ToTensor and Normalize((0.5,), (0.5,)).
  CAF_CHECK(values[0] == -1.0f);
  CAF_CHECK(values[1] == -0.99215686321258545f);
  CAF_CHECK(values[2] == -0.0039215683937072754f);
  CAF_CHECK(values[3] == 0.0039216279983520508f);
  CAF_CHECK(values[4] == 0.99215686321258545f);
  CAF_CHECK(values[5] == 1.0f);
}

CAF_TEST(every pixel value keeps its place between - 1 and 1) {
  std::string pixels;
  for (int pixel = 0; pixel < 256; ++pixel)
    pixels += static_cast<char>(pixel);
  auto values = elements<float>(all_bytes(parse_idx(idx(8, {1, 16, 16}, pixels))));
  for (std::size_t pixel = 0; pixel < 256; ++pixel) {
    auto exact = static_cast<double>(pixel) / 255.0 * 2.0 - 1.0;
    CAF_CHECK(std::abs(static_cast<double>(values[pixel]) - exact) < 1.2e-7);
    // What consumers do to get the pixel back.
    CAF_CHECK_EQUAL(std::lround((values[pixel] + 1.0f) * 127.5f), static_cast<long>(pixel));
  }
}

CAF_TEST(images of other numbers of dimensions keep their shape) {
  CAF_CHECK_EQUAL(parse_idx(idx(8, {2, 3}, "abcdef")).sample_shape(), sample_shape{3});
  CAF_CHECK_EQUAL(parse_idx(idx(8, {1, 3, 2, 1}, "abcdef")).sample_shape(), (sample_shape{3, 2, 1}));
  CAF_CHECK_EQUAL(parse_idx(idx(8, {1, 3, 2, 1}, "abcdef")).type_name(), "float32");
}

CAF_TEST(labels stay bytes) {
  auto samples = parse_idx(idx(8, {3}, "\x05\x01\x09"));
  CAF_CHECK_EQUAL(samples.type_name(), "uint8");
  CAF_CHECK_EQUAL(samples.total_samples(), 3);
  CAF_CHECK(samples.sample_shape().empty());
  CAF_CHECK_EQUAL(all_bytes(samples), "\x05\x01\x09");
}

CAF_TEST(other element types keep shape and values in the order of bytes of this machine) {
  auto shorts = parse_idx(idx(0x0b, {2, 1}, big_endian(std::int16_t{-2}) + big_endian(std::int16_t{300})));
  CAF_CHECK_EQUAL(shorts.type_name(), "int16");
  CAF_CHECK_EQUAL(shorts.sample_shape(), sample_shape{1});
  CAF_CHECK_EQUAL(elements<std::int16_t>(all_bytes(shorts)), (std::vector<std::int16_t>{-2, 300}));
  auto ints = parse_idx(idx(0x0c, {1}, big_endian(std::int32_t{-70000})));
  CAF_CHECK_EQUAL(ints.type_name(), "int32");
  CAF_CHECK_EQUAL(all_bytes(ints), native(std::int32_t{-70000}));
  auto floats = parse_idx(idx(0x0d, {1}, big_endian(std::uint32_t{0x3fc00000})));
  CAF_CHECK_EQUAL(floats.type_name(), "float32");
  CAF_CHECK_EQUAL(all_bytes(floats), native(1.5f));
  auto doubles = parse_idx(idx(0x0e, {1}, big_endian(std::uint64_t{0x3ff8000000000000})));
  CAF_CHECK_EQUAL(doubles.type_name(), "float64");
  CAF_CHECK_EQUAL(all_bytes(doubles), native(1.5));
  auto chars = parse_idx(idx(0x09, {1, 2}, "\xff\x01"));
  CAF_CHECK_EQUAL(chars.type_name(), "int8");
  CAF_CHECK_EQUAL(all_bytes(chars), "\xff\x01");
}

CAF_TEST(what is no IDX file is refused with its reason) {
  auto refusal = [](const std::string& bytes) { return error_of([&] { parse_idx(bytes); }); };
  CAF_CHECK(contains(refusal(""), "not an IDX file: it holds only 0 bytes"));
  CAF_CHECK(contains(refusal("abcdefgh"), "two zero bytes"));
  CAF_CHECK(contains(refusal(idx(7, {1}, "a")), "unknown element type 7"));
  CAF_CHECK(contains(refusal(idx(8, {}, "a")), "no dimension"));
  CAF_CHECK(contains(refusal(idx(8, {0, 28, 28}, "")), "is empty"));
  CAF_CHECK(contains(refusal(idx(8, {3}, "ab")), "truncated IDX file"));
  CAF_CHECK(contains(refusal(idx(8, {3}, "ab")), "shape (3,) of uint8, which makes 11 bytes in all, but it holds 10"));
  CAF_CHECK(contains(refusal(idx(8, {3}, "abcd")), "trailing bytes"));
  CAF_CHECK(contains(refusal(idx(8, {0xffffffff, 0xffffffff, 0xffffffff}, "a")), "more than the limit"));
  CAF_CHECK(contains(refusal(idx(8, {0xffffffff}, "a")), "truncated"));
}

CAF_TEST(every shortened file is refused) {
  for (std::size_t size = 0; size < two_images.size(); ++size)
    CAF_CHECK(!error_of([&] { parse_idx(two_images.substr(0, size)); }).empty());
}

CAF_TEST(damaged files are refused or make samples that fit their shape) {
  splitmix64 random{1};
  for (int round = 0; round < 20000; ++round) {
    auto bytes = two_images;
    for (auto changes = random.below(4) + 1; changes > 0; --changes)
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    bytes.resize(random.below(bytes.size() + 4));
    try {
      auto samples = parse_idx(bytes);
      auto size = static_cast<std::size_t>(samples.total_samples()) * samples.sample_bytes();
      CAF_REQUIRE_EQUAL(all_bytes(samples).size(), size);
    } catch (const data_error&) {
      // Refused.
    }
  }
}

} // namespace

} // namespace dispatch::dataset
