#define CAF_SUITE sample_size

#include "wire/sample_size.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>

using dispatch::column_description;
using dispatch::sample_bytes_of;

CAF_TEST(a sample has as many bytes as its elements) {
  CAF_CHECK_EQUAL(sample_bytes_of({"d", 1, {1, 28, 28}, "float32"}), 3136u);
  CAF_CHECK_EQUAL(sample_bytes_of({"d", 1, {}, "float32"}), 4u);
  CAF_CHECK_EQUAL(sample_bytes_of({"d", 1, {3, 0}, "float32"}), 0u);
  CAF_CHECK_EQUAL(sample_bytes_of({"d", 1, {3, -1}, "float32"}), 0u);
  CAF_CHECK_EQUAL(sample_bytes_of({"d", 1, {3}, "jpeg"}), 0u);
  constexpr auto highest = std::numeric_limits<std::int32_t>::max();
  CAF_CHECK_EQUAL(sample_bytes_of({"d", 1, {highest, highest, highest}, "uint8"}), 0u);
}

CAF_TEST(a sample of a column has as many bytes as its elements) {
  CAF_CHECK_EQUAL(sample_bytes_of(column_description{"label", {}, "int64"}), 8u);
  CAF_CHECK_EQUAL(sample_bytes_of(column_description{"box", {2, 2}, "bfloat16"}), 8u);
  CAF_CHECK_EQUAL(sample_bytes_of(column_description{"text", {}, "utf8"}), 0u);
  CAF_CHECK_EQUAL(sample_bytes_of(column_description{"none", {0}, "int64"}), 0u);
}
