#include "actors/fetcher.hpp"

#include <caf/all.hpp>

#include "actors/fault_of.hpp"
#include "messages/frame_codec.hpp"

namespace dispatch {

fetcher_state::fetcher_state(fetcher_actor::pointer self, std::unique_ptr<batch_source> source, fetcher_options options)
  : self_(self),
    source_(std::move(source)),
    options_(options),
    streak_(options.max_failures_in_a_row) {}

fetcher_actor::behavior_type fetcher_state::make_behavior() {
  return {
    [this](check_health) { return start_health_check(); },
    [this](describe_dataset& request) { return start_description(request); },
    [this](fetch_frame& request) { return start_fetch(request); },
    [this](batch_result& result) { on_batch(result); },
    [this](description_result& result) { on_description(result); },
    [this](const health_result& result) { on_health(result); },
  };
}

caf::result<void> fetcher_state::start_health_check() {
  auto promise = self_->make_response_promise<void>();
  const auto id = next_call_++;
  calls_.emplace(id, promise);
  source_->check_health(id, options_.call_timeout, caf::actor_cast<batch_sink>(self_));
  return promise;
}

caf::result<dataset_description> fetcher_state::start_description(describe_dataset& request) {
  auto promise = self_->make_response_promise<dataset_description>();
  const auto id = next_call_++;
  source_->describe(id, request.dataset, options_.call_timeout, caf::actor_cast<batch_sink>(self_));
  calls_.emplace(id, description_call{promise, std::move(request)});
  return promise;
}

caf::result<frame_ptr> fetcher_state::start_fetch(fetch_frame& request) {
  auto promise = self_->make_response_promise<frame_ptr>();
  const auto id = next_call_++;
  source_->get_batch(id, request.key, options_.call_timeout, caf::actor_cast<batch_sink>(self_));
  calls_.emplace(id, batch_call{promise, std::move(request.key)});
  return promise;
}

void fetcher_state::on_health(const health_result& result) {
  auto promise = take<health_call>(result.id);
  if (!promise)
    return;
  if (result.code == status_code::ok || result.code == status_code::unimplemented)
    promise->deliver();
  else
    promise->deliver(make_error(failure{result.code, result.message}));
}

void fetcher_state::on_description(description_result& result) {
  auto call = take<description_call>(result.id);
  if (!call)
    return;
  if (result.code == status_code::ok) {
    streak_.succeeded();
    call->promise.deliver(std::move(result.description));
  } else {
    fail(call->promise, batch_key{call->request.dataset, 0, -1}, {result.code, std::move(result.message)});
  }
}

void fetcher_state::on_batch(batch_result& result) {
  auto call = take<batch_call>(result.id);
  if (!call)
    return;
  if (result.code != status_code::ok) {
    fail(call->promise, call->key, {result.code, std::move(result.message)});
  } else if (result.batch_index != call->key.index) {
    fail(call->promise, call->key,
         {status_code::internal, "the dataset service answered with batch " + std::to_string(result.batch_index)
                                   + " when it was asked for batch " + std::to_string(call->key.index)});
  } else {
    streak_.succeeded();
    call->promise.deliver(encode_frame(result.batch_index, result.is_last, result.data.pieces()));
  }
}

template <class Call>
std::optional<Call> fetcher_state::take(call_id id) {
  const auto found = calls_.find(id);
  if (found == calls_.end())
    return std::nullopt;
  auto call = std::get<Call>(std::move(found->second));
  calls_.erase(found);
  return call;
}

template <class Promise>
void fetcher_state::fail(Promise& promise, const batch_key& key, failure reason) {
  const auto whose = fault_of(reason.code);
  const auto error = make_error(reason);
  promise.deliver(error);
  if (whose == policy::fault::upstream_gone || (whose == policy::fault::upstream && streak_.failed(key)))
    self_->quit(error);
}

} // namespace dispatch
