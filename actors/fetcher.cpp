#include "actors/fetcher.hpp"

#include <caf/all.hpp>

#include <utility>

#include "actors/batch_problem.hpp"
#include "actors/every.hpp"
#include "actors/fault_of.hpp"
#include "actors/policy/slow_description.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch {

fetcher_state::fetcher_state(fetcher_actor::pointer self, batch_source_ptr source, fetcher_options options)
  : self_(self),
    source_(std::move(source)),
    options_(options),
    streak_(options.max_failures_in_a_row),
    started_at_(now()) {}

fetcher_actor::behavior_type fetcher_state::make_behavior() {
  check_connection();
  every(self_, options_.check_interval, [this] { check_connection(); });
  return {
    [this](const check_health& request) { return start_health_check(request.doubted, options_.call_timeout); },
    [this](probe_connection) { return start_health_check(std::nullopt, options_.probe_timeout); },
    [this](await_connection_end) { return on_await_end(); },
    [this](const describe_dataset& request) { return start_description(request); },
    [this](fetch_batch& request) { return start_fetch(request); },
    [this](share_connection& request) { return on_share(request); },
    [this](batch_result& result) { settle(result, &fetcher_state::on_batch); },
    [this](description_result& result) { settle(result, &fetcher_state::on_description); },
    [this](health_result& result) { settle(result, &fetcher_state::on_health); },
    [this](get_actor_report) { return row_of(self_, name, calls_.empty() ? "idle" : "fetching", started_at_); },
  };
}

caf::result<std::string> fetcher_state::start_health_check(const std::optional<batch_key>& doubted,
                                                           std::chrono::milliseconds deadline) {
  auto promise = self_->make_response_promise<std::string>();
  const auto id = next_call_++;
  calls_.emplace(id, health_call{promise, doubted});
  source_->check_health(id, deadline, caf::actor_cast<batch_sink>(self_));
  return promise;
}

caf::result<void> fetcher_state::on_await_end() {
  auto promise = self_->make_response_promise<void>();
  if (leaving_)
    promise.deliver();
  else
    end_waiters_.push_back(promise);
  return promise;
}

caf::result<dataset_description> fetcher_state::start_description(const describe_dataset& request) {
  auto& record = datasets_[request.dataset];
  if (record.known && is_fresh(record))
    return *record.known;
  auto promise = self_->make_response_promise<dataset_description>();
  record.waiters.push_back(promise);
  ask_for_description(request.dataset, record);
  return promise;
}

caf::result<batch_ptr> fetcher_state::start_fetch(fetch_batch& request) {
  auto promise = self_->make_response_promise<batch_ptr>();
  const auto dataset = request.key.dataset;
  const auto wanted = request.key.fingerprint;
  start_when_described(dataset, wanted, batch_call{promise, std::move(request.key), request.layout});
  return promise;
}

caf::result<batch_source_ptr> fetcher_state::on_share(share_connection& request) {
  auto promise = self_->make_response_promise<batch_source_ptr>();
  const auto dataset = request.dataset;
  const auto wanted = request.fingerprint;
  start_when_described(dataset, wanted, sharing{promise, std::move(request)});
  return promise;
}

template <class Dependant>
void fetcher_state::start_when_described(const std::string& dataset, dispatch::fingerprint wanted, Dependant waiting) {
  if (!wanted.is_known())
    return start(std::move(waiting));
  auto& record = datasets_[dataset];
  // An upstream whose dataset has another fingerprint is asked once more: it may have changed its data without a new
  // connection.
  const auto is_known = record.answered_at && record.fingerprint.may_be(wanted);
  if (is_known || is_fresh(record))
    return start(std::move(waiting));
  record.dependants.push_back(std::move(waiting));
  ask_for_description(dataset, record);
}

