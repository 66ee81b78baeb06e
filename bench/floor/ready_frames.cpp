#include "bench/floor/ready_frames.hpp"

#include "dataset/data_error.hpp"
#include "dataset/dataset_catalog.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch::bench {

std::vector<frame_ptr> encode_dataset(const std::string& name, std::int32_t batch_size) {
  const auto catalog = dataset::load_catalog({});
  const auto samples = catalog.find(name);
  if (!samples)
    throw dataset::data_error("there is no bundled dataset '" + name + "'");
  std::vector<frame_ptr> frames;
  const auto count = samples->batch_count(batch_size);
  for (std::int32_t i = 0; i < count; ++i)
    frames.push_back(encode_frame(i, i + 1 == count, samples->batch(batch_size, i)));
  return frames;
}

} // namespace dispatch::bench
