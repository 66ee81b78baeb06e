#include "actors/group/group.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/every.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

namespace {

/// The store itself answers sooner, one way or the other.
constexpr std::chrono::seconds store_timeout{30};

/// Then members are told that they wait for the store.
constexpr std::chrono::seconds store_is_late{1};

std::string seconds_text(std::chrono::duration<double> time) {
  return std::to_string(static_cast<long>(time.count())) + " s";
}

} // namespace

group_state::group_state(group_actor::pointer self, group_options options, const opened_group& opened,
                         group_store_actor store, event_log_ptr log)
  : self_(self),
    options_(std::move(options)),
    name_(opened.name),
    epochs_(opened.spec),
    progress_(opened.progress),
    store_(std::move(store)),
    log_(std::move(log)),
    share_(name_, progress_.generation,
           {options_.dispatcher, options_.lease_ttl, opened.spec.ack_wait, opened.spec.max_deliver}),
    acked_(now()),
    started_at_(now()) {}

group_actor::behavior_type group_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_down(msg); });
  every(self_, options_.sync_interval, [this] { on_tick(); });
  return {
    [this](const member_turn& turn) { on_turn(turn); },
    [this](const return_batches& request) { on_return(request); },
    [this](const leave_group& request) { on_leave(request); },
    [this](const record_acks& request) { return on_record(request); },
    [this](const get_group_wait& request) { return on_get_wait(request.member); },
    [this](get_group_report) { return on_get_report(); },
    [this](sync_due) { sync(); },
    [this](const join_group& request) { return on_join(request); },
    [this](get_actor_report) { return row(); },
  };
}

// -- members ----------------------------------------------------------------------------------------------------------

member_id group_state::on_join(const join_group& request) {
  const auto id = share_.join(request.client, now(), request.acks_in_order);
  members_[id] = {request.member, request.client, request.acks_in_order};
  self_->monitor(request.member);
  self_->send(request.member, group_moved{progress_.open_epoch, progress_.is_over});
  log_->write(severity::info, "group_joined",
              {{"group", name_}, {"client", request.client}, {"members", members_.size()}});
  return id;
}

void group_state::on_turn(const member_turn& turn) {
  const auto found = members_.find(turn.member);
  if (found == members_.end())
    return;
  const auto at = now();
  if (!turn.used.empty())
    acked_.add(at, static_cast<double>(share_.ack(turn.member, turn.used)));
  if (turn.is_alive || (!turn.used.empty() && found->second.acks_in_order))
    share_.note_alive(turn.member, at);
  share_.want(turn.member, turn.wants);
  pump();
}

void group_state::on_return(const return_batches& request) {
  if (members_.count(request.member) == 0)
    return;
  share_.stop(request.member, request.untouched);
  pump();
}

void group_state::on_leave(const leave_group& request) {
  leave(request.member, request.untouched);
}

void group_state::on_down(const caf::down_msg& msg) {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const auto& each) { return each.second.actor.address() == msg.source; });
  if (found != members_.end())
    leave(found->first, {});
}

void group_state::leave(member_id who, const std::vector<group_batch>& untouched) {
  const auto found = members_.find(who);
  if (found == members_.end())
    return;
  self_->demonitor(found->second.actor.address());
  const auto client = found->second.client;
  members_.erase(found);
  const auto before = share_.out();
  share_.leave(who, untouched);
  log_->write(
    severity::info, "group_left",
    {{"group", name_}, {"client", client}, {"given_back", before - share_.out()}, {"members", members_.size()}});
  log_parked();
  pump();
}

caf::result<void> group_state::on_record(const record_acks&) {
  auto promise = self_->make_response_promise<void>();
  if (share_.has_recorded_all() && !is_syncing_ && !has_volatile_acks_)
    promise.deliver();
  else
    next_recorders_.push_back(promise);
  sync();
  return promise;
}

void group_state::pump() {
  if (share_.has_leases(self_->clock().now()))
    for (auto& each : share_.hand_out(now()))
      self_->send(members_.at(each.to).actor, batches_handed{std::move(each.batches)});
  if (should_sync())
    sync();
}

void group_state::on_tick() {
  for (const auto& each : share_.take_back_overdue(now()))
    log_->write(severity::warning, "ack_overdue",
                {{"group", name_}, {"client", members_.at(each.member).client}, {"batches", each.batches}});
  log_parked();
  pump();
  if (!share_.is_clean() || share_.has_waiting_member())
    sync();
  else
    quit_if_unused();
}

void group_state::log_parked() {
  for (const auto& each : share_.take_parked())
    log_->write(severity::error, "batch_parked",
                {{"group", name_},
                 {"epoch", each.batch.epoch},
                 {"position", epochs_.position_of(each.batch)},
                 {"deliveries", std::uint64_t{each.deliveries}},
                 {"client", each.member}});
}

// -- the store --------------------------------------------------------------------------------------------------------

bool group_state::should_sync() const {
  if (!store_problem_.empty())
    return false;
  // The last batches that are known here are settled: maybe an epoch is over.
  const auto may_be_over = share_.has_waiting_member() && share_.out() == 0 && !share_.has_recorded_all();
  return share_.is_short() || may_be_over || (members_.empty() && !share_.is_clean());
}

