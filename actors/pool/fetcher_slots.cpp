#include "actors/pool/fetcher_slots.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/policy/slow_description.hpp"

namespace dispatch::pool {

using std::chrono::milliseconds;

fetcher_slots::fetcher_slots(core& pool, std::function<void(policy::upstream_id)> on_ready)
  : pool_(pool),
    on_ready_(std::move(on_ready)),
    random_(pool.options.seed) {}

fetcher_slots::~fetcher_slots() {
  // A fetcher with calls under way is kept alive by them, so letting go of it is not enough.
  for (const auto& slot : slots_)
    if (slot.fetcher != nullptr)
      caf::anon_send_exit(slot.fetcher, caf::exit_reason::user_shutdown);
  for (const auto& [incarnation, leaver] : leavers_)
    caf::anon_send_exit(leaver.fetcher, caf::exit_reason::user_shutdown);
}

void fetcher_slots::open(policy::upstream_id upstream) {
  // The health check of a second fetcher would be a call more than the limit.
  const auto count = std::min(pool_.options.fetchers_per_upstream, pool_.options.limit.most);
  for (std::size_t number = 0; number < count; ++number)
    start(make_slot(upstream, number));
}

std::size_t fetcher_slots::make_slot(policy::upstream_id upstream, std::size_t number) {
  const auto closed = std::find_if(slots_.begin(), slots_.end(), [](const slot& each) { return each.is_closed; });
  slot made{upstream, number, policy::backoff{pool_.options.restart}};
  if (closed == slots_.end()) {
    slots_.push_back(std::move(made));
    return slots_.size() - 1;
  }
  // A pause that the slot was in is over for nothing.
  made.pause = closed->pause + 1;
  *closed = std::move(made);
  return static_cast<std::size_t>(closed - slots_.begin());
}

void fetcher_slots::close(policy::upstream_id upstream) {
  for (auto& each : slots_) {
    if (each.upstream != upstream || each.is_closed)
      continue;
    if (each.fetcher != nullptr)
      let_go(each);
    each.is_closed = true;
    each.healthy_since.reset();
    ++each.pause;
  }
}

// -- what fetchers are asked ------------------------------------------------------------------------------------------

fetcher_slots::slot* fetcher_slots::find(policy::fetcher_id incarnation) {
  const auto found =
    std::find_if(slots_.begin(), slots_.end(), [&](const slot& each) { return each.incarnation == incarnation; });
  return found != slots_.end() ? &*found : nullptr;
}

fetcher_actor fetcher_slots::fetcher_of(policy::fetcher_id incarnation) {
  const auto* found = find(incarnation);
  return found != nullptr ? found->fetcher : fetcher_actor{};
}

fetcher_actor fetcher_slots::ready_fetcher(policy::upstream_id upstream) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const slot& each) {
    return each.upstream == upstream && each.healthy_since && each.fetcher != nullptr;
  });
  return found != slots_.end() ? found->fetcher : fetcher_actor{};
}

void fetcher_slots::note_asked(policy::fetcher_id incarnation) {
  find(incarnation)->watch.asked(pool_.now());
}

void fetcher_slots::note_answer(policy::fetcher_id incarnation, status_code code, std::size_t calls_ended) {
  auto* from = find(incarnation);
  if (from == nullptr || code == status_code::deadline_exceeded)
    return;
  from->watch.answered(pool_.now(), pool_.scheduler.in_flight_of(incarnation) == calls_ended);
  // UNAVAILABLE says the upstream, or gRPC of a connection that is lost.
  if (code != status_code::unavailable)
    upstream_of(*from).note_answer(pool_.scheduler.live_fetchers(from->upstream) > 0, pool_.now());
}

void fetcher_slots::count_call(policy::fetcher_id incarnation) {
  if (auto* from = find(incarnation))
    ++from->calls;
}

// -- how fetchers come ------------------------------------------------------------------------------------------------

