#include "actors/pool/calls.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <variant>

#include "actors/fault_of.hpp"
#include "actors/other_fingerprint.hpp"

namespace dispatch::pool {

namespace {

/// A batch without samples may be an accident; so many of them are none.
constexpr int empty_to_believe = 3;

} // namespace

// -- a call begins ----------------------------------------------------------------------------------------------------

void calls::assign() {
  while (const auto next = pool_.scheduler.assign(pool_.now()))
    begin(*next);
}

void calls::begin(const policy::call_scheduler::assignment& next) {
  auto& request = *requests_.find(next.work);
  const call begun{next.work,
                   next.fetcher,
                   pool_.scheduler.upstream_of(next.fetcher),
                   pool_.now(),
                   pool_.lost(),
                   std::holds_alternative<requests::batch_request>(request),
                   requests_.dataset_of(next.work)};
  connections_.note_asked(begun.fetcher);
  pool_.upstreams[begun.upstream].begin_call(begun.is_for_batch, begun.began);
  std::visit([&](auto& each) { send(begun, each); }, request);
}

// No timeout of CAF's for either: its clock sorts its whole table at each new entry, which costs more than the call.
// The fetcher has a deadline of its own, and the slots end one that does not keep it.

void calls::send(const call& begun, requests::description& request) {
  descriptions_.begin_call(begun.upstream, begun.dataset);
  request.asked_at = request.asked_at.value_or(begun.began);
  pool_.self->request(slots_.fetcher_of(begun.fetcher), caf::infinite, request.wanted)
    .then([this, begun](const dataset_description& said) { on_description(begun, said); },
          [this, begun](const caf::error& reason) {
            on_not_described(begun);
            on_failure(begun, reason);
          });
}

void calls::send(const call& begun, requests::batch_request& request) {
  pool_.self->request(slots_.fetcher_of(begun.fetcher), caf::infinite, request.wanted)
    .then([this, begun](const batch_ptr& got) { on_batch(begun, got); },
          [this, begun](const caf::error& reason) { on_failure(begun, reason); });
}

// -- it brings something ----------------------------------------------------------------------------------------------

void calls::on_description(const call& ended, const dataset_description& said) {
  slots_.forget_haste();
  succeed<requests::description>(
    ended, descriptions_.end_call(ended.upstream, ended.dataset, ended.fetcher, ended.began, said));
}

void calls::on_batch(const call& ended, const batch_ptr& got) {
  if (got == nullptr)
    return on_other_fingerprint(ended);
  if (is_doubtful(ended, got)) {
    end(ended);
    return try_again_or_answer(ended, policy::fault::upstream,
                               {status_code::internal, "the dataset service sent a batch without samples"});
  }
  pool_.upstreams[ended.upstream].note_latency(pool_.now() - ended.began);
  refusals_.note_given(ended.upstream, ended.dataset);
  succeed<requests::batch_request>(ended, got);
}

bool calls::is_doubtful(const call& ended, const batch_ptr& got) {
  if (!got->is_empty())
    return false;
  auto* request = requests_.find_as<requests::batch_request>(ended.work);
  return request != nullptr && ++request->times_empty < std::min(empty_to_believe, pool_.options.max_attempts);
}

template <class Kind, class Value>
void calls::succeed(const call& ended, const Value& value) {
  connections_.note_answer(ended.fetcher, status_code::ok, 1);
  end(ended);
  slots_.count_call(ended.fetcher);
  if (pool_.scheduler.complete(ended.work, ended.fetcher, pool_.now()))
    requests_.fulfil<Kind>(ended.work, value);
  assign();
}

// -- it fails ---------------------------------------------------------------------------------------------------------

void calls::on_other_fingerprint(const call& ended) {
  end(ended);
  const auto reason = other_fingerprint(ended.dataset);
  pool_.upstreams[ended.upstream].note_failure(reason);
  try_again_or_answer(ended, policy::fault::other_fingerprint, reason);
}

void calls::on_not_described(const call& ended) {
  descriptions_.end_call(ended.upstream, ended.dataset);
  // While an upstream is away it is not slow.
  if (auto* request = requests_.find_as<requests::description>(ended.work))
    request->asked_at.reset();
}

void calls::on_failure(const call& ended, const caf::error& reason) {
  // An error of CAF's own means that the fetcher went down with the call; its down message puts the call back.
  if (reason.category() != caf::type_id_v<status_code>)
    return end(ended);
  const auto what = to_failure(reason);
  const auto whose = fault_of_call(ended, what.code);
  if (whose != policy::fault::interrupted) {
    connections_.note_answer(ended.fetcher, what.code, 1);
    note_failure(ended, whose, what);
  }
  end(ended);
  try_again_or_answer(ended, whose, what);
}

policy::fault calls::fault_of_call(const call& ended, status_code code) const {
  const auto whose = ended.is_for_batch ? fault_of(code) : fault_of_description(code);
  // gRPC's deadlines pass also while this process stands still.
  if (code == status_code::deadline_exceeded && pool_.lost() > ended.lost)
    return policy::fault::interrupted;
  const auto lost_its_connection = whose == policy::fault::upstream_gone && slots_.is_leaving(ended.fetcher);
  return lost_its_connection ? policy::fault::interrupted : whose;
}

void calls::note_failure(const call& ended, policy::fault whose, const failure& what) {
  auto& at = pool_.upstreams[ended.upstream];
  if (whose == policy::fault::overload) {
    pool_.scheduler.upstream(ended.upstream).note_overload();
    streams_.end_all(ended.upstream);
  }
  if (whose == policy::fault::upstream_gone)
    slots_.renew_quiet(ended.upstream);
  const auto* request = requests_.find_as<requests::batch_request>(ended.work);
  if (what.code == status_code::unimplemented && request != nullptr)
    at.note_not_implemented(request->wanted.key);
  if (!policy::is_refusal(whose))
    return at.count_failure(what);
  if (requests_.find(ended.work) != nullptr)
    refusals_.note(ended.work, ended.upstream, what);
  if (whose == policy::fault::dataset)
    at.note_failure(what);
}

void calls::note_dataset_refused(policy::upstream_id upstream, const std::string& dataset, const failure& what) {
  if (pool_.scheduler.is_passed_over(upstream, dataset, pool_.now()))
    refusals_.note_passed_over(upstream, dataset, what);
}

void calls::try_again_or_answer(const call& ended, policy::fault whose, const failure& what) {
  const auto now = pool_.now();
  const auto verdict = pool_.scheduler.fail(ended.work, ended.fetcher, whose, now);
  if (whose == policy::fault::dataset && requests_.find(ended.work) != nullptr)
    note_dataset_refused(ended.upstream, ended.dataset, what);
  if (verdict == policy::verdict::answer)
    requests_.fail(ended.work, refusals_.answer(ended.work, ended.dataset, ended.upstream, what));
  else if (verdict == policy::verdict::retry)
    pool_.retries.count(what.code);
  assign();
  // What is to wait for longer than that may be the only thing that happens then.
  const auto next = pool_.scheduler.starts_not_before(ended.work);
  if (next && *next > now)
    pool_.self->run_delayed(*next - now, [this] { assign(); });
}

void calls::end(const call& ended) {
  pool_.upstreams[ended.upstream].end_call(ended.is_for_batch);
}

// -- what ends it from outside ----------------------------------------------------------------------------------------

void calls::on_departure(const fetcher_slots::departure& gone) {
  for (const auto work : gone.failed)
    requests_.fail(work, gone.reason);
  assign();
}

void calls::on_stream_end(const streams::purpose& of, const caf::error& reason) {
  assign();
  if (!reason || !is_failure(reason))
    return;
  const auto what = to_failure(reason);
  const auto whose = fault_of(what.code);
  if (whose == policy::fault::upstream_gone)
    slots_.renew_quiet(of.upstream);
  if (whose != policy::fault::dataset)
    return;
  pool_.upstreams[of.upstream].note_failure(what);
  pool_.scheduler.note_refused(of.upstream, of.dataset, pool_.now());
  note_dataset_refused(of.upstream, of.dataset, what);
}

void calls::find_stragglers() {
  if (pool_.scheduler.find_stragglers(pool_.now()) > 0)
    assign();
}

// -- requests that have waited for too long ---------------------------------------------------------------------------

void calls::on_tick() {
  answer_expired();
  answer_without_slow();
  answer_refused();
  assign();
}

void calls::answer_expired() {
  const auto expired = pool_.scheduler.expire(pool_.now());
  if (expired.empty())
    return;
  const failure reason{status_code::unavailable,
                       "no dataset service has answered in time (--give-up-after): " + pool_.what_is_wrong()};
  for (const auto work : expired)
    requests_.fail(work, reason);
}

void calls::answer_without_slow() {
  const auto limit_of = [&](const std::string& dataset) { return pool_.now() - descriptions_.timeout(dataset); };
  for (const auto work : requests_.descriptions_since(limit_of)) {
    const auto dataset = requests_.dataset_of(work);
    descriptions_.note_slow(dataset);
    pool_.scheduler.abandon(work);
    requests_.fail(work, too_slow(dataset));
  }
}

void calls::answer_refused() {
  for (const auto work : pool_.scheduler.give_up_refused(pool_.now()))
    requests_.fail(work, refusals_.answer(work, requests_.dataset_of(work)));
}

} // namespace dispatch::pool
