#pragma once

#include <cstddef>

namespace dispatch::test {

/// How many times CAF's multiplexers in this process have waited for sockets: one wait begins each round. A multiplexer
/// that has nothing to do stays in one wait; one that spins has thousands in a second. For programs that are linked
/// with `--wrap=epoll_wait`.
std::size_t multiplexer_rounds();

} // namespace dispatch::test
