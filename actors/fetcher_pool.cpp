#include "actors/fetcher_pool.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/batch_stream.hpp"
#include "actors/fault_of.hpp"
#include "actors/other_edition.hpp"
#include "actors/policy/slow_description.hpp"
#include "messages/edition.hpp"

namespace dispatch {

namespace {

/// How often deadlines are looked after. They are seconds, so this is exact enough, and one timer serves them all.
constexpr std::chrono::milliseconds tick_interval{250};

/// How often calls are looked for that take too long.
constexpr std::chrono::milliseconds late_interval{50};

/// A batch without samples may be an accident; so many of them are none.
constexpr int empty_to_believe = 3;

/// How often at most an upstream's limit is logged.
constexpr std::chrono::seconds limit_log_interval{10};

/// How much longer than a call's own deadline a fetcher may take to report it before it counts as stuck.
constexpr std::chrono::milliseconds stuck_margin{2000};

policy::concurrency_limit::outcome outcome_of(status_code code) {
  const auto is_overload = code == status_code::resource_exhausted || code == status_code::deadline_exceeded;
  return is_overload ? policy::concurrency_limit::outcome::overloaded : policy::concurrency_limit::outcome::failed;
}

policy::pool_book::options book_options(const pool_options& options) {
  return {std::vector<std::size_t>(options.upstreams.size(), policy::concurrency_limit{options.limit}.limit()),
          options.max_attempts, options.give_up_after};
}

failure too_slow(const std::string& dataset) {
  return {status_code::deadline_exceeded, "the dataset service takes long to describe '" + dataset
                                            + "' (GetDatasetInfo); passes begin without that until it has"};
}

} // namespace

fetcher_pool_state::fetcher_pool_state(fetcher_pool_actor::pointer self, pool_options options,
                                       batch_source_factory sources, event_log_ptr log)
  : self_(self),
    options_(std::move(options)),
    sources_(std::move(sources)),
    log_(std::move(log)),
    book_(book_options(options_)),
    refusals_(options_.upstreams, log_),
    retries_(make_retry_counters(self->system().metrics())),
    started_at_(now()),
    random_(options_.seed) {
  for (policy::upstream_id upstream = 0; upstream < options_.upstreams.size(); ++upstream) {
    upstreams_.push_back(upstream_record{options_.upstreams[upstream], policy::concurrency_limit{options_.limit},
                                         upstream_metrics{self->system().metrics(), options_.upstreams[upstream]}});
    upstreams_.back().is_bounded = options_.limit.least == options_.limit.most;
    // The health check of a second fetcher would be a call more than the limit.
    for (std::size_t i = 0; i < std::min(options_.fetchers_per_upstream, options_.limit.most); ++i)
      seats_.push_back(seat{upstream, i, policy::backoff{options_.restart}, {}, 0, std::nullopt});
  }
}

fetcher_pool_state::~fetcher_pool_state() {
  // A fetcher with calls under way is kept alive by them, so letting go of it is not enough.
  for (const auto& seat : seats_)
    if (seat.fetcher != nullptr)
      caf::anon_send_exit(seat.fetcher, caf::exit_reason::user_shutdown);
  for (const auto& [life, leaver] : leavers_)
    caf::anon_send_exit(leaver.fetcher, caf::exit_reason::user_shutdown);
}

fetcher_pool_actor::behavior_type fetcher_pool_state::make_behavior() {
  self_->set_down_handler([this](caf::down_msg& msg) { on_down(msg); });
  for (std::size_t index = 0; index < seats_.size(); ++index)
    start_fetcher(index);
  schedule_tick();
  schedule_look_for_late();
  return {
    [this](describe_dataset& request) { return on_describe(request); },
    [this](fetch_frame& request) { return on_fetch(request); },
    [this](const withdraw_fetch& request) { on_withdraw(request); },
    [this](const open_stream& request) { return on_open_stream(request); },
    [this](const stream_broke& which) { on_stream_broke(which); },
    [this](hasten_restarts) { on_hasten(); },
    [this](get_pool_report) { return on_get_report(); },
  };
}

// -- requests ---------------------------------------------------------------------------------------------------------

caf::result<described_dataset> fetcher_pool_state::on_describe(describe_dataset& request) {
  if (auto known = known_of_slow(request.dataset))
    return std::move(*known);
  if (waits_for_slow(request.dataset))
    return make_error(too_slow(request.dataset));
  const auto work = book_request(request.dataset, request.waited, false);
  on_hasten();
  auto promise = self_->make_response_promise<described_dataset>();
  jobs_.emplace(work, description_job{promise, std::move(request)});
  assign_work();
  return promise;
}

caf::result<frame_ptr> fetcher_pool_state::on_fetch(fetch_frame& request) {
  const auto work = book_request(request.key.dataset, request.waited, true);
  auto promise = self_->make_response_promise<frame_ptr>();
  frame_work_.emplace(request.key, work);
  jobs_.emplace(work, frame_job{promise, std::move(request), 0});
  assign_work();
  return promise;
}

caf::result<stream_opened> fetcher_pool_state::on_open_stream(const open_stream& request) {
  const auto chosen = book_.best_upstream(now(), request.dataset);
  if (!chosen)
    return make_error(failure{status_code::unavailable, what_is_wrong_upstream()});
  auto& record = upstreams_[*chosen];
  if (!may_stream(*chosen))
    return make_error(failure{status_code::resource_exhausted, record.address + " gets one call at a time: no stream"});
  // A stream has a connection of its own, over which the edition has to be asked for first.
  const auto described = record.descriptions.find(request.dataset);
  if (request.edition != 0 && described != record.descriptions.end() && described->second.is_slow)
    return make_error(failure{status_code::unavailable, too_slow(request.dataset).message});
  record.metrics.calls->inc();
  batch_stream_actor stream = self_->spawn<batch_stream_impl>(
    sources_(record.address), request, self_->current_sender(), batch_stream_options{options_.fetcher.call_timeout});
  streams_.emplace(stream.address(), policy::pool_book::question{*chosen, request.dataset});
  self_->monitor(stream);
  share_out(*chosen);
  return stream_opened{std::move(stream)};
}

void fetcher_pool_state::on_stream_broke(const stream_broke& which) {
  const auto broken = streams_.find(which.stream.address());
  if (broken != streams_.end())
    renew_quiet(broken->second.upstream);
}

std::size_t fetcher_pool_state::streams_at(policy::upstream_id upstream) const {
  return static_cast<std::size_t>(std::count_if(streams_.begin(), streams_.end(),
                                                [=](const auto& open) { return open.second.upstream == upstream; }));
}

bool fetcher_pool_state::may_stream(policy::upstream_id upstream) const {
  const auto& record = upstreams_[upstream];
  return !record.is_bounded || record.limit.held() > streams_at(upstream) + 1;
}

void fetcher_pool_state::share_out(policy::upstream_id upstream) {
  const auto& record = upstreams_[upstream];
  const auto limit = record.limit.limit();
  const auto taken = record.is_bounded ? std::min(streams_at(upstream), limit - 1) : 0;
  book_.set_limit(upstream, limit - taken);
}

void fetcher_pool_state::on_overload(policy::upstream_id upstream) {
  auto& record = upstreams_[upstream];
  record.is_bounded = true;
  const failure reason{status_code::resource_exhausted, record.address + " has no room for a stream beside its calls"};
  for (const auto& [stream, of] : streams_)
    if (const auto open = caf::actor_cast<caf::actor>(stream); open && of.upstream == upstream)
      self_->send_exit(open, make_error(reason));
}

void fetcher_pool_state::on_hasten() {
  // Not at once: there may be many who come, and an upstream that is down is not to be tried for each.
  hastened_ = true;
}

policy::ticket fetcher_pool_state::book_request(const std::string& dataset, caf::timespan waited, bool is_for_batch) {
  const auto& sender = self_->current_sender();
  const auto since = now() - waited;
  if (sender == nullptr)
    return book_.add(0, since, is_for_batch, dataset);
  if (watched_owners_.insert(caf::actor_cast<caf::actor_addr>(sender)).second)
    self_->monitor(caf::actor_cast<caf::actor>(sender));
  return book_.add(sender->id(), since, is_for_batch, dataset);
}

void fetcher_pool_state::on_withdraw(const withdraw_fetch& request) {
  const auto& sender = self_->current_sender();
  const auto owner = sender != nullptr ? sender->id() : 0;
  std::vector<policy::ticket> waiting;
  for (auto i = frame_work_.lower_bound({request.key, 0}); i != frame_work_.end() && i->first == request.key; ++i)
    if (book_.withdraw(i->second, owner))
      waiting.push_back(i->second);
  for (const auto work : waiting)
    answer(work, make_error(failure{status_code::cancelled, "nobody waits for it any more"}));
}

void fetcher_pool_state::assign_work() {
  while (const auto next = book_.assign(now())) {
    auto* to = find_seat(next->worker);
    to->watch.asked(now());
    upstreams_[to->upstream].metrics.calls->inc();
    upstreams_[to->upstream].limit.started(now());
    share_out(to->upstream);
    auto& wanted = jobs_.at(next->work);
    if (auto* description = std::get_if<description_job>(&wanted)) {
      ++upstreams_[to->upstream].descriptions[description->request.dataset].calls_under_way;
      description->asked_at = description->asked_at.value_or(now());
    } else {
      owe_answer(to->upstream);
    }
    std::visit([&](auto& job) { send_to(*to, next->work, job.request); }, wanted);
  }
}

template <class Request>
void fetcher_pool_state::send_to(const seat& to, policy::ticket work, const Request& request) {
  constexpr auto is_for_batch = std::is_same_v<Request, fetch_frame>;
  // No timeout of CAF's: its clock sorts its whole table at each new entry, which costs more than the call. The fetcher
  // has a deadline of its own, and end_stuck_fetchers() ends one that does not keep it.
  call started{work, to.life, to.upstream, now(), is_for_batch, lost()};
  if constexpr (!is_for_batch)
    started.dataset = request.dataset;
  auto failed = [this, started](const caf::error& reason) { on_failure(started, reason); };
  auto response = self_->request(to.fetcher, caf::infinite, request);
  if constexpr (is_for_batch)
    response.then([this, started](const frame_ptr& frame) { on_frame(started, frame); }, failed);
  else
    response.then([this, started](dataset_description& description) { on_described(started, description); }, failed);
}

void fetcher_pool_state::on_described(const call& ended, dataset_description& description) {
  --upstreams_[ended.upstream].descriptions[ended.dataset].calls_under_way;
  hastened_ = false;
  note_described(ended, description);
  on_success<description_job>(ended, described_dataset{std::move(description), editions_of(ended.dataset)});
}

void fetcher_pool_state::note_described(const call& ended, const dataset_description& description) {
  auto& upstream = upstreams_[ended.upstream];
  auto& record = upstream.descriptions[ended.dataset];
  record.took = now() - ended.began;
  record.said = description;
  record.said_at = now();
  record.said_to = ended.life;
  // A quick answer may be from the fetcher's memory, and does not show that the upstream is quick.
  if (record.took >= policy::slow_description) {
    record.is_slow = true;
    log_->write(severity::info, "description_came",
                {{"upstream", upstream.address},
                 {"dataset", ended.dataset},
                 {"seconds", std::chrono::duration<double>(record.took).count()}});
  }
  upstream.editions[ended.dataset] = edition_of(description);
  book_.note_described(ended.upstream, ended.dataset);
}

std::vector<std::uint64_t> fetcher_pool_state::editions_of(const std::string& dataset) const {
  std::vector<std::uint64_t> all;
  for (const auto& record : upstreams_)
    if (const auto found = record.editions.find(dataset); found != record.editions.end())
      all.push_back(found->second);
  return all;
}

// -- descriptions that take long --------------------------------------------------------------------------------------

std::optional<described_dataset> fetcher_pool_state::known_of_slow(const std::string& dataset) {
  for (policy::upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto found = upstreams_[id].descriptions.find(dataset);
    if (found == upstreams_[id].descriptions.end())
      continue;
    const auto& record = found->second;
    if (!record.is_slow || !record.said || find_seat(record.said_to) == nullptr)
      continue;
    ask_again_if_old(id, dataset, record);
    return described_dataset{*record.said, editions_of(dataset)};
  }
  return std::nullopt;
}

void fetcher_pool_state::ask_again_if_old(policy::upstream_id upstream, const std::string& dataset,
                                          const description_record& record) {
  const auto good_for = policy::description_good_for<clock::duration>(record.took, options_.fetcher.believed_for);
  if (record.calls_under_way > 0 || now() - record.said_at < good_for)
    return;
  const auto* asked = find_seat(record.said_to);
  const call started{0, asked->life, upstream, now(), false, lost(), dataset};
  auto& under_way = upstreams_[upstream].descriptions[dataset].calls_under_way;
  ++under_way;
  self_->request(asked->fetcher, caf::infinite, describe_dataset{dataset})
    .then(
      [this, started](const dataset_description& description) {
        --upstreams_[started.upstream].descriptions[started.dataset].calls_under_way;
        note_described(started, description);
      },
      [this, started](const caf::error&) {
        --upstreams_[started.upstream].descriptions[started.dataset].calls_under_way;
      });
}

void fetcher_pool_state::note_not_described(const call& ended) {
  --upstreams_[ended.upstream].descriptions[ended.dataset].calls_under_way;
  // While an upstream is away it is not slow.
  if (const auto wanted = jobs_.find(ended.work); wanted != jobs_.end())
    std::get<description_job>(wanted->second).asked_at.reset();
}

bool fetcher_pool_state::waits_for_slow(const std::string& dataset) const {
  auto is_asked = false;
  for (policy::upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& record = upstreams_[id];
    if (book_.live_workers(id) == 0 || book_.is_passed_over(id, dataset, now()))
      continue;
    const auto found = record.descriptions.find(dataset);
    if (found == record.descriptions.end() || !found->second.is_slow)
      return false;
    is_asked = is_asked || found->second.calls_under_way > 0;
  }
  return is_asked;
}

void fetcher_pool_state::answer_without_slow() {
  std::vector<policy::ticket> waited;
  for (const auto& [work, wanted] : jobs_)
    if (const auto* description = std::get_if<description_job>(&wanted);
        description != nullptr && description->asked_at
        && now() - *description->asked_at >= description_patience(description->request.dataset))
      waited.push_back(work);
  for (const auto work : waited) {
    const auto dataset = dataset_of(work);
    note_slow(dataset);
    book_.abandon(work);
    answer(work, make_error(too_slow(dataset)));
  }
}

fetcher_pool_state::clock::duration fetcher_pool_state::description_patience(const std::string& dataset) const {
  return waits_for_slow(dataset) ? tick_interval : options_.fetcher.call_timeout;
}

void fetcher_pool_state::note_slow(const std::string& dataset) {
  for (auto& upstream : upstreams_) {
    const auto found = upstream.descriptions.find(dataset);
    if (found == upstream.descriptions.end() || found->second.calls_under_way == 0)
      continue;
    if (!std::exchange(found->second.is_slow, true))
      log_->write(severity::warning, "description_slow",
                  {{"upstream", upstream.address}, {"dataset", dataset}, {"message", too_slow(dataset).message}});
  }
}

void fetcher_pool_state::on_frame(const call& ended, const frame_ptr& frame) {
  if (frame == nullptr)
    return on_other_edition(ended);
  if (!is_doubtful(ended, frame))
    return on_success<frame_job>(ended, frame);
  settle(ended, policy::concurrency_limit::outcome::failed);
  try_again_or_answer(ended, policy::fault::upstream,
                      make_error(failure{status_code::internal, "the dataset service sent a batch without samples"}));
}

void fetcher_pool_state::on_other_edition(const call& ended) {
  // The upstream was not called, so this says nothing about how many calls it can take.
  settle(ended, std::nullopt);
  const auto wanted = jobs_.find(ended.work);
  const auto reason =
    other_edition(wanted != jobs_.end() ? std::get<frame_job>(wanted->second).request.key.dataset : std::string{});
  note_failure(upstreams_[ended.upstream], reason);
  try_again_or_answer(ended, policy::fault::other_edition, make_error(reason));
}

bool fetcher_pool_state::is_doubtful(const call& ended, const frame_ptr& frame) {
  if (frame->payload_bytes() > 0)
    return false;
  const auto wanted = jobs_.find(ended.work);
  return wanted != jobs_.end()
         && ++std::get<frame_job>(wanted->second).times_empty < std::min(empty_to_believe, options_.max_attempts);
}

template <class Job, class Value>
void fetcher_pool_state::on_success(const call& ended, Value&& value) {
  note_answer(ended.life, status_code::ok, 1);
  if (ended.is_for_batch) {
    note_latency(upstreams_[ended.upstream], now() - ended.began);
    refusals_.note_given(ended.upstream, dataset_of(ended.work));
  }
  settle(ended, policy::concurrency_limit::outcome::ok);
  if (auto* fetcher = find_seat(ended.life))
    ++fetcher->calls;
  if (book_.complete(ended.work, ended.life, now())) {
    auto done = take_job(ended.work);
    std::get<Job>(done.mapped()).promise.deliver(std::forward<Value>(value));
  }
  assign_work();
}

void fetcher_pool_state::on_failure(const call& ended, const caf::error& reason) {
  if (!ended.is_for_batch)
    note_not_described(ended);
  // An error of CAF's own means that the fetcher went down with the call; its down message puts the call back.
  if (reason.category() != caf::type_id_v<status_code>)
    return settle(ended, std::nullopt);
  const auto what = to_failure(reason);
  const auto whose = fault_of_call(ended, what.code);
  if (whose == policy::fault::connection_ended) {
    settle(ended, std::nullopt);
    return try_again_or_answer(ended, whose, reason);
  }
  note_answer(ended.life, what.code, 1);
  if (whose == policy::fault::overload)
    on_overload(ended.upstream);
  if (whose == policy::fault::upstream_gone)
    renew_quiet(ended.upstream);
  settle(ended, outcome_of(what.code));
  if (policy::is_refusal(whose)) {
    note_refusal(ended, whose, what);
  } else {
    auto& record = upstreams_[ended.upstream];
    record.metrics.failures.count(what.code);
    note_failure(record, what);
    log_->write(severity::debug, "call_failed",
                {{"upstream", record.address}, {"code", to_string(what.code)}, {"message", what.message}});
  }
  if (const auto wanted = jobs_.find(ended.work);
      what.code == status_code::unimplemented && ended.is_for_batch && wanted != jobs_.end())
    upstreams_[ended.upstream].not_implemented = std::get<frame_job>(wanted->second).request.key;
  try_again_or_answer(ended, whose, reason);
}

policy::fault fetcher_pool_state::fault_of_call(const call& ended, status_code code) const {
  const auto whose = ended.is_for_batch ? fault_of(code) : fault_of_description(code);
  // gRPC's deadlines pass also while this process stands still.
  if (code == status_code::deadline_exceeded && lost() > ended.lost)
    return policy::fault::connection_ended;
  const auto is_leaving = leavers_.count(ended.life) > 0;
  return is_leaving && whose == policy::fault::upstream_gone ? policy::fault::connection_ended : whose;
}

void fetcher_pool_state::try_again_or_answer(const call& ended, policy::fault whose, const caf::error& reason) {
  const auto time = now();
  const auto verdict = book_.fail(ended.work, ended.life, whose, time);
  if (const auto& dataset = dataset_of(ended.work); whose == policy::fault::dataset && !dataset.empty())
    note_dataset_refused(ended.upstream, dataset, to_failure(reason));
  if (verdict == policy::verdict::answer)
    answer(ended.work, make_error(refusals_.answer(ended.work, dataset_of(ended.work), ended.upstream,
                                                   to_failure(reason), troubles())));
  else if (verdict == policy::verdict::retry)
    retries_.count(to_failure(reason).code);
  assign_work();
  // What is to wait for longer than that may be the only thing that happens then.
  const auto next = book_.starts_not_before(ended.work);
  if (next && *next > time)
    self_->run_delayed(*next - time, [this] { assign_work(); });
}

void fetcher_pool_state::settle(const call& ended, std::optional<policy::concurrency_limit::outcome> how) {
  auto& limit = upstreams_[ended.upstream].limit;
  if (how && ended.is_for_batch)
    limit.completed(ended.began, now(), *how);
  else
    limit.abandoned();
  if (ended.is_for_batch)
    release_answer(ended.upstream);
  share_out(ended.upstream);
}

void fetcher_pool_state::owe_answer(policy::upstream_id upstream) {
  ++upstreams_[upstream].answers_owed;
  upstreams_[upstream].watch.asked(now());
}

void fetcher_pool_state::release_answer(policy::upstream_id upstream) {
  if (--upstreams_[upstream].answers_owed == 0)
    upstreams_[upstream].watch.owes_nothing();
}

void fetcher_pool_state::answer(policy::ticket work, const caf::error& reason) {
  auto ended = take_job(work);
  if (!ended.empty())
    std::visit([&](auto& wanted) { wanted.promise.deliver(reason); }, ended.mapped());
}

std::map<policy::ticket, fetcher_pool_state::job>::node_type fetcher_pool_state::take_job(policy::ticket work) {
  auto taken = jobs_.extract(work);
  refusals_.forget(work);
  const auto* frame = taken.empty() ? nullptr : std::get_if<frame_job>(&taken.mapped());
  if (frame != nullptr)
    frame_work_.erase({frame->request.key, work});
  return taken;
}

// -- what upstreams refuse --------------------------------------------------------------------------------------------

void fetcher_pool_state::note_refusal(const call& ended, policy::fault whose, const failure& what) {
  if (jobs_.count(ended.work) > 0)
    refusals_.note(ended.work, ended.upstream, what);
  if (whose == policy::fault::dataset)
    note_failure(upstreams_[ended.upstream], what);
}

void fetcher_pool_state::note_dataset_refused(policy::upstream_id upstream, const std::string& dataset,
                                              const failure& what) {
  if (book_.is_passed_over(upstream, dataset, now()))
    refusals_.note_passed_over(upstream, dataset, what);
}

const std::string& fetcher_pool_state::dataset_of(policy::ticket work) const {
  static const std::string none;
  const auto found = jobs_.find(work);
  if (found == jobs_.end())
    return none;
  if (const auto* frame = std::get_if<frame_job>(&found->second))
    return frame->request.key.dataset;
  return std::get<description_job>(found->second).request.dataset;
}

void fetcher_pool_state::ask_again() {
  for (const auto& about : book_.find_questions(now()))
    ask_again(about);
}

void fetcher_pool_state::ask_again(const policy::pool_book::question& about) {
  const auto asked = std::find_if(seats_.begin(), seats_.end(), [&](const seat& candidate) {
    return candidate.upstream == about.upstream && candidate.healthy_since && candidate.fetcher != nullptr;
  });
  if (asked == seats_.end())
    return;
  const auto accept = [this, about] {
    book_.note_may_have(about.upstream, about.dataset);
    assign_work();
  };
  // Where it says no, or nothing, it is asked again later.
  const auto ignore = [](const caf::error&) {};
  const auto on_no_description = [accept](const caf::error& reason) {
    if (to_failure(reason).code == status_code::unimplemented)
      accept();
  };
  self_->request(asked->fetcher, caf::infinite, check_health{})
    .then(
      [this, about, accept, on_no_description, fetcher = asked->fetcher](const std::string&) {
        self_->request(fetcher, caf::infinite, describe_dataset{about.dataset})
          .then([accept](const dataset_description&) { accept(); }, on_no_description);
      },
      ignore);
}

void fetcher_pool_state::give_up_refused() {
  for (const auto work : book_.give_up_refused(now()))
    answer(work, make_error(refusals_.answer(work, dataset_of(work), troubles())));
}

std::vector<std::string> fetcher_pool_state::troubles() const {
  std::vector<std::string> result;
  for (const auto& record : upstreams_)
    result.push_back(record.up                     ? std::string{}
                     : record.last_failure.empty() ? "does not answer yet"
                                                   : "is away (" + record.last_failure + ")");
  return result;
}

// -- fetchers ---------------------------------------------------------------------------------------------------------

void fetcher_pool_state::start_fetcher(std::size_t index) {
  auto& seat = seats_[index];
  seat.life = next_life_++;
  seat.started_at = now();
  seat.healthy_since.reset();
  seat.calls = 0;
  seat.fetcher = self_->spawn<fetcher_impl>(sources_(address_of(seat)), options_.fetcher);
  self_->monitor(seat.fetcher);
  const auto& doubted = upstreams_[seat.upstream].not_implemented;
  const auto calls = doubted ? 2 : 1;
  self_->request(seat.fetcher, calls * options_.fetcher.call_timeout + stuck_margin, check_health{doubted})
    .then([this, index, life = seat.life](const std::string& peer) { on_healthy(index, life, peer); },
          [this, index, life = seat.life](const caf::error& reason) { on_unhealthy(index, life, reason); });
}

void fetcher_pool_state::on_healthy(std::size_t index, policy::worker_id life, const std::string& peer) {
  auto& seat = seats_[index];
  if (seat.life != life)
    return;
  seat.healthy_since = now();
  seat.watch = policy::quiet_watch{now()};
  seat.is_probed = false;
  // A new connection may lead to other datasets.
  upstreams_[seat.upstream].editions.clear();
  upstreams_[seat.upstream].not_implemented.reset();
  book_.worker_up(life, seat.upstream);
  const auto renewed = std::exchange(seat.renews, false);
  log_->write(renewed ? severity::debug : severity::info, renewed ? "connection_renewed" : "fetcher_ready",
              {{"upstream", address_of(seat)}, {"fetcher", seat.number}, {"address", peer}});
  self_->request(seat.fetcher, caf::infinite, await_connection_end{})
    .then([this, index, life] { on_connection_end(index, life); }, [](const caf::error&) {});
  note_answer(life, status_code::ok, 0);
  assign_work();
}

void fetcher_pool_state::on_connection_end(std::size_t index, policy::worker_id life) {
  // It quits by itself when its calls have ended.
  if (seats_[index].life == life)
    renew(index);
}

void fetcher_pool_state::renew(std::size_t index) {
  auto& seat = seats_[index];
  const auto lived = std::chrono::duration_cast<std::chrono::milliseconds>(now() - *seat.healthy_since);
  book_.worker_leaves(seat.life);
  leavers_.emplace(seat.life, leaver{std::exchange(seat.fetcher, nullptr), index});
  seat.life = 0;
  seat.calls_before += seat.calls;
  seat.renews = true;
  const auto pause = policy::pause_before_renewal(lived);
  if (pause.count() > 0)
    restart_after(index, pause);
  else
    start_fetcher(index);
}

void fetcher_pool_state::renew_quiet(policy::upstream_id upstream) {
  for (std::size_t index = 0; index < seats_.size(); ++index) {
    const auto& seat = seats_[index];
    if (seat.upstream != upstream || seat.fetcher == nullptr || !seat.healthy_since || !seat.watch.is_quiet(now())
        || book_.in_flight_of(seat.life) > 0)
      continue;
    self_->send_exit(seat.fetcher, caf::exit_reason::user_shutdown);
    renew(index);
  }
}

void fetcher_pool_state::probe(seat& quiet) {
  quiet.is_probed = true;
  quiet.watch.asked(now());
  owe_answer(quiet.upstream);
  const auto ended = [this, upstream = quiet.upstream, life = quiet.life](status_code code) {
    on_probed(upstream, life, code);
  };
  self_->request(quiet.fetcher, caf::infinite, probe_connection{})
    .then([ended](const std::string&) { ended(status_code::ok); },
          [ended](const caf::error& reason) { ended(to_failure(reason).code); });
}

void fetcher_pool_state::on_probed(policy::upstream_id upstream, policy::worker_id life, status_code code) {
  if (auto* seat = find_seat(life))
    seat->is_probed = false;
  note_answer(life, code, 0);
  release_answer(upstream);
}

void fetcher_pool_state::note_answer(policy::worker_id life, status_code code, std::size_t calls_ended) {
  auto* seat = find_seat(life);
  if (seat == nullptr || code == status_code::deadline_exceeded)
    return;
  auto& record = upstreams_[seat->upstream];
  seat->watch.answered(now(), book_.in_flight_of(life) == calls_ended);
  // Says the upstream, or gRPC of a connection that is lost.
  if (code == status_code::unavailable)
    return;
  record.watch.answered(now(), record.answers_owed == 0);
  if (book_.live_workers(seat->upstream) > 0 && !std::exchange(record.up, true))
    log_->write(severity::info, "upstream_up", {{"upstream", record.address}});
}

void fetcher_pool_state::on_unhealthy(std::size_t index, policy::worker_id life, const caf::error& reason) {
  // One way out for all lives of a fetcher: it is told to go, and its down message brings the next one.
  if (seats_[index].life == life)
    self_->send_exit(seats_[index].fetcher, reason);
}

void fetcher_pool_state::on_down(const caf::down_msg& msg) {
  const auto fetcher = std::find_if(seats_.begin(), seats_.end(), [&](const seat& candidate) {
    return candidate.fetcher != nullptr && candidate.fetcher.address() == msg.source;
  });
  const auto leaver = std::find_if(leavers_.begin(), leavers_.end(), [&](const auto& candidate) {
    return candidate.second.fetcher.address() == msg.source;
  });
  if (fetcher != seats_.end()) {
    on_fetcher_down(static_cast<std::size_t>(fetcher - seats_.begin()), msg.reason);
  } else if (leaver != leavers_.end()) {
    on_leaver_down(leaver->first, msg.reason);
  } else if (const auto stream = streams_.extract(msg.source); !stream.empty()) {
    on_stream_down(stream.mapped(), msg.reason);
  } else if (watched_owners_.erase(msg.source) > 0) {
    for (const auto work : book_.drop_owner(msg.source.id()))
      take_job(work);
  }
}

void fetcher_pool_state::on_stream_down(const policy::pool_book::question& of, const caf::error& reason) {
  share_out(of.upstream);
  assign_work();
  // No reason: it has ended well.
  if (!reason || !is_failure(reason))
    return;
  const auto whose = fault_of(to_failure(reason).code);
  if (whose == policy::fault::upstream_gone)
    renew_quiet(of.upstream);
  if (whose != policy::fault::dataset)
    return;
  note_failure(upstreams_[of.upstream], to_failure(reason));
  book_.note_refused(of.upstream, of.dataset, now());
  note_dataset_refused(of.upstream, of.dataset, to_failure(reason));
}

void fetcher_pool_state::on_fetcher_down(std::size_t index, const caf::error& reason) {
  auto& seat = seats_[index];
  auto& record = upstreams_[seat.upstream];
  const auto what = to_failure(reason);
  const auto healthy_for = seat.healthy_since
                             ? std::chrono::duration_cast<std::chrono::milliseconds>(now() - *seat.healthy_since)
                             : std::chrono::milliseconds{0};
  const auto culprit = take_from_book(seat.life, reason);
  seat.fetcher = nullptr;
  seat.life = 0;
  seat.renews = false;
  seat.calls_before += seat.calls;
  note_failure(record, what);
  seat.last_failure = record.last_failure;
  const auto uniform = std::uniform_real_distribution<double>{0.0, 1.0}(random_);
  const auto delay = seat.restarts.next(healthy_for, seat.calls, uniform);
  log_->write(severity::warning, "fetcher_failed",
              {{"upstream", record.address},
               {"fetcher", seat.number},
               {"code", to_string(what.code)},
               {"message", what.message},
               {"restart_in_ms", delay.count()},
               {"failures", seat.restarts.failures()}});
  if (book_.live_workers(seat.upstream) == 0 && std::exchange(record.up, false))
    log_->write(severity::error, "upstream_down", {{"upstream", record.address}, {"message", record.last_failure}});
  restart_after(index, delay);
  renew_quiet(seat.upstream);
  if (culprit)
    answer(*culprit, make_error(what));
  assign_work();
}

void fetcher_pool_state::on_leaver_down(policy::worker_id life, const caf::error& reason) {
  leavers_.erase(life);
  if (const auto culprit = take_from_book(life, reason))
    answer(*culprit, make_error(to_failure(reason)));
  assign_work();
}

std::optional<policy::ticket> fetcher_pool_state::take_from_book(policy::worker_id gone, const caf::error& reason) {
  const auto waited_before = book_.queued();
  std::optional<policy::ticket> culprit;
  // Any other error means that the fetcher has neither ended itself nor was told to go: it died of an exception.
  if (is_failure(reason) || !reason || reason == caf::exit_reason::user_shutdown)
    book_.worker_down(gone);
  else
    culprit = book_.worker_crashed(gone);
  for (auto again = book_.queued() - waited_before; again > 0; --again)
    retries_.count(to_failure(reason).code);
  return culprit;
}

void fetcher_pool_state::restart_after(std::size_t index, std::chrono::milliseconds pause) {
  seats_[index].pause_ends = now() + pause;
  self_->run_delayed(pause, [this, index, which = ++seats_[index].pause] {
    auto& seat = seats_[index];
    if (seat.fetcher != nullptr || seat.pause != which)
      return;
    if (!seat.renews) {
      ++seat.restarts_so_far;
      upstreams_[seat.upstream].metrics.restarts->inc();
    }
    start_fetcher(index);
  });
}

void fetcher_pool_state::cut_pauses_short() {
  const auto any_lives =
    std::any_of(upstreams_.begin(), upstreams_.end(), [](const upstream_record& record) { return record.up; });
  if (!hastened_ || any_lives)
    return;
  hastened_ = false;
  for (std::size_t index = 0; index < seats_.size(); ++index)
    if (seats_[index].fetcher == nullptr)
      restart_after(index, std::chrono::milliseconds{0});
}

// -- deadlines --------------------------------------------------------------------------------------------------------

void fetcher_pool_state::schedule_tick() {
  self_->run_delayed(tick_interval, [this] {
    on_tick();
    schedule_tick();
  });
}

void fetcher_pool_state::schedule_look_for_late() {
  self_->run_delayed(late_interval, [this] {
    if (book_.find_late(now()) > 0)
      assign_work();
    schedule_look_for_late();
  });
}

void fetcher_pool_state::on_tick() {
  expire_jobs();
  answer_without_slow();
  ask_again();
  give_up_refused();
  assign_work();
  end_stuck_fetchers();
  probe_quiet_connections();
  look_for_unresponsive();
  cut_pauses_short();
  log_limits();
}

void fetcher_pool_state::log_limits() {
  for (auto& record : upstreams_) {
    if (record.limit.held() == record.logged_limit || now() - record.logged_at < limit_log_interval)
      continue;
    record.logged_limit = record.limit.held();
    record.logged_at = now();
    log_->write(severity::info, "limit_changed",
                {{"upstream", record.address},
                 {"in_flight_limit", record.limit.held()},
                 {"batches_per_second", record.limit.rate()}});
  }
}

void fetcher_pool_state::expire_jobs() {
  const auto expired = book_.expire(now());
  if (expired.empty())
    return;
  const auto reason = make_error(failure{status_code::unavailable, "no answer from a dataset service within "
                                                                     + std::to_string(options_.give_up_after.count())
                                                                     + " ms: " + what_is_wrong_upstream()});
  for (const auto work : expired)
    answer(work, reason);
}

void fetcher_pool_state::end_stuck_fetchers() {
  const auto limit = now() - (options_.fetcher.call_timeout + policy::slow_description + stuck_margin);
  const auto limit_of_descriptions =
    now() - (std::max(options_.fetcher.call_timeout, options_.fetcher.description_timeout) + stuck_margin);
  for (const auto life : book_.stuck_since(limit, limit_of_descriptions)) {
    const auto leaver = leavers_.find(life);
    self_->send_exit(leaver != leavers_.end() ? leaver->second.fetcher : find_seat(life)->fetcher,
                     make_error(failure{status_code::deadline_exceeded, "the fetcher does not report its calls"}));
  }
}

void fetcher_pool_state::probe_quiet_connections() {
  // Where calls or a stream are under way, those find out; and a service that has one thread must not be asked beside
  // them.
  for (auto& seat : seats_)
    if (seat.healthy_since && seat.fetcher != nullptr && !seat.is_probed && seat.watch.is_quiet(now())
        && book_.in_flight(seat.upstream) == 0 && streams_at(seat.upstream) == 0)
      probe(seat);
}

void fetcher_pool_state::look_for_unresponsive() {
  for (auto& record : upstreams_) {
    const auto owes = record.watch.owes_for(now());
    const auto usual = record.latencies.quantile(0.99).value_or(clock::duration::zero());
    const auto patience = std::max<clock::duration>(options_.fetcher.call_timeout / 2, 2 * usual);
    if (!record.up || owes < patience)
      continue;
    record.up = false;
    log_->write(
      severity::error, "upstream_down",
      {{"upstream", record.address},
       {"message", "has brought nothing for "
                     + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(owes).count()) + " s"}});
  }
}

