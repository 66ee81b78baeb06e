#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace dispatch::io {

/// A call that can be told to end.
class cancellable {
public:
  virtual ~cancellable() = default;

  /// Makes the call end soon; its callback runs as for any other end, perhaps here and now. No effect after its end.
  virtual void cancel() = 0;
};

/// The calls of one channel that are under way. gRPC runs their callbacks in threads of its own, and nobody waits for
/// these unless we do. A call refers to its channel, and a channel whose last reference goes inside a callback
/// deadlocks: so calls that have ended are kept until their owner comes by.
class grpc_calls {
public:
  /// Registers a call before it starts. Only by the owner, not in a callback.
  void add(std::shared_ptr<cancellable> call);

  /// The callback of a call is done with everything but its return; it gives its own reference away. Afterwards it must
  /// not touch anything that the owner may destroy.
  void end(std::shared_ptr<cancellable> call);

  /// Cancels the calls under way and waits for them (1 ms for 20 calls, measured). Only by the owner, not in a
  /// callback.
  void drain();

private:
  using call_ptr = std::shared_ptr<cancellable>;

  std::mutex mutex_;
  std::condition_variable empty_;
  std::unordered_set<call_ptr> under_way_;
  std::vector<call_ptr> ended_;
};

} // namespace dispatch::io
