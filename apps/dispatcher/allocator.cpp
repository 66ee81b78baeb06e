#include "apps/dispatcher/allocator.hpp"

#include <malloc.h>
#include <string.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include <memory_resource>

#include "apps/dispatcher/slab_memory.hpp"

namespace dispatch {

namespace {

/// The largest that glibc takes; a batch of more is rare enough to get pages of its own.
constexpr int mmap_threshold = 32 << 20;

/// Free memory at a heap's end that is kept between two visits of `return_unused_memory`.
constexpr int trim_threshold = 64 << 20;

/// All threads share one heap, so that what is touched at the start is what gRPC receives into. glibc would make eight
/// for each core, give back the end of the first only, and so come to keep the most that there ever was in each.
constexpr int heaps = 1;

/// What is kept even then, so that a steady load finds it again.
constexpr std::size_t kept = std::size_t{16} << 20;

/// Slabs of 2 MiB that are ready when the service starts, at most: the first consumer of a dataset of 48 MiB waits for
/// none.
constexpr std::size_t ready_at_start = 24;

/// Those that are kept ready later. What was filled once is used again.
constexpr std::size_t kept_ready = 8;

/// Not destroyed: batches may outlive whatever ends.
slab_memory& batch_memory() {
  static auto* const made = new slab_memory{kept_ready};
  return *made;
}

/// Has the kernel bring the memory that the heap keeps.
void touch_heap() {
  auto* memory = std::malloc(kept);
  // A compiler may leave out what is only set and freed.
  if (memory != nullptr)
    ::explicit_bzero(memory, kept);
  std::free(memory);
}

} // namespace

void tune_allocator() {
  ::mallopt(M_ARENA_MAX, heaps);
  ::mallopt(M_MMAP_THRESHOLD, mmap_threshold);
  ::mallopt(M_TRIM_THRESHOLD, trim_threshold);
  std::pmr::set_default_resource(&batch_memory());
}

void prepare_batch_memory(std::size_t most_bytes) {
  batch_memory().make_ready(std::min(ready_at_start, most_bytes / huge_pages::page_bytes));
  // What gRPC receives lies in the heap until it has become text.
  touch_heap();
}

void return_unused_memory() {
  ::malloc_trim(kept);
}

} // namespace dispatch
