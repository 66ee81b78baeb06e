#pragma once

#include "dataset/call_wait.hpp"
#include "dataset/fault_plan.hpp"

#include <grpcpp/support/status.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_set>

namespace dispatch::dataset {

/// Makes the faults of a plan happen to the batches of all calls. From any thread; outlives the calls.
class fault_injector {
public:
  /// @param status OK: send the batch; else: end the call with it
  /// @param changes what is to be wrong about the batch
  using continuation = std::function<void(const grpc::Status& status, const distortion& changes)>;

  explicit fault_injector(const fault_plan& plan) : plan_(plan) {}

  /// Counts a batch and decides its fate. Calls `then` once: at once when there is nothing to wait for, else
  /// on one of gRPC's threads.
  /// @param wait of the batch's call; must live until `then` is called
  /// @param index of the batch in its dataset
  void next_batch(call_wait& wait, std::int32_t index, continuation then);

  /// Ends the calls that hang, and those that would hang from now on, with UNAVAILABLE.
  void end_hung_calls();

private:
  using ending = std::function<void(const grpc::Status& status)>;

  void delay(call_wait& wait, std::chrono::milliseconds time, grpc::Status status, ending then);
  void hang(call_wait& wait, ending then);

  fault_plan plan_;
  std::atomic<std::uint64_t> batches_{0};
  std::mutex mutex_;
  bool ending_ = false;
  std::unordered_set<call_wait*> hung_;
};

} // namespace dispatch::dataset
