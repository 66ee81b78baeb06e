#include "dataset/fault_injector.hpp"

#include <string>
#include <utility>

namespace dispatch::dataset {

namespace {

grpc::Status interrupted_status() {
  return {grpc::StatusCode::UNAVAILABLE, "the call ended while it waited: cancelled, or the server stops"};
}

} // namespace

void fault_injector::next_batch(call_wait& wait, std::int32_t index, continuation then) {
  auto number = batches_.fetch_add(1) + 1;
  ending end = [changes = plan_.distortion_of(number, index), then = std::move(then)](const grpc::Status& status) {
    then(status, changes);
  };
  switch (plan_.fate_of(number, index)) {
  case fault::none:
    return delay(wait, plan_.latency_of(number), grpc::Status::OK, std::move(end));
  case fault::fail:
    return delay(wait, plan_.latency_of(number),
                 {plan_.code_of(index), "made to fail: batch number " + std::to_string(number)}, std::move(end));
  case fault::hang:
    return hang(wait, std::move(end));
  }
}

void fault_injector::delay(call_wait& wait, std::chrono::milliseconds time, grpc::Status status, ending then) {
  if (time.count() <= 0)
    return then(status);
  wait.wait_for(time, [status = std::move(status), then = std::move(then)](bool elapsed) {
    then(elapsed ? status : interrupted_status());
  });
}

void fault_injector::hang(call_wait& wait, ending then) {
  auto ended = [this, &wait, then = std::move(then)](bool) {
    {
      std::lock_guard lock{mutex_};
      hung_.erase(&wait);
    }
    then(interrupted_status());
  };
  {
    std::lock_guard lock{mutex_};
    hung_.insert(&wait);
    if (ending_)
      wait.interrupt();
  }
  wait.wait_for_interrupt(std::move(ended));
}

void fault_injector::end_hung_calls() {
  std::lock_guard lock{mutex_};
  ending_ = true;
  for (auto* wait : hung_)
    wait->interrupt();
}

} // namespace dispatch::dataset