std::string fetcher_pool_state::what_is_wrong_upstream() const {
  std::string result;
  for (const auto& record : upstreams_) {
    result += result.empty() ? "" : "; ";
    result += record.address + ": " + (record.last_failure.empty() ? "busy" : record.last_failure);
  }
  return result;
}

void fetcher_pool_state::note_failure(upstream_record& at, const failure& what) {
  at.last_failure = to_string(what.code) + ": " + what.message;
  at.last_failure_at = caf::make_timestamp();
}

void fetcher_pool_state::note_latency(upstream_record& of, clock::duration latency) {
  of.latencies.add(latency);
  of.metrics.fetch->observe(std::chrono::duration<double>(latency).count());
}

// -- inspection -------------------------------------------------------------------------------------------------------

pool_report fetcher_pool_state::on_get_report() {
  pool_report result;
  result.actor = row_of(self_, name, "serving", started_at_);
  result.queued = book_.queued();
  for (policy::upstream_id id = 0; id < upstreams_.size(); ++id)
    result.upstreams.push_back(report_upstream(id));
  for (const auto& seat : seats_) {
    result.upstreams[seat.upstream].fetchers.push_back(report_fetcher(seat));
    result.fetchers.push_back(seat.fetcher);
  }
  return result;
}

upstream_report fetcher_pool_state::report_upstream(policy::upstream_id id) const {
  const auto& record = upstreams_[id];
  upstream_report result;
  result.address = record.address;
  result.up = record.up;
  result.calls = count_of(record.metrics.calls);
  result.calls_in_flight = static_cast<std::uint32_t>(book_.in_flight(id));
  result.limit = static_cast<std::uint32_t>(record.limit.held());
  result.batches_per_second = record.limit.rate();
  result.latency_p50 = record.latencies.quantile(0.5);
  result.latency_p99 = record.latencies.quantile(0.99);
  result.failures = record.metrics.failures.counts();
  result.last_failure = record.last_failure;
  result.last_failure_at = record.last_failure_at;
  result.restarts = count_of(record.metrics.restarts);
  return result;
}

