#include "io/tcp/coalescing_multiplexer.hpp"

#include <caf/actor_system.hpp>
#include <caf/make_counted.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <thread>

namespace dispatch::io {

class coalescing_multiplexer::wakeup : public caf::io::network::multiplexer::runnable {
public:
  explicit wakeup(coalescing_multiplexer& owner) : owner_(owner) {}

  resume_result resume(caf::execution_unit*, std::size_t) override {
    owner_.take_over();
    return done;
  }

private:
  coalescing_multiplexer& owner_;
};

coalescing_multiplexer::coalescing_multiplexer(caf::actor_system* system)
  : super(system),
    wakeup_(caf::make_counted<wakeup>(*this)) {}

coalescing_multiplexer::~coalescing_multiplexer() {
  for (auto* job : posted_)
    caf::scheduler::abstract_coordinator::cleanup_and_release(job);
}

void coalescing_multiplexer::exec_later(caf::resumable* job) {
  const auto runs_here =
    job->subtype() == caf::resumable::io_actor || job->subtype() == caf::resumable::function_object;
  if (!runs_here || std::this_thread::get_id() == thread_id()) {
    super::exec_later(job);
    return;
  }
  auto is_first = false;
  {
    const std::lock_guard guard{mutex_};
    is_first = posted_.empty();
    posted_.push_back(job);
  }
  if (!is_first)
    return;
  // The pipe owns a reference until the wake-up is read from it.
  wakeup_->ref();
  super::exec_later(wakeup_.get());
}

void coalescing_multiplexer::take_over() {
  {
    const std::lock_guard guard{mutex_};
    taken_.swap(posted_);
  }
  for (auto* job : taken_)
    super::exec_later(job);
  taken_.clear();
}

} // namespace dispatch::io
