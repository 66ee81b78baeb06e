#include "bench/floor/ready_lines.hpp"

#include "bench/floor/bundled_table.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch::bench {

std::vector<ready_frame> encode_dataset(const std::string& name, std::int32_t batch_size) {
  const auto table = bundled_table(name);
  const auto& samples = table->data();
  std::vector<ready_frame> frames;
  const auto count = samples.batch_count(batch_size);
  for (std::int32_t i = 0; i < count; ++i)
    frames.push_back(
      {encode_classic_text({i, false, {{{}, received_bytes{std::string{samples.batch(batch_size, i)}}}}}), {}});
  return frames;
}

} // namespace dispatch::bench
