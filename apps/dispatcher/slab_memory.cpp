#include "apps/dispatcher/slab_memory.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dispatch {

namespace {

constexpr std::size_t least_bytes = std::size_t{32} << 10;
constexpr std::size_t most_bytes = std::size_t{4} << 20;
constexpr std::size_t least_blocks = 8;
constexpr std::size_t granularity = 4096;

bool is_for_heap(std::size_t bytes, std::size_t alignment) {
  return bytes < least_bytes || bytes > most_bytes || alignment > granularity;
}

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

std::size_t pages_of_slab(std::size_t block_bytes) {
  return rounded_up(least_blocks * block_bytes, huge_pages::page_bytes) / huge_pages::page_bytes;
}

} // namespace

void slab_memory::make_ready(std::size_t count) {
  const auto lacks = [&] {
    const std::lock_guard guard{mutex_};
    return ready_.size() < count;
  };
  while (lacks()) {
    huge_pages made{1};
    made.touch();
    const std::lock_guard guard{mutex_};
    ready_.push_back(std::move(made));
  }
}

std::size_t slab_memory::bytes() const {
  const std::lock_guard guard{mutex_};
  return bytes_in_slabs_ + ready_.size() * huge_pages::page_bytes;
}

void* slab_memory::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (is_for_heap(bytes, alignment))
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  const auto block_bytes = rounded_up(bytes, granularity);
  const std::lock_guard guard{mutex_};
  auto& from = slab_with_room(block_bytes);
  auto* block = take_block(from);
  if (from.in_use == from.blocks)
    with_room_[block_bytes].erase(from.memory.begin());
  return block;
}

slab_memory::slab& slab_memory::slab_with_room(std::size_t block_bytes) {
  auto& candidates = with_room_[block_bytes];
  if (!candidates.empty())
    return slabs_.at(*candidates.begin());
  auto memory = take_pages(pages_of_slab(block_bytes));
  const auto* begin = memory.begin();
  const auto blocks = memory.bytes() / block_bytes;
  bytes_in_slabs_ += memory.bytes();
  candidates.insert(begin);
  auto& made = slabs_.emplace(begin, slab{std::move(memory), block_bytes, blocks}).first->second;
  made.free.reserve(blocks);
  return made;
}

huge_pages slab_memory::take_pages(std::size_t count) {
  if (count > 1 || ready_.empty())
    return huge_pages{count};
  auto taken = std::move(ready_.back());
  ready_.pop_back();
  return taken;
}

char* slab_memory::take_block(slab& from) {
  ++from.in_use;
  if (from.free.empty())
    return from.memory.begin() + from.block_bytes * from.never_used++;
  auto* block = from.free.back();
  from.free.pop_back();
  return block;
}

void slab_memory::do_deallocate(void* block, std::size_t bytes, std::size_t alignment) {
  if (is_for_heap(bytes, alignment))
    return std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
  auto* memory = static_cast<char*>(block);
  std::optional<huge_pages> unused; // goes back to the kernel outside of the lock
  const std::lock_guard guard{mutex_};
  const auto found = std::prev(slabs_.upper_bound(memory));
  auto& [begin, of] = *found;
  of.free.push_back(memory);
  auto& candidates = with_room_[of.block_bytes];
  candidates.insert(begin);
  if (--of.in_use > 0)
    return;
  candidates.erase(begin);
  bytes_in_slabs_ -= of.memory.bytes();
  unused = std::move(of.memory);
  slabs_.erase(found);
  if (unused->bytes() == huge_pages::page_bytes && ready_.size() < most_ready_)
    ready_.push_back(std::move(*unused));
}

} // namespace dispatch
