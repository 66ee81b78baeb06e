#include "io/grpc/dataset_info.hpp"

#include <set>
#include <string_view>
#include <utility>

#include "dataset_service.pb.h"
#include "io/grpc/data_batch.hpp"
#include "io/grpc/refusal_text.hpp"

namespace dispatch::io {

namespace {

constexpr std::string_view default_data_name = "data";

/// What is wrong with the columns; empty: nothing.
std::string problem_of(const dataset_description& description) {
  const auto& columns = description.columns;
  if (columns.size() > max_columns)
    return "there are " + std::to_string(columns.size()) + " of them where a batch has at most "
           + std::to_string(max_columns);
  const auto data_name = description.data_name.empty() ? default_data_name : std::string_view{description.data_name};
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& name = columns[i].name;
    if (name.empty())
      return "column " + std::to_string(i + 1) + " of " + std::to_string(columns.size()) + " has no name";
    if (name == data_name)
      return "column '" + name + "' has the name of data";
    if (!names.insert(name).second)
      return "there is more than one column '" + name + "'";
  }
  return {};
}

dataset_description description_of(const ::dataset_service::DatasetInfo& info) {
  dataset_description result{info.dataset_name(),
                             info.total_samples(),
                             {info.sample_shape().begin(), info.sample_shape().end()},
                             info.data_type(),
                             info.data_name()};
  for (const auto& column : info.columns())
    result.columns.push_back({column.name(), {column.shape().begin(), column.shape().end()}, column.data_type()});
  return result;
}

} // namespace

std::variant<dataset_description, std::string> read_dataset_info(const ::dataset_service::DatasetInfo& info) {
  auto result = description_of(info);
  if (const auto problem = problem_of(result); !problem.empty())
    return refusal_text("the dataset service describes columns that cannot be used: " + problem);
  return result;
}

} // namespace dispatch::io
