#include "tests/chaos/expected_pass.hpp"

#include <utility>

#include "apps/pull/sample_digest.hpp"
#include "tests/support/plain_base64.hpp"

namespace dispatch::chaos {

expected_pass::expected_pass(dataset::sample_array samples, std::int32_t batch_size)
  : samples_(std::move(samples)),
    batch_size_(batch_size),
    batches_(samples_.batch_count(batch_size)) {
  pull::sample_digest digest;
  digest.add(samples_.batch(samples_.total_samples(), 0));
  digest_ = digest.hex();
}

std::string expected_pass::line(std::int32_t index, std::string_view client_id) const {
  const auto number = std::to_string(index);
  return "{\"batch_id\":" + number + ",\"batch_index\":" + number + ",\"batch_data\":[\""
         + test::plain_base64(batch(index)) + "\"],\"client_id\":\"" + std::string{client_id}
         + "\",\"EOF\":" + (index + 1 == batches_ ? "true" : "false") + "}\n";
}

std::uint64_t expected_pass::wire_bytes() const {
  return samples_.batch(samples_.total_samples(), 0).size() / 3 * 4;
}

} // namespace dispatch::chaos