void group_state::sync() {
  if (is_syncing_)
    return;
  is_syncing_ = true;
  asked_store_at_ = now();
  recorders_ = std::exchange(next_recorders_, {});
  auto said = share_.say();
  said.is_awaited = !recorders_.empty();
  has_volatile_acks_ = !said.is_awaited && (has_volatile_acks_ || !said.acked.empty());
  const auto said_at = self_->clock().now();
  self_->request(store_, store_timeout, std::move(said))
    .then([this, said_at](const group_synced& answer) { on_synced(answer, said_at); },
          [this](const caf::error& reason) { on_not_synced(reason); });
}

void group_state::on_synced(const group_synced& answer, clock::time_point said_at) {
  is_syncing_ = false;
  store_problem_.clear();
  if (answer.progress.generation != progress_.generation)
    return close({status_code::aborted, "group '" + name_ + "' was set to another place: open it again"});
  share_.synced(answer, said_at);
  elsewhere_ = answer.elsewhere;
  answer_recorders();
  note_progress(answer.progress);
  pump();
  if (!next_recorders_.empty())
    sync();
  quit_if_unused();
}

void group_state::on_not_synced(const caf::error& reason) {
  is_syncing_ = false;
  share_.not_synced();
  next_recorders_.insert(next_recorders_.end(), recorders_.begin(), recorders_.end());
  recorders_.clear();
  has_volatile_acks_ = true;
  const auto what = to_failure(reason);
  if (what.code == status_code::not_found)
    return close({status_code::aborted, "group '" + name_ + "' was deleted: open it again to begin it anew"});
  store_problem_ = what.message;
}

void group_state::answer_recorders() {
  for (auto& each : std::exchange(recorders_, {}))
    each.deliver();
}

void group_state::note_progress(const group_progress& progress) {
  const auto has_moved = progress.open_epoch != progress_.open_epoch || progress.is_over != progress_.is_over;
  progress_ = progress;
  if (!has_moved)
    return;
  for (const auto& [id, each] : members_)
    self_->send(each.actor, group_moved{progress.open_epoch, progress.is_over});
  log_->write(severity::info, progress.is_over ? "group_over" : "group_epoch_over",
              {{"group", name_},
               {"open_epoch", progress.open_epoch},
               {"acked", progress.acked},
               {"parked", progress.parked},
               {"redelivered", progress.redelivered}});
}

void group_state::close(const failure& reason) {
  log_->write(severity::warning, "group_closed", {{"group", name_}, {"message", reason.message}});
  for (const auto& [id, each] : members_)
    self_->send(each.actor, group_closed{reason});
  for (auto* waiting : {&recorders_, &next_recorders_})
    for (auto& each : *waiting)
      each.deliver(make_error(reason));
  self_->quit();
}

void group_state::quit_if_unused() {
  if (members_.empty() && share_.is_clean() && !is_syncing_)
    self_->quit();
}

// -- for people -------------------------------------------------------------------------------------------------------

group_wait group_state::on_get_wait(member_id who) const {
  group_wait result{"group", {}, 0, 0};
  std::string holders;
  const auto say = [&](const std::string& text) { holders += (holders.empty() ? "" : "; ") + text; };
  for (const auto& each : share_.member_reports()) {
    if (each.held == 0)
      continue;
    (each.member == who ? result.own : result.others) += each.held;
    say((each.member == who ? "this session" : "'" + each.name + "'") + " has " + std::to_string(each.held) + " for "
        + seconds_text(now() - each.since));
  }
  for (const auto& each : elsewhere_) {
    const auto count = static_cast<std::uint64_t>(count_of(each.batches));
    result.others += count;
    say("dispatcher '" + each.dispatcher + "' has " + std::to_string(count)
        + (each.members.empty() ? "" : " (" + each.members + ")"));
  }
  if (auto problem = store_problem(); !problem.empty()) {
    result.on = "store";
    result.why = std::move(problem);
  } else if (holders.empty()) {
    result.on = "store";
    result.why = "the store has not answered yet";
  } else {
    result.why = "all batches of group '" + name_ + "' that there are now are out and not acknowledged: " + holders;
  }
  return result;
}

group_report group_state::on_get_report() const {
  const auto& spec = epochs_.spec();
  group_report result;
  result.actor = row();
  result.name = name_;
  result.dataset = spec.start.dataset;
  result.progress = progress_;
  result.batches = epochs_.steps(progress_.open_epoch).batches();
  result.epochs = spec.end_epoch;
  for (const auto& each : share_.member_reports()) {
    auto& member = result.members.emplace_back();
    member.name = each.name;
    member.held = each.held;
    member.acked = each.acked;
    if (each.held > 0) {
      member.held_seconds = std::chrono::duration<double>(now() - each.since).count();
      member.oldest_epoch = each.oldest.epoch;
      member.oldest_position = epochs_.position_of(each.oldest);
    }
  }
  for (const auto& each : elsewhere_)
    result.elsewhere.push_back({each.dispatcher, each.run.epoch,
                                epochs_.position_of(batch_of(each.run, first_of(each.batches))), count_of(each.batches),
                                each.members});
  result.batches_per_second = acked_.per_second(now());
  result.store_problem = store_problem();
  return result;
}

actor_report group_state::row() const {
  return row_of(self_, name, store_problem().empty() ? "serving" : "store_away", started_at_);
}

std::string group_state::store_problem() const {
  const auto waited = now() - asked_store_at_;
  if (store_problem_.empty() && is_syncing_ && waited >= store_is_late)
    return "the store has not answered for " + seconds_text(waited);
  return store_problem_;
}

group_state::clock::time_point group_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
