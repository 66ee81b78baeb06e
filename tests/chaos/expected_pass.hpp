#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dataset/sample_array.hpp"

namespace dispatch::chaos {

/// What every consumer has to get.
class expected_pass {
public:
  /// @param batch_size samples in a batch, at least 1
  expected_pass(dataset::sample_array samples, std::int32_t batch_size);

  std::int32_t batches() const noexcept { return batches_; }

  /// The samples of a batch, from 0 to `batches()` - 1.
  std::string_view batch(std::int32_t index) const noexcept { return samples_.batch(batch_size_, index); }

  /// The SHA-256 of all samples, as 64 hexadecimal digits.
  const std::string& digest() const noexcept { return digest_; }

  /// The whole line of a batch as docs/protocol.md has it, with its '\n'.
  std::string line(std::int32_t index, std::string_view client_id) const;

  /// About how many bytes a pass takes on the wire; fewer than it does take.
  std::uint64_t wire_bytes() const;

private:
  dataset::sample_array samples_;
  std::int32_t batch_size_;
  std::int32_t batches_;
  std::string digest_;
};

} // namespace dispatch::chaos
