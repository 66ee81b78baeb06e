#define CAF_SUITE dataset_info

#include "io/grpc/dataset_info.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

#include "dataset_service.pb.h"

using dispatch::column_description;
using dispatch::dataset_description;
using dispatch::io::read_dataset_info;

namespace {

using message = ::dataset_service::DatasetInfo;

message mnist() {
  message result;
  result.set_dataset_name("mnist");
  result.set_total_samples(10'000);
  for (const auto size : {1, 28, 28})
    result.add_sample_shape(size);
  result.set_data_type("float32");
  return result;
}

void add_column(message& info, const std::string& name) {
  auto& column = *info.add_columns();
  column.set_name(name);
  column.add_shape(2);
  column.set_data_type("int64");
}

dataset_description description_of(const message& info) {
  const auto read = read_dataset_info(info);
  CAF_REQUIRE(std::holds_alternative<dataset_description>(read));
  return std::get<dataset_description>(read);
}

std::string problem_of(const message& info) {
  const auto read = read_dataset_info(info);
  const auto* problem = std::get_if<std::string>(&read);
  return problem != nullptr ? *problem : "";
}

} // namespace

CAF_TEST(a service without columns is described as ever) {
  CAF_CHECK(description_of(mnist()) == (dataset_description{"mnist", 10'000, {1, 28, 28}, "float32"}));
  CAF_CHECK(description_of(message{}) == dataset_description{});
}

CAF_TEST(columns and the name of data are read) {
  auto info = mnist();
  info.set_data_name("image");
  add_column(info, "label");
  add_column(info, "data");
  const dataset_description expected{"mnist",   10'000,  {1, 28, 28},
                                     "float32", "image", {{"label", {2}, "int64"}, {"data", {2}, "int64"}}};
  CAF_CHECK(description_of(info) == expected);
}

CAF_TEST(columns that cannot be told apart are a problem that names the column) {
  auto twice = mnist();
  for (const auto* name : {"label", "box", "label"})
    add_column(twice, name);
  CAF_CHECK_EQUAL(problem_of(twice),
                  "the dataset service describes columns that cannot be used: there is more than one "
                  "column 'label'");
  auto unnamed = mnist();
  add_column(unnamed, "label");
  add_column(unnamed, "");
  CAF_CHECK(problem_of(unnamed).find("column 2 of 2 has no name") != std::string::npos);
}

CAF_TEST(no column has the name of data) {
  auto info = mnist();
  add_column(info, "data");
  CAF_CHECK(problem_of(info).find("column 'data' has the name of data") != std::string::npos);
  info.set_data_name("image");
  CAF_CHECK_EQUAL(problem_of(info), "");
  add_column(info, "image");
  CAF_CHECK(problem_of(info).find("column 'image' has the name of data") != std::string::npos);
}

CAF_TEST(a problem is one line) {
  auto info = mnist();
  add_column(info, "a\nb");
  add_column(info, "a\nb");
  CAF_CHECK(problem_of(info).find("'a b'") != std::string::npos);
}

CAF_TEST(there are at most as many columns as a batch may have) {
  auto info = mnist();
  for (auto i = 0; i < 64; ++i)
    add_column(info, std::to_string(i));
  CAF_CHECK_EQUAL(description_of(info).columns.size(), 64u);
  add_column(info, "64");
  CAF_CHECK(problem_of(info).find("there are 65 of them where a batch has at most 64") != std::string::npos);
}
