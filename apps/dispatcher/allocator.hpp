#pragma once

namespace dispatch {

/// Makes malloc keep what is freed for the next batch. By default it gives blocks of the size of a batch back to the
/// kernel at once, and every batch then pays for its pages again (docs/performance.md). Once, before the first thread.
void tune_allocator();

/// Gives memory back to the kernel that has not been needed again. May take milliseconds.
void return_unused_memory();

} // namespace dispatch
