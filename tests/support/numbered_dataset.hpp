#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "wire/batch.hpp"
#include "wire/dataset_description.hpp"
#include "wire/session/session_column.hpp"

namespace dispatch::test {

/// A dataset whose samples say which they are: `x` has the sample's number in two bytes, `label` its lower byte.
struct numbered_dataset {
  std::int32_t samples = 35;
  /// Samples in a block.
  std::int32_t block = 10;

  dataset_description description() const { return {"numbers", samples, {2}, "uint8", "x", {{"label", {}, "uint8"}}}; }

  std::vector<session_column> columns() const { return columns_of(description()); }

  /// A batch of these samples.
  static received_batch batch_of(const std::vector<std::int64_t>& numbers, std::int32_t index = 0) {
    std::string x;
    std::string label;
    for (const auto number : numbers) {
      x.push_back(static_cast<char>(number & 255));
      x.push_back(static_cast<char>(number >> 8));
      label.push_back(static_cast<char>(number & 255));
    }
    return {index, false, {{{}, received_bytes{std::move(x)}}, {"label", received_bytes{std::move(label)}}}};
  }

  received_batch received_block(std::int32_t index) const {
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = std::int64_t{index} * block; i < std::min<std::int64_t>((index + 1) * block, samples); ++i)
      numbers.push_back(i);
    return batch_of(numbers, index);
  }

  batch_ptr block_at(std::int32_t index) const { return std::make_shared<const batch>(received_block(index)); }
};

/// The numbers that the bytes of `x` say.
inline std::vector<std::int64_t> numbers_of(const std::string& x) {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i + 1 < x.size(); i += 2)
    result.push_back(static_cast<unsigned char>(x[i]) + 256 * static_cast<unsigned char>(x[i + 1]));
  return result;
}

inline std::vector<std::int64_t> numbers_of(const received_batch& from) {
  const auto& x = from.columns.at(0).bytes;
  return numbers_of(x.prefix(x.size()));
}

} // namespace dispatch::test
