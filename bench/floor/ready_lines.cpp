#include "bench/floor/ready_lines.hpp"

#include "dataset/data_error.hpp"
#include "dataset/dataset_catalog.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch::bench {

std::vector<shared_bytes> encode_dataset(const std::string& name, std::int32_t batch_size) {
  const auto catalog = dataset::load_catalog({});
  const auto samples = catalog.find(name);
  if (!samples)
    throw dataset::data_error("there is no bundled dataset '" + name + "'");
  std::vector<shared_bytes> frames;
  const auto count = samples->batch_count(batch_size);
  for (std::int32_t i = 0; i < count; ++i)
    frames.push_back(
      encode_classic_text({i, false, {{{}, received_bytes{std::string{samples->batch(batch_size, i)}}}}}));
  return frames;
}

} // namespace dispatch::bench
