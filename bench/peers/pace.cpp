#include "bench/peers/pace.hpp"

namespace dispatch::bench {

bool pace::wait_for_room() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return closed_ || published_ < ahead_ || published_ - ahead_ < taken_; });
  ++published_;
  return !closed_;
}

void pace::taken(std::uint64_t frames) {
  const std::lock_guard lock{mutex_};
  if (frames == taken_)
    return;
  taken_ = frames;
  changed_.notify_one();
}

bool pace::closed() {
  const std::lock_guard lock{mutex_};
  return closed_;
}

void pace::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  changed_.notify_one();
}

} // namespace dispatch::bench
