#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/policy/order/sample_pass.hpp"
#include "wire/batch_layout.hpp"
#include "wire/dataset_description.hpp"
#include "wire/session/client_message.hpp"
#include "wire/session/server_lines.hpp"
#include "wire/session/session_column.hpp"

namespace dispatch::policy {

/// What a session takes that does not say otherwise.
struct session_defaults {
  std::string dataset = "mnist";
  /// Samples in a batch, and in a block.
  std::int32_t batch_size = 30;
};

/// What one session is to be given, when all is known that decides it.
struct session_plan {
  dataset_description description;
  dispatch::fingerprint fingerprint;
  /// Samples that the dataset service is asked to put into a block. It may put others there (`order.block`).
  std::int32_t asked_block = 0;
  /// With 0 samples where they cannot be counted: then the session gets whole blocks, in order.
  order_spec order;
  std::vector<skipped_range> skips;
  epoch_steps::options steps;
  std::uint64_t epoch = 0;
  std::int64_t position = 0;
  std::optional<std::uint64_t> end_epoch;
  /// Those of the dataset, and of them those that the client gets.
  std::vector<session_column> columns;
  std::vector<session_column> wanted_columns;

  const std::string& dataset() const noexcept { return description.dataset; }

  bool counts_samples() const noexcept { return order.samples > 0; }

  /// Whether most batches are blocks as a whole.
  bool is_of_blocks() const noexcept { return !order.shuffle && steps.batch_size == order.block; }

  /// Bytes of a full batch; 0 where samples cannot be counted.
  std::uint64_t batch_bytes() const noexcept;

  /// Batches of a whole epoch without skips. Only where samples are counted.
  std::int64_t batches_of_epoch() const;

  session_cursor cursor_at(std::uint64_t at_epoch, std::int64_t at_position) const;
};

/// Bytes of samples that a window holds by default, and the least number of its blocks.
inline constexpr std::uint64_t window_bytes = std::uint64_t{64} << 20;
inline constexpr std::int64_t least_window = 16;

/// The dataset that a session wants.
std::variant<std::string, failure> dataset_of(const hello& asked, const session_defaults& defaults);

/// Samples of a block that the dataset service is to be asked for.
std::int32_t block_of(const hello& asked, const session_defaults& defaults);

/// Puts together what the session gets, or says why it cannot be had.
/// @param layout what batch 0 shows; unknown where samples cannot be counted
std::variant<session_plan, failure> plan_session(const hello& asked, const session_defaults& defaults,
                                                 const dataset_description& description, const batch_layout& layout);

} // namespace dispatch::policy
