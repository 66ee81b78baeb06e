#include "actors/session/session_group.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "messages/status_code.hpp"

namespace dispatch {

namespace {

group_spec spec_of(const wanted_group& wanted, const policy::session_plan& plan) {
  return {plan.cursor_at(plan.epoch, plan.position),
          plan.asked_block,
          plan.steps.batch_size,
          plan.steps.ends,
          plan.end_epoch,
          wanted.has_barrier,
          wanted.ack_wait,
          wanted.max_deliver};
}

} // namespace

session_group::session_group(session_actor::pointer self, const session_options& options)
  : self_(self),
    options_(options) {}

void session_group::join(const hello& asked, const policy::session_plan& plan, const std::string& client,
                         std::function<void()> on_joined, std::function<void(const failure&)> on_refused) {
  name_ = asked.group->name;
  if (!plan.counts_samples())
    return on_refused({status_code::failed_precondition,
                       "group: the samples of dataset '" + plan.dataset()
                         + "' cannot be counted, so its batches have no numbers that members could share: leave this "
                           "out, or let GetDatasetInfo describe total, shape and type of the samples"});
  if (options_.groups == nullptr)
    return on_refused({status_code::unimplemented, "group: this dispatcher has no groups"});
  find_group request{name_,
                     spec_of(*asked.group, plan),
                     {group_member_actor{session_actor{self_}}, client, asked.acks == ack_mode::next}};
  self_->request(options_.groups, caf::infinite, std::move(request))
    .then(
      [this, on_joined](const joined_group& joined) {
        joined_ = std::make_unique<joined_group>(joined);
        self_->monitor(joined.group);
        on_joined();
      },
      [on_refused](const caf::error& reason) { on_refused(to_failure(reason)); });
}

policy::session_plan session_group::plan_of_member(policy::session_plan plan) const {
  const auto& spec = joined_->spec;
  const auto epoch = moved_ ? moved_->open_epoch : spec.start.epoch;
  plan.epoch = epoch;
  plan.position = epoch == spec.start.epoch ? spec.start.position : 0;
  plan.skips = spec.start.skips;
  plan.end_epoch = spec.end_epoch;
  return plan;
}

group_welcome session_group::welcome_line() const {
  return {name_, joined_->generation, joined_->spec};
}

std::unique_ptr<policy::session_pass> session_group::make_pass(const policy::session_plan& plan,
                                                               policy::lookahead::options window,
                                                               std::optional<std::size_t> most_unacked,
                                                               time_point now) {
  auto pass = std::make_unique<policy::group_pass>(joined_->spec, plan.epoch, window);
  pass_ = pass.get();
  policy::ack_window::options limits;
  if (most_unacked)
    limits = {*most_unacked, *most_unacked};
  window_.emplace(limits, now);
  if (moved_)
    pass_->move_on(moved_->open_epoch, moved_->is_over);
  return pass;
}

void session_group::take(const batches_handed& handed) {
  outstanding_ -= std::min(outstanding_, handed.batches.size());
  if (is_over_) {
    std::vector<group_batch> late;
    for (const auto& each : handed.batches)
      late.push_back(each.batch);
    self_->send(joined_->group, return_batches{joined_->member, std::move(late)});
    return;
  }
  for (const auto& each : handed.batches)
    handed_.push_back(each.batch);
  pass_->hand(handed.batches);
}

void session_group::take(const group_moved& moved) {
  moved_ = moved;
  if (pass_ != nullptr)
    pass_->move_on(moved.open_epoch, moved.is_over);
}

group_batch session_group::depart() {
  const auto result = handed_.front();
  handed_.pop_front();
  return result;
}

void session_group::used(std::vector<group_batch> batches, time_point now) {
  window_->acknowledged(batches.size(), now);
  if (used_.empty())
    used_ = std::move(batches);
  else
    used_.insert(used_.end(), batches.begin(), batches.end());
}

void session_group::pump(std::size_t unacked) {
  std::size_t wants = 0;
  if (!is_over_) {
    const auto held = unacked + handed_.size() + outstanding_;
    const auto may_hold = window_->limit() - std::min(held, window_->limit());
    const auto fits = pass_->free_room() - std::min(outstanding_, pass_->free_room());
    wants = std::min(may_hold, fits);
    // Few messages for many batches.
    if (used_.empty() && outstanding_ > 0 && wants < window_->limit() / 4)
      wants = 0;
  }
  if (wants > 0 || !used_.empty() || is_alive_)
    send_turn(wants);
}

void session_group::send_turn(std::size_t wants) {
  outstanding_ += wants;
  self_->send(joined_->group,
              member_turn{joined_->member, std::exchange(used_, {}), wants, std::exchange(is_alive_, false)});
}

void session_group::stop() {
  if (std::exchange(is_over_, true) || joined_ == nullptr)
    return;
  self_->send(joined_->group, return_batches{joined_->member, {handed_.begin(), handed_.end()}});
  handed_.clear();
}

void session_group::leave(std::vector<group_batch> unsent) {
  if (joined_ == nullptr || std::exchange(has_left_, true))
    return;
  unsent.insert(unsent.end(), handed_.begin(), handed_.end());
  if (!used_.empty())
    send_turn(0);
  self_->send(joined_->group, leave_group{joined_->member, std::move(unsent)});
}

} // namespace dispatch
