#define CAF_SUITE sample_format

#include "apps/pull/sample_format.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::pull::parse_sample_format;

CAF_TEST(type and shape) {
  auto x = parse_sample_format("float32:1x28x28");
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->dtype, "float32");
  CAF_CHECK_EQUAL(x->descr, "<f4");
  CAF_CHECK_EQUAL(x->shape, (std::vector<std::size_t>{1, 28, 28}));
  CAF_CHECK_EQUAL(x->bytes, 3136u);
  CAF_CHECK_EQUAL(x->text(), "float32:1x28x28");
}

CAF_TEST(scalars) {
  auto x = parse_sample_format("int64");
  CAF_REQUIRE(x);
  CAF_CHECK(x->shape.empty());
  CAF_CHECK_EQUAL(x->bytes, 8u);
  CAF_CHECK_EQUAL(x->text(), "int64");
}

CAF_TEST(counting) {
  auto x = parse_sample_format("uint16:3");
  CAF_CHECK_EQUAL(x->count(0).value_or(99), 0u);
  CAF_CHECK_EQUAL(x->count(12).value_or(99), 2u);
  CAF_CHECK(!x->count(13));
}

CAF_TEST(what is no format) {
  for (auto text :
       {"", ":", ":3", "float32:", "float:3", "float32:0", "float32:-1", "float32:3x", "float32:x3", "float32:3xx3",
        "float32: 3", "float32:3 ", "float32:3,3", "FLOAT32:3", "uint8:99999999999999999999", "uint8:1099511627777",
        "float64:1000000x1000000", "uint8:1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1"})
    CAF_CHECK(!parse_sample_format(text));
}
