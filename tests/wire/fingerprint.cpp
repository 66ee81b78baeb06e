#define CAF_SUITE fingerprint

#include "wire/fingerprint.hpp"

#include <caf/test/unit_test.hpp>

#include <vector>

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

CAF_TEST(a description without columns keeps its fingerprint) {
  CAF_CHECK_EQUAL(fingerprint_of(mnist).value(), 0xecf19f2afa89239cu);
}

CAF_TEST(another name of data or other columns are another fingerprint) {
  auto named = mnist;
  named.data_name = "image";
  CAF_CHECK(fingerprint_of(named) != fingerprint_of(mnist));
  auto labelled = named;
  labelled.columns = {{"label", {}, "uint8"}};
  std::vector<dataset_description> all{mnist, named, labelled};
  const auto add_with = [&](std::vector<column_description> columns) {
    all.push_back(named);
    all.back().columns = std::move(columns);
  };
  add_with({{"labels", {}, "uint8"}});
  add_with({{"label", {}, "int64"}});
  add_with({{"label", {1}, "uint8"}});
  add_with({{"label", {}, "uint8"}, {"box", {4}, "float32"}});
  add_with({{"box", {4}, "float32"}, {"label", {}, "uint8"}});
  add_with({{"labe", {}, "luint8"}});
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all.size(); ++j)
      CAF_CHECK_EQUAL(fingerprint_of(all[i]) == fingerprint_of(all[j]), i == j);
}

CAF_TEST(a description of columns alone has a fingerprint) {
  dataset_description only_columns{"mnist", 0, {}, ""};
  only_columns.columns = {{"label", {}, "uint8"}};
  CAF_CHECK(fingerprint_of(only_columns).is_known());
  dataset_description only_name{"mnist", 0, {}, ""};
  only_name.data_name = "image";
  CAF_CHECK(!fingerprint_of(only_name).is_known());
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
