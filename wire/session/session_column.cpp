#include "wire/session/session_column.hpp"

#include <algorithm>

#include "wire/sample_size.hpp"

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
    result.push_back({each.name, each.name, plain_type(each.data_type), each.sample_shape, sample_bytes_of(each)});
  return result;
}

std::uint64_t row_bytes_of(const std::vector<session_column>& columns) noexcept {
  std::uint64_t sum = 0;
  for (const auto& each : columns)
    sum += each.row_bytes;
  return sum;
}

const received_bytes& bytes_of(const received_batch& from, const session_column& wanted) {
  static const received_bytes none;
  const auto found = std::find_if(from.columns.begin(), from.columns.end(),
                                  [&](const column& each) { return each.name == wanted.received_name; });
  return found != from.columns.end() ? found->bytes : none;
}

std::optional<std::string> block_misfit(const std::vector<session_column>& columns, const order_spec& order,
                                        const received_batch& block) {
  const auto due = std::min(order.block, order.samples - block.index * order.block);
  const auto rows = static_cast<std::uint64_t>(std::max<std::int64_t>(due, 0));
  for (const auto& each : columns)
    if (const auto got = bytes_of(block, each).size(); got != rows * each.row_bytes)
      return "column '" + each.name + "' of block " + std::to_string(block.index) + " has " + std::to_string(got)
             + " bytes where " + std::to_string(rows) + " rows of " + std::to_string(each.row_bytes)
             + " bytes are due: the dataset service does not make blocks of " + std::to_string(order.block)
             + " samples any more";
  return std::nullopt;
}

} // namespace dispatch
