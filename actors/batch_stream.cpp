#include "actors/batch_stream.hpp"

#include <caf/all.hpp>

#include <utility>

#include "messages/frame_codec.hpp"

namespace dispatch {

batch_stream_state::batch_stream_state(batch_stream_actor::pointer self, std::unique_ptr<batch_source> source,
                                       const open_stream& request, const caf::strong_actor_ptr& owner)
  : self_(self),
    source_(std::move(source)) {
  reader_ = source_->open_stream(request.dataset, request.batch_size, caf::actor_cast<batch_result_sink>(self_));
  if (owner != nullptr)
    self_->monitor(caf::actor_cast<caf::actor>(owner));
}

batch_stream_actor::behavior_type batch_stream_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg&) { self_->quit(); });
  return {
    [this](next_frame) { return on_next(); },
    [this](const batch_result& result) { on_batch(result); },
  };
}

caf::result<frame_ptr> batch_stream_state::on_next() {
  auto promise = self_->make_response_promise<frame_ptr>();
  waiting_.push_back(promise);
  reader_->read(next_read_++);
  return promise;
}

void batch_stream_state::on_batch(const batch_result& result) {
  if (result.code != status_code::ok)
    return end({result.code, result.message});
  if (result.batch_index != position_)
    return end({status_code::internal, "the dataset service's stream went on with batch "
                                         + std::to_string(result.batch_index) + " when it was time for batch "
                                         + std::to_string(position_)});
  ++position_;
  auto promise = std::move(waiting_.front());
  waiting_.pop_front();
  promise.deliver(encode_frame(result.batch_index, result.is_last, result.data.pieces()));
}

void batch_stream_state::end(const failure& reason) {
  const auto error = make_error(reason);
  for (auto& promise : std::exchange(waiting_, {}))
    promise.deliver(error);
  self_->quit(reason.code == status_code::out_of_range ? caf::error{} : error);
}

} // namespace dispatch