fetcher_report fetcher_pool_state::report_fetcher(const seat& of) const {
  const auto time = now();
  fetcher_report result;
  result.state = of.fetcher == nullptr ? "paused" : of.healthy_since ? "up" : "starting";
  if (of.fetcher != nullptr)
    result.actor = actor_report{of.fetcher.id(), self_->id(),         fetcher_state::name, address_of(of), {},
                                std::nullopt,    time - of.started_at};
  else
    result.next_attempt_in = std::max<caf::timespan>(of.pause_ends - time, caf::timespan{0});
  if (of.fetcher != nullptr && of.healthy_since)
    result.up_for = time - *of.healthy_since;
  result.calls_in_flight = static_cast<std::uint32_t>(book_.in_flight_of(of.life));
  result.calls = of.calls_before + of.calls;
  result.restarts = of.restarts_so_far;
  result.last_failure = of.last_failure;
  return result;
}

fetcher_pool_state::seat* fetcher_pool_state::find_seat(policy::worker_id life) {
  const auto found = std::find_if(seats_.begin(), seats_.end(), [&](const seat& s) { return s.life == life; });
  return found != seats_.end() ? &*found : nullptr;
}

fetcher_pool_state::clock::duration fetcher_pool_state::lost() const {
  return lost_until(options_.ran, self_->clock().now());
}

fetcher_pool_state::clock::time_point fetcher_pool_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
