#include "dataset/call_wait.hpp"

#include <grpc/support/time.h>

#include <utility>

namespace dispatch::dataset {

void call_wait::wait_for(std::chrono::milliseconds time, continuation then) {
  auto now = gpr_now(GPR_CLOCK_MONOTONIC);
  wait_until(gpr_time_add(now, gpr_time_from_millis(time.count(), GPR_TIMESPAN)), std::move(then));
}

void call_wait::wait_for_interrupt(continuation then) {
  wait_until(gpr_inf_future(GPR_CLOCK_MONOTONIC), std::move(then));
}

void call_wait::wait_until(gpr_timespec deadline, continuation then) {
  {
    std::lock_guard lock{mutex_};
    if (!interrupted_) {
      // A new one for each wait: the callback of the one before may still be running.
      alarm_ = std::make_unique<grpc::Alarm>();
      // The alarm calls back on another thread, never from within Set or Cancel.
      alarm_->Set(deadline, std::move(then));
      return;
    }
  }
  then(false);
}

void call_wait::interrupt() {
  std::lock_guard lock{mutex_};
  interrupted_ = true;
  if (alarm_)
    alarm_->Cancel();
}

} // namespace dispatch::dataset
