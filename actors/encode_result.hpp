#pragma once

#include <caf/actor_clock.hpp>

#include "messages/batch_source.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch {

/// Encodes what a call has brought, and notes how long that takes.
inline frame_ptr encode_result(const batch_result& result, const caf::actor_clock& clock) {
  const auto began = clock.now();
  auto encoded = encode_frame(result.batch_index, result.is_last, result.data.pieces());
  encoded->encoding_took(clock.now() - began);
  return encoded;
}

} // namespace dispatch
