#include "actors/pool/fetcher_slots.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/policy/slow_description.hpp"

namespace dispatch::pool {

using std::chrono::milliseconds;

fetcher_slots::fetcher_slots(core& pool, connections& open, std::function<void(policy::upstream_id)> on_ready)
  : pool_(pool),
    connections_(open),
    on_ready_(std::move(on_ready)),
    random_(pool.options.seed) {}

fetcher_slots::~fetcher_slots() {
  // A fetcher with calls under way is kept alive by them, so letting go of it is not enough.
  for (const auto& slot : slots_)
    if (slot.current())
      caf::anon_send_exit(slot.current()->fetcher, caf::exit_reason::user_shutdown);
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
  fetcher_slot made{upstream, number, pool_.options.restart};
  const auto closed = std::find_if(slots_.begin(), slots_.end(), [](const auto& each) { return each.is_closed(); });
  if (closed == slots_.end()) {
    slots_.push_back(std::move(made));
    return slots_.size() - 1;
  }
  *closed = std::move(made);
  return static_cast<std::size_t>(closed - slots_.begin());
}

void fetcher_slots::close(policy::upstream_id upstream) {
  for (auto& slot : slots_)
    if (slot.upstream() == upstream && !slot.is_closed())
      if (const auto leaving = slot.close())
        let_go(*leaving, upstream);
}

// -- fetchers ---------------------------------------------------------------------------------------------------------

fetcher_slot* fetcher_slots::find(policy::fetcher_id incarnation) {
  const auto found =
    std::find_if(slots_.begin(), slots_.end(), [&](const auto& each) { return each.is_filled_by(incarnation); });
  return found != slots_.end() ? &*found : nullptr;
}

fetcher_actor fetcher_slots::fetcher_of(policy::fetcher_id incarnation) const {
  for (const auto& slot : slots_)
    if (slot.is_filled_by(incarnation))
      return slot.current()->fetcher;
  return {};
}

fetcher_actor fetcher_slots::ready_fetcher(policy::upstream_id upstream) const {
  const fetcher_slot::incarnation* best = nullptr;
  const auto calls_of = [&](const auto& each) { return pool_.scheduler.in_flight_of(each.id); };
  for (const auto& slot : slots_)
    if (slot.upstream() == upstream && slot.is_ready()
        && (best == nullptr || calls_of(*slot.current()) < calls_of(*best)))
      best = &*slot.current();
  return best != nullptr ? best->fetcher : fetcher_actor{};
}

void fetcher_slots::count_call(policy::fetcher_id incarnation) {
  if (auto* from = find(incarnation))
    from->count_call();
}

// -- how fetchers come ------------------------------------------------------------------------------------------------

void fetcher_slots::start(std::size_t index) {
  auto& slot = slots_[index];
  const auto which = next_incarnation_++;
  const fetcher_actor fetcher =
    pool_.self->spawn<fetcher_impl>(pool_.sources(upstream_of(slot).address()), pool_.options.fetcher);
  slot.fill(fetcher, which, pool_.now());
  pool_.self->monitor(fetcher);
  const auto& doubted = upstream_of(slot).not_implemented();
  const auto calls = doubted ? 2 : 1;
  pool_.self->request(fetcher, calls * pool_.options.fetcher.call_timeout + stuck_margin, check_health{doubted})
    .then([this, index, which](const std::string& peer) { on_healthy(index, which, peer); },
          [this, index, which](const caf::error& reason) { on_unhealthy(index, which, reason); });
}

void fetcher_slots::on_healthy(std::size_t index, policy::fetcher_id incarnation, const std::string& peer) {
  auto& slot = slots_[index];
  if (!slot.is_filled_by(incarnation))
    return;
  const auto renewed = slot.become_ready(pool_.now());
  const auto fetcher = slot.current()->fetcher;
  connections_.open(incarnation, fetcher, slot.upstream());
  upstream_of(slot).note_implemented();
  pool_.scheduler.fetcher_up(incarnation, slot.upstream());
  pool_.log->write(renewed ? severity::debug : severity::info, renewed ? "connection_renewed" : "fetcher_ready",
                   {{"upstream", upstream_of(slot).address()}, {"fetcher", slot.number()}, {"address", peer}});
  pool_.self->request(fetcher, caf::infinite, await_connection_end{})
    .then([this, index, incarnation] { on_connection_end(index, incarnation); }, [](const caf::error&) {});
  connections_.note_answer(incarnation, status_code::ok, 0);
  on_ready_(slot.upstream());
}

void fetcher_slots::on_unhealthy(std::size_t index, policy::fetcher_id incarnation, const caf::error& reason) {
  // A fetcher has one way out: it is told to go, and its down message brings the next one.
  if (slots_[index].is_filled_by(incarnation))
    pool_.self->send_exit(slots_[index].current()->fetcher, reason);
}

void fetcher_slots::on_connection_end(std::size_t index, policy::fetcher_id incarnation) {
  // It quits by itself when its calls have ended.
  if (slots_[index].is_filled_by(incarnation))
    renew(index);
}

void fetcher_slots::let_go(const fetcher_slot::incarnation& leaving, policy::upstream_id upstream) {
  connections_.close(leaving.id);
  pool_.scheduler.fetcher_leaves(leaving.id);
  leavers_.emplace(leaving.id, leaver{leaving.fetcher, upstream});
}

void fetcher_slots::renew(std::size_t index) {
  auto& slot = slots_[index];
  const auto leaving = slot.renew();
  let_go(leaving, slot.upstream());
  const auto pause = policy::pause_before_renewal(leaving.ready_for(pool_.now()));
  if (pause.count() > 0)
    restart_after(index, pause);
  else
    start(index);
}

void fetcher_slots::renew_quiet(policy::upstream_id upstream) {
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const auto& slot = slots_[index];
    if (slot.upstream() != upstream || !slot.is_ready() || !connections_.may_be_lost(slot.current()->id))
      continue;
    pool_.self->send_exit(slot.current()->fetcher, caf::exit_reason::user_shutdown);
    renew(index);
  }
}