void fetcher_state::ask_for_description(const std::string& dataset, dataset_record& record) {
  if (record.asked_at) {
    if (now() - *record.asked_at >= policy::slow_description)
      give_back_waiting(dataset);
    return;
  }
  record.asked_at = now();
  const auto id = next_call_++;
  calls_.emplace(id, description_call{dataset});
  source_->describe(id, dataset, std::max(options_.call_timeout, options_.description_timeout),
                    caf::actor_cast<description_sink>(self_));
  self_->run_delayed(policy::slow_description, [this, dataset, asked_at = *record.asked_at] {
    if (datasets_[dataset].asked_at == asked_at)
      give_back_waiting(dataset);
  });
}

void fetcher_state::give_back_waiting(const std::string& dataset) {
  fail_dependants(datasets_[dataset],
                  make_error(failure{status_code::unavailable,
                                     "the dataset service has not yet described '" + dataset + "' (GetDatasetInfo)"}));
}

void fetcher_state::fail_dependants(dataset_record& record, const caf::error& reason) {
  for (auto& waiting : std::exchange(record.dependants, {}))
    std::visit([&](auto& each) { each.promise.deliver(reason); }, waiting);
}

void fetcher_state::start_dependants(dataset_record& record) {
  for (auto& waiting : std::exchange(record.dependants, {}))
    std::visit([this](auto& each) { start(std::move(each)); }, waiting);
}

void fetcher_state::start(batch_call call) {
  const auto& wanted = call.key.fingerprint;
  if (wanted.is_known() && !wanted.may_be(datasets_[call.key.dataset].fingerprint)) {
    call.promise.deliver(batch_ptr{});
    return;
  }
  const auto id = next_call_++;
  source_->get_batch(id, call.key, options_.call_timeout, caf::actor_cast<batch_sink>(self_));
  calls_.emplace(id, std::move(call));
}

void fetcher_state::start(sharing call) {
  const auto& wanted = call.wanted.fingerprint;
  const auto is_right = !wanted.is_known() || wanted.may_be(datasets_[call.wanted.dataset].fingerprint);
  call.promise.deliver(is_right ? source_ : nullptr);
}

bool fetcher_state::is_fresh(const dataset_record& record) {
  const auto good_for = policy::description_good_for<clock::duration>(record.took, options_.believed_for);
  return record.answered_at && now() - *record.answered_at < good_for && source_->connected();
}

template <class Result>
void fetcher_state::settle(Result& result, void (fetcher_state::*on_end)(Result&)) {
  // Before the call's requester hears of the end, which then is no failure.
  if (!result.was_made)
    leave();
  (this->*on_end)(result);
  quit_if_left();
}

void fetcher_state::on_health(health_result& result) {
  auto call = take<health_call>(result.id);
  if (!call)
    return;
  // Not only at the next look: it may be lost before that.
  was_connected_ = was_connected_ || source_->connected();
  // An upstream that has too many calls is there: its work waits for room, not for another connection.
  if (result.code != status_code::ok && result.code != status_code::unimplemented
      && result.code != status_code::resource_exhausted) {
    const failure reason{result.code, std::move(result.message)};
    call->promise.deliver(make_error(reason));
    return note_gone(reason);
  }
  unanswered_.reset();
  if (!call->doubted)
    return call->promise.deliver(result.peer);
  const auto id = next_call_++;
  calls_.emplace(id, doubt_call{call->promise, result.peer});
  source_->get_batch(id, *call->doubted, options_.call_timeout, caf::actor_cast<batch_sink>(self_));
}

void fetcher_state::on_doubt(doubt_call& call, const batch_result& result) {
  // Any other answer shows that there is a GetBatch. The batch itself is not used.
  if (result.code != status_code::ok && fault_of(result.code) == policy::fault::upstream_gone)
    call.promise.deliver(make_error(failure{result.code, explain(result)}));
  else
    call.promise.deliver(call.peer);
}

