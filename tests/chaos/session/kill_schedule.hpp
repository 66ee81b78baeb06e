#pragma once

#include <cstdint>

#include "tests/chaos/draw.hpp"

namespace dispatch::chaos {

/// One SIGKILL of the dispatcher.
struct kill_event {
  milliseconds at{0};   ///< since the start of the schedule
  milliseconds away{0}; ///< until it is started again
};

/// When the dispatcher is killed, one time after another without an end: a pure function of the seed.
class kill_schedule {
public:
  explicit kill_schedule(std::uint64_t seed) : random_(random_source{seed ^ 0x6b696c6c}.next()) {} // "kill"

  kill_event next() {
    kill_event result;
    result.at = free_at_ + draw_between(random_, milliseconds{300}, milliseconds{5000});
    result.away = draw_between(random_, milliseconds{0}, milliseconds{500});
    free_at_ = result.at + result.away;
    return result;
  }

private:
  random_source random_;
  milliseconds free_at_{0};
};

} // namespace dispatch::chaos
