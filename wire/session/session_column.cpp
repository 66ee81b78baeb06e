#include "wire/session/session_column.hpp"

#include "wire/batch_layout.hpp"

namespace dispatch {

namespace {

constexpr const char* default_name = "data";

/// Without a module in front, as in `torch.uint8`.
std::string plain_type(const std::string& data_type) {
  return data_type.substr(data_type.rfind('.') + 1); // npos + 1 is 0
}

} // namespace

std::vector<session_column> columns_of(const dataset_description& description) {
  std::vector<session_column> result;
  result.push_back({description.data_name.empty() ? default_name : description.data_name,
                    {},
                    plain_type(description.data_type),
                    description.sample_shape,
                    sample_bytes_of(description)});
  for (const auto& each : description.columns)
    result.push_back({each.name, each.name, plain_type(each.data_type), each.sample_shape,
                      sample_bytes_of({{}, 0, each.sample_shape, each.data_type})});
  return result;
}

} // namespace dispatch
