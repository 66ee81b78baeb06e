#include "actors/batch_stream.hpp"

#include <caf/all.hpp>

#include <utility>

namespace dispatch {

batch_stream_state::batch_stream_state(batch_stream_actor::pointer self, batch_source_ptr source,
                                       const open_stream& request, const caf::strong_actor_ptr& owner,
                                       batch_counter brought)
  : self_(self),
    source_(std::move(source)),
    request_(request),
    owner_(caf::actor_cast<caf::actor_addr>(owner)),
    brought_(std::move(brought)),
    started_at_(self->clock().now()) {}

batch_stream_state::~batch_stream_state() {
  self_->demonitor(owner_);
}

batch_stream_actor::behavior_type batch_stream_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg&) { self_->quit(); });
  start();
  return {
    [this](next_batch) { return on_next(); },
    [this](batch_result& result) { on_batch(result); },
    [this](get_actor_report) { return row_of(self_, name, waiting_.empty() ? "idle" : "reading", started_at_); },
  };
}

void batch_stream_state::start() {
  reader_ = source_->open_stream(request_.dataset, request_.batch_size, caf::actor_cast<batch_result_sink>(self_));
  if (const auto owner = caf::actor_cast<caf::actor>(owner_))
    self_->monitor(owner);
  else if (owner_)
    self_->send_exit(self_, caf::exit_reason::user_shutdown);
}

caf::result<batch_ptr> batch_stream_state::on_next() {
  auto promise = self_->make_response_promise<batch_ptr>();
  waiting_.push_back(promise);
  reader_->read(next_read_++);
  return promise;
}

void batch_stream_state::on_batch(batch_result& result) {
  if (result.code != status_code::ok)
    return end({result.code, result.message});
  if (result.batch.index != position_)
    return end({status_code::internal, "the dataset service's stream went on with batch "
                                         + std::to_string(result.batch.index) + " when it was time for batch "
                                         + std::to_string(position_)});
  ++position_;
  if (brought_ != nullptr)
    brought_->fetch_add(1, std::memory_order_relaxed);
  auto promise = std::move(waiting_.front());
  waiting_.pop_front();
  promise.deliver(std::make_shared<const batch>(std::move(result.batch)));
}

void batch_stream_state::end(const failure& reason) {
  const auto error = make_error(reason);
  for (auto& promise : std::exchange(waiting_, {}))
    promise.deliver(error);
  self_->quit(reason.code == status_code::out_of_range ? caf::error{} : error);
}

} // namespace dispatch
