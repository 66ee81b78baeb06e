#define CAF_SUITE sample_table

#include "dataset/sample_table.hpp"

#include "dataset/data_source.hpp"
#include "tests/dataset/data_files.hpp"

namespace dispatch::dataset {

namespace {

sample_array array(const std::string& spec) {
  return load_samples("synthetic:" + spec);
}

} // namespace

CAF_TEST(a table is one array unless columns are added) {
  const sample_table table{array("5x3:float32")};
  CAF_CHECK_EQUAL(table.data_name(), "");
  CAF_CHECK(table.columns().empty());
  CAF_CHECK_EQUAL(table.sample_bytes(), 12u);
}

CAF_TEST(columns have as many samples as data) {
  sample_table table{array("5x3:float32")};
  table.add_column("label", array("5:int64"));
  table.add_column("box", array("5x4:uint8"));
  CAF_CHECK_EQUAL(table.sample_bytes(), 24u);
  CAF_CHECK_EQUAL(table.columns()[0].name, "label");
  CAF_CHECK_EQUAL(table.columns()[1].name, "box");
  CAF_CHECK_EQUAL(error_of([&] { table.add_column("more", array("6:int64")); }),
                  "array 'more' has 6 samples where 'data' has 5");
}

CAF_TEST(a part has the rows of all columns) {
  sample_table table{array("5x3:uint8"), "image"};
  table.add_column("label", array("5:uint8"));
  const auto part = table.part(1, 3).part(1, 2);
  CAF_CHECK_EQUAL(part.data_name(), "image");
  CAF_CHECK_EQUAL(part.data().total_samples(), 2);
  CAF_CHECK(part.data().batch(2, 0) == table.data().batch(5, 0).substr(6, 6));
  CAF_CHECK(part.columns()[0].samples.sample(1) == table.columns()[0].samples.sample(3));
}

CAF_TEST(names differ and say something) {
  sample_table table{array("5:uint8"), "image"};
  table.add_column("label", array("5:uint8"));
  table.add_column("data", array("5:uint8"));
  const auto refusal = [&](const std::string& name) {
    return error_of([&] { table.add_column(name, array("5:uint8")); });
  };
  CAF_CHECK_EQUAL(refusal("label"), "there are two arrays of the name 'label'");
  CAF_CHECK_EQUAL(refusal("image"), "a column cannot be called 'image': that is the name of the samples themselves");
  CAF_CHECK_EQUAL(refusal(""), "an array has no name");
  CAF_CHECK(contains(refusal("a\nb"), "control characters"));
  sample_table unnamed{array("5:uint8")};
  CAF_CHECK(contains(error_of([&] { unnamed.add_column("data", array("5:uint8")); }), "cannot be called 'data'"));
}

CAF_TEST(there are at most 64 columns) {
  sample_table table{array("2:uint8")};
  for (auto i = 0; i < 64; ++i)
    table.add_column(std::to_string(i), array("2:uint8"));
  CAF_CHECK(contains(error_of([&] { table.add_column("64", array("2:uint8")); }), "at most 64 besides 'data'"));
}

CAF_TEST(the limit of bytes is for all arrays together) {
  sample_table table{array("5:uint8"), {}, 14};
  table.add_column("a", array("5:uint8"));
  CAF_CHECK_EQUAL(error_of([&] { table.add_column("b", array("5:uint8")); }),
                  "with array 'b' the dataset takes 15 bytes, which is more than the limit of 14");
}

} // namespace dispatch::dataset
