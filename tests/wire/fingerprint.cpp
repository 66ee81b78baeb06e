#define CAF_SUITE fingerprint

#include "wire/fingerprint.hpp"

#include <caf/test/unit_test.hpp>

using namespace dispatch;

namespace {

const dataset_description mnist{"mnist", 10'000, {1, 28, 28}, "float32"};

} // namespace

CAF_TEST(the same size and shape and type are one fingerprint) {
  CAF_CHECK(fingerprint_of(mnist) == fingerprint_of(dataset_description{mnist}));
  CAF_CHECK(fingerprint_of(mnist).is_known());
}

CAF_TEST(another size or shape or type is another fingerprint) {
  auto other = mnist;
  other.total_samples = 9'999;
  CAF_CHECK(fingerprint_of(other) != fingerprint_of(mnist));
  other = mnist;
  other.sample_shape = {28, 28, 1};
  CAF_CHECK(fingerprint_of(other) != fingerprint_of(mnist));
  other = mnist;
  other.sample_shape.push_back(1);
  CAF_CHECK(fingerprint_of(other) != fingerprint_of(mnist));
  other = mnist;
  other.data_type = "float64";
  CAF_CHECK(fingerprint_of(other) != fingerprint_of(mnist));
}

CAF_TEST(a description that says nothing has an unknown fingerprint) {
  CAF_CHECK(!fingerprint_of({"mnist", 0, {}, ""}).is_known());
  CAF_CHECK(!fingerprint_of({"mnist", -1, {}, ""}).is_known());
  CAF_CHECK(fingerprint_of({"mnist", 0, {28}, ""}).is_known());
  CAF_CHECK(fingerprint_of({"mnist", 0, {}, "uint8"}).is_known());
}

CAF_TEST(an unknown fingerprint may be any) {
  const fingerprint one{1};
  const fingerprint other{2};
  CAF_CHECK(one.may_be(one));
  CAF_CHECK(!one.may_be(other));
  CAF_CHECK(one.may_be({}));
  CAF_CHECK(fingerprint{}.may_be(one));
  CAF_CHECK(fingerprint{}.may_be({}));
}