void fetcher_slots::start(std::size_t index) {
  auto& slot = slots_[index];
  slot.incarnation = next_incarnation_++;
  slot.started_at = pool_.now();
  slot.healthy_since.reset();
  slot.calls = 0;
  slot.fetcher = pool_.self->spawn<fetcher_impl>(pool_.sources(upstream_of(slot).address()), pool_.options.fetcher);
  pool_.self->monitor(slot.fetcher);
  const auto& doubted = upstream_of(slot).not_implemented();
  const auto calls = doubted ? 2 : 1;
  pool_.self->request(slot.fetcher, calls * pool_.options.fetcher.call_timeout + stuck_margin, check_health{doubted})
    .then([this, index, which = slot.incarnation](const std::string& peer) { on_healthy(index, which, peer); },
          [this, index, which = slot.incarnation](const caf::error& reason) { on_unhealthy(index, which, reason); });
}

void fetcher_slots::on_healthy(std::size_t index, policy::fetcher_id incarnation, const std::string& peer) {
  auto& slot = slots_[index];
  if (slot.incarnation != incarnation)
    return;
  slot.healthy_since = pool_.now();
  slot.watch = policy::quiet_watch{pool_.now()};
  slot.is_probed = false;
  upstream_of(slot).note_implemented();
  pool_.scheduler.fetcher_up(incarnation, slot.upstream);
  const auto renewed = std::exchange(slot.renews, false);
  pool_.log->write(renewed ? severity::debug : severity::info, renewed ? "connection_renewed" : "fetcher_ready",
                   {{"upstream", upstream_of(slot).address()}, {"fetcher", slot.number}, {"address", peer}});
  pool_.self->request(slot.fetcher, caf::infinite, await_connection_end{})
    .then([this, index, incarnation] { on_connection_end(index, incarnation); }, [](const caf::error&) {});
  note_answer(incarnation, status_code::ok, 0);
  on_ready_(slot.upstream);
}

void fetcher_slots::on_unhealthy(std::size_t index, policy::fetcher_id incarnation, const caf::error& reason) {
  // A fetcher has one way out: it is told to go, and its down message brings the next one.
  if (slots_[index].incarnation == incarnation)
    pool_.self->send_exit(slots_[index].fetcher, reason);
}

void fetcher_slots::on_connection_end(std::size_t index, policy::fetcher_id incarnation) {
  // It quits by itself when its calls have ended.
  if (slots_[index].incarnation == incarnation)
    renew(index);
}

void fetcher_slots::let_go(slot& of) {
  pool_.scheduler.fetcher_leaves(of.incarnation);
  leavers_.emplace(of.incarnation, leaver{std::exchange(of.fetcher, nullptr), of.upstream});
  of.incarnation = 0;
  of.calls_before += of.calls;
}

void fetcher_slots::renew(std::size_t index) {
  auto& slot = slots_[index];
  const auto lived = std::chrono::duration_cast<milliseconds>(pool_.now() - *slot.healthy_since);
  let_go(slot);
  slot.renews = true;
  const auto pause = policy::pause_before_renewal(lived);
  if (pause.count() > 0)
    restart_after(index, pause);
  else
    start(index);
}

void fetcher_slots::renew_quiet(policy::upstream_id upstream) {
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const auto& slot = slots_[index];
    if (slot.upstream != upstream || slot.fetcher == nullptr || !slot.healthy_since || !slot.watch.is_quiet(pool_.now())
        || pool_.scheduler.in_flight_of(slot.incarnation) > 0)
      continue;
    pool_.self->send_exit(slot.fetcher, caf::exit_reason::user_shutdown);
    renew(index);
  }
}

void fetcher_slots::restart_after(std::size_t index, milliseconds pause) {
  slots_[index].pause_ends = pool_.now() + pause;
  pool_.self->run_delayed(pause, [this, index, which = ++slots_[index].pause] {
    auto& slot = slots_[index];
    if (slot.fetcher != nullptr || slot.pause != which)
      return;
    if (!slot.renews) {
      ++slot.restarts_so_far;
      upstream_of(slot).count_restart();
    }
    start(index);
  });
}

