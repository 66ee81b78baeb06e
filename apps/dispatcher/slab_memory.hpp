#pragma once

#include <cstddef>
#include <map>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "apps/dispatcher/huge_pages.hpp"

namespace dispatch {

/// Memory for the bytes of batches. They are large, many have the same size, and the cache keeps them: taken from the
/// heap, they cost a page fault for every 4 KiB. Here blocks of one size share a slab of huge pages.
///
///     block = bytes, rounded up to a multiple of 4 KiB
///     slab  = max(1, ceil(8 * block / 2 MiB)) huge pages, so at most an eighth of it is unused
///     ready = slabs of one huge page that are touched and free
///
/// The slab with the lowest address that has room gives the next block, so that others become free. A free slab is
/// kept ready where there are few of these, and goes back to the kernel otherwise. What is smaller than 32 KiB or
/// larger than 4 MiB comes from the heap. For any number of threads.
class slab_memory : public std::pmr::memory_resource {
public:
  /// @param most_ready a slab that becomes free is kept ready while fewer than this are
  explicit slab_memory(std::size_t most_ready) : most_ready_(most_ready) {}

  /// Makes slabs ready until there are so many, which takes some 0.1 ms for each. For a thread that no consumer waits
  /// for.
  void make_ready(std::size_t count);

  /// Bytes of all slabs, also of those that are ready.
  std::size_t bytes() const;

private:
  struct slab {
    huge_pages memory;
    std::size_t block_bytes;
    std::size_t blocks;
    /// Those that were given back. The others are in use, or behind `never_used`.
    std::vector<char*> free{};
    std::size_t never_used = 0;
    std::size_t in_use = 0;
  };

  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  slab& slab_with_room(std::size_t block_bytes);
  huge_pages take_pages(std::size_t count);
  static char* take_block(slab& from);

  std::size_t most_ready_;
  mutable std::mutex mutex_;
  std::map<const char*, slab> slabs_;                      // by their beginning; guarded by mutex_
  std::map<std::size_t, std::set<const char*>> with_room_; // by bytes of a block; guarded by mutex_
  std::vector<huge_pages> ready_;                          // guarded by mutex_
  std::size_t bytes_in_slabs_ = 0;                         // guarded by mutex_
};

} // namespace dispatch
