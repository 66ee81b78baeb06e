#include "io/grpc/grpc_calls.hpp"

#include <utility>

namespace dispatch::io {

void grpc_calls::add(std::shared_ptr<cancellable> call) {
  std::vector<call_ptr> released;
  const std::lock_guard guard{mutex_};
  released.swap(ended_);
  under_way_.insert(std::move(call));
}

void grpc_calls::end(std::shared_ptr<cancellable> call) {
  const std::lock_guard guard{mutex_};
  under_way_.erase(call);
  ended_.push_back(std::move(call));
  // Under the lock: once it is released, drain() may return and its caller destroy this object.
  if (under_way_.empty())
    empty_.notify_all();
}

void grpc_calls::drain() {
  std::unique_lock guard{mutex_};
  // A copy, because cancelling may run a callback that ends its call, here and now.
  const auto to_cancel = under_way_;
  guard.unlock();
  for (const auto& call : to_cancel)
    call->cancel();
  guard.lock();
  empty_.wait(guard, [this] { return under_way_.empty(); });
  ended_.clear();
}

} // namespace dispatch::io
