#include "apps/dispatcher/huge_pages.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace dispatch {

namespace {

constexpr std::size_t small_page_bytes = 4096;

char* map(std::size_t bytes) {
  auto* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw std::bad_alloc{};
  return static_cast<char*>(memory);
}

} // namespace

huge_pages::huge_pages(std::size_t count) : bytes_(count * page_bytes) {
  // The kernel has huge pages at their own multiples only: what is too much on either side goes back.
  auto* mapped = map(bytes_ + page_bytes);
  const auto before = (page_bytes - reinterpret_cast<std::uintptr_t>(mapped) % page_bytes) % page_bytes;
  begin_ = mapped + before;
  if (before > 0)
    ::munmap(mapped, before);
  ::munmap(begin_ + bytes_, page_bytes - before);
  ::madvise(begin_, bytes_, MADV_HUGEPAGE);
}

huge_pages::~huge_pages() {
  if (begin_ != nullptr)
    ::munmap(begin_, bytes_);
}

void huge_pages::touch() {
  for (std::size_t at = 0; at < bytes_; at += small_page_bytes)
    const_cast<volatile char*>(begin_)[at] = 0;
}

} // namespace dispatch
