#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "apps/dispatcher/early_exit.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch {

/// What `dispatcher order` is asked for.
struct order_options {
  /// The order, and where the steps are counted from: an epoch's beginning, or the place of a cursor.
  session_cursor from;
  /// `from` was given as a cursor, and so the steps have cursors too.
  bool has_cursor = false;
  shard_spec shard;
  std::int64_t batch_size = 1;
  epoch_end ends = epoch_end::uneven;
  std::int64_t first_step = 0;
  /// What says which one that is.
  std::string first_step_option = "--step";
  /// How many; at least 1.
  std::int64_t steps = 1;
  /// Where this sample stands, and no steps.
  std::optional<std::int64_t> sample;
  bool json = false;
};

/// No call prints more samples.
inline constexpr std::int64_t most_printed_samples = 10'000'000;

/// Reads the options of `dispatcher order`. Neither the environment nor a file adds any.
/// @param arguments what stands after `order`
/// @returns the options; or the help, or what is wrong with them
std::variant<order_options, early_exit> read_order_options(const std::vector<std::string>& arguments);

} // namespace dispatch