void fetcher_state::on_description(description_result& result) {
  const auto call = take<description_call>(result.id);
  if (!call)
    return;
  auto& record = datasets_[call->dataset];
  record.took = record.asked_at ? now() - *record.asked_at : clock::duration::zero();
  record.asked_at.reset();
  if (result.code != status_code::ok)
    return on_no_description(record, call->dataset, {result.code, std::move(result.message)});
  note_success();
  record.known = std::move(result.description);
  // The service may say another name, or none.
  record.known->dataset = call->dataset;
  record.fingerprint = fingerprint_of(*record.known);
  record.answered_at = now();
  for (auto& waiter : std::exchange(record.waiters, {}))
    waiter.deliver(*record.known);
  start_dependants(record);
}

void fetcher_state::on_no_description(dataset_record& record, const std::string& dataset, const failure& reason) {
  const auto error = make_error(reason);
  for (auto& waiter : std::exchange(record.waiters, {}))
    waiter.deliver(error);
  const auto whose = fault_of_description(reason.code);
  if (policy::is_refusal(whose) && whose != policy::fault::dataset) {
    // It does not describe its datasets, and so there are no fingerprints to tell apart.
    record.known.reset();
    record.fingerprint = {};
    record.answered_at = now();
    return start_dependants(record);
  }
  fail_dependants(record, error);
  if (whose == policy::fault::dataset) {
    // It has lost the dataset that it had; the next one may have another fingerprint.
    record.known.reset();
    record.answered_at.reset();
  }
  note(batch_key{dataset, 0, -1}, reason);
}

void fetcher_state::on_batch(batch_result& result) {
  if (auto doubt = take<doubt_call>(result.id))
    return on_doubt(*doubt, result);
  auto call = take<batch_call>(result.id);
  if (!call)
    return;
  if (const auto problem = problem_of(result, call->key, call->layout)) {
    call->promise.deliver(make_error(*problem));
    note(call->key, *problem);
    return;
  }
  note_success();
  call->promise.deliver(std::make_shared<const batch>(std::move(result.batch)));
}

template <class Call>
std::optional<Call> fetcher_state::take(call_id id) {
  const auto found = calls_.find(id);
  if (found == calls_.end() || !std::holds_alternative<Call>(found->second))
    return std::nullopt;
  auto call = std::get<Call>(std::move(found->second));
  calls_.erase(found);
  return call;
}

void fetcher_state::note_success() {
  streak_.succeeded();
  unanswered_.reset();
}

void fetcher_state::note_gone(const failure& reason) {
  if (!was_connected_ || leaving_ || fault_of(reason.code) != policy::fault::upstream_gone)
    return;
  unanswered_ = reason;
  if (!source_->connected())
    self_->quit(make_error(reason));
}

void fetcher_state::note(const batch_key& key, const failure& reason) {
  if (leaving_)
    return;
  note_gone(reason);
  const auto whose = fault_of(reason.code);
  // An upstream that answers that it is not available may be so again at once.
  const auto is_no_service = reason.code == status_code::unimplemented;
  const auto is_bad = whose == policy::fault::upstream_gone
                        ? is_no_service || !source_->connected() || streak_.turned_away()
                        : policy::is_counted(whose) && streak_.failed(key);
  if (is_bad)
    self_->quit(make_error(reason));
}

void fetcher_state::check_connection() {
  const auto is_connected = source_->connected();
  was_connected_ = was_connected_ || is_connected;
  if (was_connected_ && !is_connected)
    leave();
  quit_if_left();
}

void fetcher_state::leave() {
  if (unanswered_ && !leaving_)
    return self_->quit(make_error(*unanswered_));
  leaving_ = true;
  for (auto& waiter : std::exchange(end_waiters_, {}))
    waiter.deliver();
}

void fetcher_state::quit_if_left() {
  if (leaving_ && calls_.empty())
    self_->quit();
}

fetcher_state::clock::time_point fetcher_state::now() const {
  return self_->clock().now();
}

} // namespace dispatch
