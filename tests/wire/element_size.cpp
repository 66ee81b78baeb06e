#define CAF_SUITE element_size

#include "wire/element_size.hpp"

#include <caf/test/unit_test.hpp>

using dispatch::element_size;

CAF_TEST(NumPys names have a size) {
  CAF_CHECK_EQUAL(element_size("bool"), 1u);
  CAF_CHECK_EQUAL(element_size("int8"), 1u);
  CAF_CHECK_EQUAL(element_size("uint16"), 2u);
  CAF_CHECK_EQUAL(element_size("float32"), 4u);
  CAF_CHECK_EQUAL(element_size("int64"), 8u);
  CAF_CHECK_EQUAL(element_size("float128"), 16u);
  CAF_CHECK_EQUAL(element_size("complex64"), 8u);
  CAF_CHECK_EQUAL(element_size("datetime64[ns]"), 8u);
  CAF_CHECK_EQUAL(element_size("timedelta64"), 8u);
}

CAF_TEST(array protocol strings have a size) {
  CAF_CHECK_EQUAL(element_size("<f4"), 4u);
  CAF_CHECK_EQUAL(element_size(">i8"), 8u);
  CAF_CHECK_EQUAL(element_size("|u1"), 1u);
  CAF_CHECK_EQUAL(element_size("=c16"), 16u);
  CAF_CHECK_EQUAL(element_size("?"), 1u);
  CAF_CHECK_EQUAL(element_size("|b1"), 1u);
  CAF_CHECK_EQUAL(element_size("|S5"), 5u);
  CAF_CHECK_EQUAL(element_size("<U5"), 20u);
  CAF_CHECK_EQUAL(element_size("|V16"), 16u);
  CAF_CHECK_EQUAL(element_size("<M8[ns]"), 8u);
}

CAF_TEST(PyTorchs names have a size) {
  CAF_CHECK_EQUAL(element_size("bfloat16"), 2u);
  CAF_CHECK_EQUAL(element_size("torch.bfloat16"), 2u);
  CAF_CHECK_EQUAL(element_size("torch.uint8"), 1u);
  CAF_CHECK_EQUAL(element_size("np.float32"), 4u);
  CAF_CHECK_EQUAL(element_size("torch.bool"), 1u);
}

CAF_TEST(what does not say its size has none) {
  for (const auto* name : {"",
                           "float",
                           "int",
                           "double",
                           "object",
                           "O",
                           "|O8",
                           "string",
                           "jpeg",
                           "float12",
                           "float-32",
                           "float32x",
                           "int99999999999999999999",
                           "<",
                           "<f",
                           "f4x",
                           ".",
                           "torch.",
                           "S",
                           "<U",
                           "u"})
    CAF_CHECK_EQUAL(element_size(name), 0u);
}
