#include "tests/chaos/growth.hpp"

namespace dispatch::chaos {

namespace {

/// gRPC starts and ends threads of its own as it needs them, and keeps what wakes them.
constexpr std::uint64_t grpc_threads = 4;
constexpr std::uint64_t grpc_descriptors = 12;

/// An allocator gives back what is free in pieces, and in its own time.
constexpr std::uint64_t allocator_bytes = 32 << 20;

std::string grown(const std::string& what, std::uint64_t before, std::uint64_t after) {
  return what + " have grown from " + std::to_string(before) + " to " + std::to_string(after);
}

} // namespace

std::vector<std::string> growth_between(const calm_state& before, const calm_state& after, bool with_memory) {
  std::vector<std::string> problems;
  const auto compare = [&problems](const char* what, std::uint64_t then, std::uint64_t now, std::uint64_t more) {
    if (now > then + more)
      problems.push_back(grown(what, then, now));
  };
  compare("descriptors", before.held.descriptors, after.held.descriptors, grpc_descriptors);
  compare("client connections", before.held.clients, after.held.clients, 0);
  compare("upstream connections", before.held.upstream, after.held.upstream, 0);
  compare("actors", before.actors, after.actors, 0);
  compare("threads", before.held.threads, after.held.threads, grpc_threads);
  if (with_memory)
    compare("bytes of memory", before.held.rss_bytes, after.held.rss_bytes,
            before.held.rss_bytes / 10 + allocator_bytes);
  return problems;
}

} // namespace dispatch::chaos
