#include "bench/peers/ready_pass.hpp"

#include <algorithm>

#include "bench/floor/ready_lines.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch::bench {

std::vector<std::string> ready_pass(std::size_t frames) {
  const auto texts = encode_dataset("mnist", 30);
  const auto count = std::min(frames, texts.size());
  // Of the usual length.
  const auto client = client_id_of("127.0.0.1:50000");
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i)
    lines.push_back(std::string{texts[i].head.view()} + encode_classic_tail(client, i + 1 == count));
  return lines;
}

} // namespace dispatch::bench
