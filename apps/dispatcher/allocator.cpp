#include "apps/dispatcher/allocator.hpp"

#include <malloc.h>

#include <cstddef>

namespace dispatch {

namespace {

/// The largest that glibc takes; a batch of more is rare enough to get pages of its own.
constexpr int mmap_threshold = 32 << 20;

/// Free memory at a heap's end that is kept between two visits of `return_unused_memory`.
constexpr int trim_threshold = 64 << 20;

/// Heaps that threads share. glibc would make eight for each core, give back the end of the first only, and so come to
/// keep the most that there ever was in each: after 20,000 sessions with faults around them 65 MiB instead of 37.
constexpr int heaps = 2;

/// What is kept even then, so that a steady load finds it again.
constexpr std::size_t kept = std::size_t{8} << 20;

} // namespace

void tune_allocator() {
  ::mallopt(M_ARENA_MAX, heaps);
  ::mallopt(M_MMAP_THRESHOLD, mmap_threshold);
  ::mallopt(M_TRIM_THRESHOLD, trim_threshold);
}

void return_unused_memory() {
  ::malloc_trim(kept);
}

} // namespace dispatch
