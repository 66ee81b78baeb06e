#pragma once

#include <cstddef>

namespace dispatch {

/// Sets up memory for a process that holds many batches; once, before the first thread. `malloc` keeps what is freed
/// for the next batch: by default it gives blocks of that size back to the kernel at once, and every batch then pays
/// for its pages again (docs/performance.md). What batches become and the cache keeps lies in a `slab_memory`, which is
/// `std::pmr`'s default from then on.
void tune_allocator();

/// Makes memory ready for the first batches, so that no consumer waits for its pages. Takes milliseconds.
/// @param most_bytes what batches will take at most
void prepare_batch_memory(std::size_t most_bytes);

/// Gives memory back to the kernel that has not been needed again. May take milliseconds.
void return_unused_memory();

} // namespace dispatch
