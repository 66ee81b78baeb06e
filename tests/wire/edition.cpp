#define CAF_SUITE edition

#include "wire/edition.hpp"

#include <caf/test/unit_test.hpp>

using namespace dispatch;

namespace {

const dataset_description mnist{"mnist", 10'000, {1, 28, 28}, "float32"};

} // namespace

CAF_TEST(the same size and shape and type are one edition) {
  CAF_CHECK_EQUAL(edition_of(mnist), edition_of(dataset_description{mnist}));
  CAF_CHECK(edition_of(mnist) != 0);
}

CAF_TEST(another size or shape or type is another edition) {
  auto other = mnist;
  other.total_samples = 9'999;
  CAF_CHECK(edition_of(other) != edition_of(mnist));
  other = mnist;
  other.sample_shape = {28, 28, 1};
  CAF_CHECK(edition_of(other) != edition_of(mnist));
  other = mnist;
  other.sample_shape.push_back(1);
  CAF_CHECK(edition_of(other) != edition_of(mnist));
  other = mnist;
  other.data_type = "float64";
  CAF_CHECK(edition_of(other) != edition_of(mnist));
}

CAF_TEST(what says nothing is no edition) {
  CAF_CHECK_EQUAL(edition_of({"mnist", 0, {}, ""}), 0u);
  CAF_CHECK_EQUAL(edition_of({"mnist", -1, {}, ""}), 0u);
  CAF_CHECK(edition_of({"mnist", 0, {28}, ""}) != 0);
  CAF_CHECK(edition_of({"mnist", 0, {}, "uint8"}) != 0);
}
