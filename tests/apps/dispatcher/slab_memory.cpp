#define CAF_SUITE slab_memory

#include "apps/dispatcher/slab_memory.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <utility>
#include <vector>

using dispatch::huge_pages;
using dispatch::slab_memory;

namespace {

constexpr std::size_t slab = huge_pages::page_bytes;
constexpr std::size_t kib = 1024;

struct block {
  char* begin;
  std::size_t bytes;
  char mark;
};

block take(slab_memory& memory, std::size_t bytes, char mark = 'x') {
  auto* begin = static_cast<char*>(memory.allocate(bytes));
  std::memset(begin, mark, bytes);
  return {begin, bytes, mark};
}

void give_back(slab_memory& memory, const block& taken) {
  memory.deallocate(taken.begin, taken.bytes);
}

bool is_whole(const block& taken) {
  return std::all_of(taken.begin, taken.begin + taken.bytes, [&](char each) { return each == taken.mark; });
}

std::vector<block> take(slab_memory& memory, std::size_t bytes, int count) {
  std::vector<block> result;
  for (auto i = 0; i < count; ++i)
    result.push_back(take(memory, bytes));
  return result;
}

} // namespace

CAF_TEST(memory of huge pages begins at a multiple of their size and can be written) {
  for (const std::size_t count : {1, 3}) {
    huge_pages made{count};
    CAF_CHECK_EQUAL(reinterpret_cast<std::uintptr_t>(made.begin()) % huge_pages::page_bytes, 0u);
    CAF_CHECK_EQUAL(made.bytes(), count * huge_pages::page_bytes);
    made.touch();
    made.begin()[made.bytes() - 1] = 'x';
    auto moved = std::move(made);
    CAF_CHECK_EQUAL(moved.begin()[moved.bytes() - 1], 'x');
    CAF_CHECK(made.begin() == nullptr);
  }
}

CAF_TEST(blocks of one size share a slab) {
  slab_memory memory{0};
  // 16 blocks of 128 KiB.
  auto taken = take(memory, 125 * kib, 16);
  CAF_CHECK_EQUAL(memory.bytes(), slab);
  taken.push_back(take(memory, 125 * kib));
  CAF_CHECK_EQUAL(memory.bytes(), 2 * slab);
  for (const auto& each : taken)
    give_back(memory, each);
  CAF_CHECK_EQUAL(memory.bytes(), 0u);
}

CAF_TEST(at most an eighth of a slab is unused) {
  slab_memory memory{0};
  for (const std::size_t bytes : {33 * kib, 100 * kib, 257 * kib, 300 * kib, 1000 * kib, 2049 * kib, 4096 * kib}) {
    std::vector<block> taken{take(memory, bytes)};
    const auto whole = memory.bytes();
    while (memory.bytes() == whole)
      taken.push_back(take(memory, bytes));
    CAF_CHECK_GREATER_OR_EQUAL((taken.size() - 1) * bytes, whole - whole / 8 - taken.size() * 4 * kib);
    for (const auto& each : taken)
      give_back(memory, each);
    CAF_CHECK_EQUAL(memory.bytes(), 0u);
  }
}

CAF_TEST(the slab with the lowest address is filled first) {
  slab_memory memory{0};
  const auto taken = take(memory, 125 * kib, 48);
  CAF_CHECK_EQUAL(memory.bytes(), 3 * slab);
  const auto slab_of = [](const block& each) { return reinterpret_cast<std::uintptr_t>(each.begin) / slab; };
  const auto lowest =
    std::min_element(taken.begin(), taken.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  // One block of each slab is free, of the lowest one last.
  for (const auto highest_first : {2, 1, 0})
    for (const auto& each : taken)
      if (slab_of(each) == slab_of(*lowest) + highest_first) {
        give_back(memory, each);
        break;
      }
  CAF_CHECK_EQUAL(slab_of(take(memory, 125 * kib)), slab_of(*lowest));
}

CAF_TEST(slabs that are made ready are used and become ready again up to a number) {
  slab_memory memory{1};
  memory.make_ready(3);
  CAF_CHECK_EQUAL(memory.bytes(), 3 * slab);
  const auto taken = take(memory, 125 * kib, 48);
  CAF_CHECK_EQUAL(memory.bytes(), 3 * slab);
  for (const auto& each : taken)
    give_back(memory, each);
  CAF_CHECK_EQUAL(memory.bytes(), slab);
  memory.make_ready(1);
  CAF_CHECK_EQUAL(memory.bytes(), slab);
}

CAF_TEST(what is small or very large comes from the heap) {
  slab_memory memory{0};
  for (const std::size_t bytes : {std::size_t{1}, 32 * kib - 1, 4096 * kib + 1}) {
    const auto taken = take(memory, bytes);
    CAF_CHECK_EQUAL(memory.bytes(), 0u);
    give_back(memory, taken);
  }
}

CAF_TEST(no two blocks overlap in whatever order they come and go in several threads) {
  slab_memory memory{2};
  const auto work = [&](std::uint64_t seed) {
    std::mt19937_64 random{seed};
    std::vector<block> taken;
    auto broken = 0;
    for (auto i = 0; i < 3000; ++i) {
      if (taken.size() < 20 || (taken.size() < 60 && random() % 2 == 0)) {
        const std::size_t bytes = (30 + random() % 4 * 90) * kib;
        taken.push_back(take(memory, bytes, static_cast<char>(random())));
        continue;
      }
      std::swap(taken[random() % taken.size()], taken.back());
      broken += is_whole(taken.back()) ? 0 : 1;
      give_back(memory, taken.back());
      taken.pop_back();
    }
    for (const auto& each : taken) {
      broken += is_whole(each) ? 0 : 1;
      give_back(memory, each);
    }
    return broken;
  };
  std::vector<int> broken(3);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < broken.size(); ++i)
    threads.emplace_back([&, i] { broken[i] = work(i + 1); });
  for (auto& each : threads)
    each.join();
  CAF_CHECK_EQUAL(broken, (std::vector<int>(3)));
  CAF_CHECK_LESS_OR_EQUAL(memory.bytes(), 2 * slab);
}