// -- how fetchers go --------------------------------------------------------------------------------------------------

std::optional<fetcher_slots::departure> fetcher_slots::on_down(const caf::down_msg& msg) {
  const auto is_gone = [&](const fetcher_actor& each) { return each != nullptr && each.address() == msg.source; };
  const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const auto& each) { return is_gone(each.fetcher); });
  if (slot != slots_.end())
    return on_fetcher_down(static_cast<std::size_t>(slot - slots_.begin()), msg.reason);
  const auto found =
    std::find_if(leavers_.begin(), leavers_.end(), [&](const auto& each) { return is_gone(each.second.fetcher); });
  if (found == leavers_.end())
    return std::nullopt;
  const auto [incarnation, leaver] = *found;
  leavers_.erase(found);
  return departure{leaver.upstream, to_failure(msg.reason), take_from_scheduler(incarnation, msg.reason)};
}

fetcher_slots::departure fetcher_slots::on_fetcher_down(std::size_t index, const caf::error& reason) {
  auto& slot = slots_[index];
  const auto healthy_for =
    slot.healthy_since ? std::chrono::duration_cast<milliseconds>(pool_.now() - *slot.healthy_since) : milliseconds{0};
  departure result{slot.upstream, to_failure(reason), take_from_scheduler(slot.incarnation, reason)};
  slot.fetcher = nullptr;
  slot.incarnation = 0;
  slot.renews = false;
  slot.calls_before += slot.calls;
  auto& of = upstream_of(slot);
  of.note_failure(result.reason);
  slot.last_failure = of.last_failure();
  plan_restart(index, result.reason, healthy_for);
  if (pool_.scheduler.live_fetchers(slot.upstream) == 0)
    of.note_lost();
  renew_quiet(slot.upstream);
  return result;
}

std::optional<policy::ticket> fetcher_slots::take_from_scheduler(policy::fetcher_id gone, const caf::error& reason) {
  const auto waited_before = pool_.scheduler.queued();
  std::optional<policy::ticket> culprit;
  // Any other error means that the fetcher has neither ended itself nor was told to go: it died of an exception.
  if (is_failure(reason) || !reason || reason == caf::exit_reason::user_shutdown)
    pool_.scheduler.fetcher_down(gone);
  else
    culprit = pool_.scheduler.fetcher_crashed(gone);
  for (auto again = pool_.scheduler.queued() - waited_before; again > 0; --again)
    pool_.retries.count(to_failure(reason).code);
  return culprit;
}

void fetcher_slots::plan_restart(std::size_t index, const failure& reason, milliseconds healthy_for) {
  auto& slot = slots_[index];
  const auto uniform = std::uniform_real_distribution<double>{0.0, 1.0}(random_);
  const auto pause = slot.restarts.next(healthy_for, slot.calls, uniform);
  pool_.log->write(severity::warning, "fetcher_failed",
                   {{"upstream", upstream_of(slot).address()},
                    {"fetcher", slot.number},
                    {"code", to_string(reason.code)},
                    {"message", reason.message},
                    {"restart_in_ms", pause.count()},
                    {"failures", slot.restarts.failures()}});
  restart_after(index, pause);
}

// -- what a tick finds ------------------------------------------------------------------------------------------------

void fetcher_slots::on_tick() {
  end_stuck();
  end_idle_leavers();
  probe_quiet();
  cut_pauses_short();
}

void fetcher_slots::end_stuck() {
  const auto& options = pool_.options.fetcher;
  const auto limit = pool_.now() - (options.call_timeout + policy::slow_description + stuck_margin);
  const auto limit_of_descriptions =
    pool_.now() - (std::max(options.call_timeout, options.description_timeout) + stuck_margin);
  for (const auto incarnation : pool_.scheduler.stuck_since(limit, limit_of_descriptions)) {
    const auto leaver = leavers_.find(incarnation);
    pool_.self->send_exit(leaver != leavers_.end() ? leaver->second.fetcher : fetcher_of(incarnation),
                          make_error(failure{status_code::deadline_exceeded, "the fetcher does not report its calls"}));
  }
}

