#pragma once

#include <cstdint>
#include <optional>

#include "wire/group/group_record.hpp"

namespace dispatch {

/// A group of `samples` samples in batches of one.
inline group_spec spec_of(std::int64_t samples, std::optional<std::uint64_t> epochs = 1) {
  group_spec result;
  result.start.dataset = "numbers";
  result.start.order.samples = samples;
  result.start.order.block = 10;
  result.end_epoch = epochs;
  return result;
}

inline kept_group state_of(const group_spec& spec) {
  kept_group result;
  result.group.name = "run";
  result.group.spec = spec;
  result.group.next = {spec.start.epoch, 0};
  return result;
}

} // namespace dispatch
