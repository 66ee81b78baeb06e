#include "dataset/sample_order.hpp"

#include "dataset/splitmix64.hpp"

#include <numeric>
#include <utility>

namespace dispatch::dataset {

std::vector<std::int32_t> shuffled_order(std::int32_t count, std::uint64_t seed) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  splitmix64 random{seed};
  for (auto left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[random.below(left)]);
  return order;
}

void copy_batch_in_order(const sample_array& samples, const std::vector<std::int32_t>& order, std::int32_t batch_size,
                         std::int32_t index, std::string& out) {
  auto first = static_cast<std::size_t>(index) * static_cast<std::size_t>(batch_size);
  auto count = static_cast<std::size_t>(samples.batch_samples(batch_size, index));
  out.clear();
  out.reserve(count * samples.sample_bytes());
  for (auto position = first; position < first + count; ++position)
    out.append(samples.sample(order[position]));
}

} // namespace dispatch::dataset