void fetcher_slots::hasten() {
  is_hastened_ = true;
  cut_pauses_short();
}

void fetcher_slots::cut_pauses_short() {
  if (pool_.any_up() || !std::exchange(is_hastened_, false))
    return;
  for (std::size_t index = 0; index < slots_.size(); ++index)
    if (slots_[index].is_paused())
      restart_after(index, milliseconds{0});
}

bool fetcher_slots::is_any_ready() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) { return slot.is_ready(); });
}

bool fetcher_slots::is_any_starting() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) { return slot.current() && !slot.is_ready(); });
}

void fetcher_slots::restart_after(std::size_t index, milliseconds pause) {
  const auto which = next_pause_++;
  slots_[index].begin_pause(which, pool_.now() + pause);
  pool_.self->run_delayed(pause, [this, index, which] { end_pause(index, which); });
}

void fetcher_slots::end_pause(std::size_t index, std::uint64_t pause) {
  auto& slot = slots_[index];
  const auto is_restart = slot.end_pause(pause);
  if (!is_restart)
    return;
  if (*is_restart)
    upstream_of(slot).count_restart();
  start(index);
}

// -- how fetchers go --------------------------------------------------------------------------------------------------

std::optional<fetcher_slots::departure> fetcher_slots::on_down(const caf::down_msg& msg) {
  const auto is_gone = [&](const fetcher_actor& each) { return each.address() == msg.source; };
  for (std::size_t index = 0; index < slots_.size(); ++index)
    if (slots_[index].current() && is_gone(slots_[index].current()->fetcher))
      return on_fetcher_down(index, msg.reason);
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
  auto& of = upstream_of(slot);
  const auto what = to_failure(reason);
  of.note_failure(what);
  const auto failed = slot.fail(of.last_failure());
  connections_.close(failed.id);
  departure result{slot.upstream(), what, take_from_scheduler(failed.id, reason)};
  plan_restart(index, failed, what);
  if (pool_.scheduler.live_fetchers(slot.upstream()) == 0)
    of.note_lost(pool_.now());
  renew_quiet(slot.upstream());
  return result;
}

std::vector<policy::ticket> fetcher_slots::take_from_scheduler(policy::fetcher_id gone, const caf::error& reason) {
  const auto waited_before = pool_.scheduler.queued();
  std::vector<policy::ticket> failed;
  // Any other error means that the fetcher has neither ended itself nor was told to go: it died of an exception.
  if (is_failure(reason) || !reason || reason == caf::exit_reason::user_shutdown)
    pool_.scheduler.fetcher_down(gone, pool_.now());
  else
    failed = pool_.scheduler.fetcher_crashed(gone, pool_.now());
  for (auto again = pool_.scheduler.queued() - waited_before; again > 0; --again)
    pool_.retries.count(to_failure(reason).code);
  return failed;
}

void fetcher_slots::plan_restart(std::size_t index, const fetcher_slot::incarnation& failed, const failure& reason) {
  auto& slot = slots_[index];
  const auto uniform = std::uniform_real_distribution<double>{0.0, 1.0}(random_);
  const auto pause = slot.pause_after(failed, uniform, pool_.now());
  pool_.log->write(severity::warning, "fetcher_failed",
                   {{"upstream", upstream_of(slot).address()},
                    {"fetcher", slot.number()},
                    {"code", to_string(reason.code)},
                    {"message", reason.message},
                    {"restart_in_ms", pause.count()},
                    {"failures", slot.failures()}});
  restart_after(index, pause);
}

// -- what a tick finds ------------------------------------------------------------------------------------------------

void fetcher_slots::on_tick() {
  end_stuck();
  end_idle_leavers();
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

// -- inspection -------------------------------------------------------------------------------------------------------

void fetcher_slots::report(policy::upstream_id upstream, upstream_report& rows,
                           std::vector<fetcher_actor>& handles) const {
  for (const auto& slot : slots_) {
    if (slot.upstream() != upstream || slot.is_closed())
      continue;
    rows.fetchers.push_back(report_of(slot));
    handles.push_back(slot.current() ? slot.current()->fetcher : fetcher_actor{});
  }
}

fetcher_report fetcher_slots::report_of(const fetcher_slot& slot) const {
  const auto now = pool_.now();
  auto result = slot.report(now);
  if (!slot.current())
    return result;
  const auto& of = *slot.current();
  result.actor = actor_report{of.fetcher.id(), pool_.self->id(),   fetcher_state::name, upstream_of(slot).address(), {},
                              std::nullopt,    now - of.started_at};
  result.calls_in_flight = static_cast<std::uint32_t>(pool_.scheduler.in_flight_of(of.id));
  return result;
}

} // namespace dispatch::pool