void fetcher_slots::end_idle_leavers() {
  // One whose connection has ended quits by itself; one whose upstream is retired does not.
  for (const auto& [incarnation, leaver] : leavers_)
    if (pool_.scheduler.in_flight_of(incarnation) == 0)
      pool_.self->send_exit(leaver.fetcher, caf::exit_reason::user_shutdown);
}

void fetcher_slots::probe_quiet() {
  // Where calls or a stream are under way, those find out; and a service that has one thread must not be asked beside
  // them.
  for (auto& slot : slots_)
    if (slot.healthy_since && slot.fetcher != nullptr && !slot.is_probed && slot.watch.is_quiet(pool_.now())
        && pool_.scheduler.in_flight(slot.upstream) == 0 && upstream_of(slot).streams() == 0)
      probe(slot);
}

void fetcher_slots::probe(slot& quiet) {
  quiet.is_probed = true;
  quiet.watch.asked(pool_.now());
  upstream_of(quiet).begin_probe(pool_.now());
  const auto ended = [this, upstream = quiet.upstream, incarnation = quiet.incarnation](status_code code) {
    on_probed(upstream, incarnation, code);
  };
  pool_.self->request(quiet.fetcher, caf::infinite, probe_connection{})
    .then([ended](const std::string&) { ended(status_code::ok); },
          [ended](const caf::error& reason) { ended(to_failure(reason).code); });
}

void fetcher_slots::on_probed(policy::upstream_id upstream, policy::fetcher_id incarnation, status_code code) {
  if (auto* from = find(incarnation))
    from->is_probed = false;
  note_answer(incarnation, code, 0);
  pool_.upstreams[upstream].end_probe();
}

void fetcher_slots::cut_pauses_short() {
  const auto is_any_up =
    std::any_of(pool_.upstreams.begin(), pool_.upstreams.end(), [](const upstream& each) { return each.is_up(); });
  if (is_any_up || !std::exchange(is_hastened_, false))
    return;
  for (std::size_t index = 0; index < slots_.size(); ++index)
    if (slots_[index].fetcher == nullptr && !slots_[index].is_closed)
      restart_after(index, milliseconds{0});
}

// -- inspection -------------------------------------------------------------------------------------------------------

void fetcher_slots::report(policy::upstream_id upstream, upstream_report& rows,
                           std::vector<fetcher_actor>& handles) const {
  for (const auto& slot : slots_) {
    if (slot.upstream != upstream || slot.is_closed)
      continue;
    rows.fetchers.push_back(report_of(slot));
    handles.push_back(slot.fetcher);
  }
}

fetcher_report fetcher_slots::report_of(const slot& of) const {
  const auto now = pool_.now();
  fetcher_report result;
  result.state = of.fetcher == nullptr ? "paused" : of.healthy_since ? "up" : "starting";
  if (of.fetcher != nullptr)
    result.actor = actor_report{of.fetcher.id(), pool_.self->id(),   fetcher_state::name, upstream_of(of).address(), {},
                                std::nullopt,    now - of.started_at};
  else
    result.next_attempt_in = std::max<caf::timespan>(of.pause_ends - now, caf::timespan{0});
  if (of.fetcher != nullptr && of.healthy_since)
    result.up_for = now - *of.healthy_since;
  result.calls_in_flight = static_cast<std::uint32_t>(pool_.scheduler.in_flight_of(of.incarnation));
  result.calls = of.calls_before + of.calls;
  result.restarts = of.restarts_so_far;
  result.last_failure = of.last_failure;
  return result;
}

} // namespace dispatch::pool
