#pragma once

#include <grpcpp/alarm.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace dispatch::dataset {

/// Lets a call wait without holding a thread. One wait at a time; the owner is not destroyed before the
/// wait's continuation was called.
class call_wait {
public:
  /// Called exactly once for each wait, on one of gRPC's threads or (when the call was interrupted before) at
  /// once.
  /// @param elapsed false when the wait was interrupted
  using continuation = std::function<void(bool elapsed)>;

  call_wait() = default;
  call_wait(const call_wait&) = delete;
  call_wait& operator=(const call_wait&) = delete;

  /// Waits for a time.
  void wait_for(std::chrono::milliseconds time, continuation then);

  /// Waits until interrupted.
  void wait_for_interrupt(continuation then);

  /// Ends the wait, if there is one, and each later one. From any thread.
  void interrupt();

private:
  void wait_until(gpr_timespec deadline, continuation then);

  std::mutex mutex_;
  bool interrupted_ = false;
  std::unique_ptr<grpc::Alarm> alarm_;
};

} // namespace dispatch::dataset
