#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace dispatch {

/// How many batches an upstream has brought. Shared by its account and the streams at it.
using batch_counter = std::shared_ptr<std::atomic<std::uint64_t>>;

} // namespace dispatch
