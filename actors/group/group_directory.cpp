#include "actors/group/group_directory.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/policy/group/group_difference.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

namespace {

constexpr std::chrono::seconds store_timeout{30};

/// A group that has become unused in this moment is started anew.
constexpr int most_tries = 3;

} // namespace

group_directory_state::group_directory_state(group_directory_actor::pointer self, group_options options,
                                             group_store_actor store, event_log_ptr log)
  : self_(self),
    options_(std::move(options)),
    store_(std::move(store)),
    log_(std::move(log)),
    started_at_(self->clock().now()) {}

group_directory_state::~group_directory_state() {
  for (const auto& [key, each] : groups_)
    self_->send_exit(each.group, caf::exit_reason::user_shutdown);
}

group_directory_actor::behavior_type group_directory_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_down(msg); });
  return {
    [this](const find_group& request) { return on_find(request); },
    [this](get_groups_report) { return on_get_report(); },
  };
}

caf::result<joined_group> group_directory_state::on_find(const find_group& request) {
  auto promise = self_->make_response_promise<joined_group>();
  self_->request(store_, store_timeout, open_group{request.name, request.spec})
    .then([this, request, promise](const opened_group& opened) { on_opened(opened, request, promise); },
          [promise](const caf::error& reason) mutable { promise.deliver(make_error(to_failure(reason))); });
  return promise;
}

void group_directory_state::on_opened(const opened_group& opened, const find_group& request,
                                      caf::typed_response_promise<joined_group> promise) {
  if (const auto difference = policy::difference_of(request.spec, opened.spec))
    promise.deliver(make_error({status_code::failed_precondition, "group '" + request.name + "': " + *difference
                                                                    + ": ask for the same, or for another group"}));
  else
    join(opened, request, std::move(promise), most_tries);
}

void group_directory_state::join(const opened_group& opened, const find_group& request,
                                 caf::typed_response_promise<joined_group> promise, int tries) {
  const auto group = group_of(opened);
  self_->request(group, caf::infinite, request.joins)
    .then(
      [group, opened, promise](member_id member) mutable {
        promise.deliver(joined_group{group, member, opened.progress.generation, opened.spec});
      },
      [=](const caf::error& reason) mutable {
        // Of several that are told so, the first one starts the group anew.
        if (const auto found = groups_.find(request.name); found != groups_.end() && found->second.group == group)
          groups_.erase(found);
        if (tries > 0)
          join(opened, request, std::move(promise), tries - 1);
        else
          promise.deliver(make_error(to_failure(reason)));
      });
}

const group_actor& group_directory_state::group_of(const opened_group& opened) {
  const auto generation = opened.progress.generation;
  if (const auto found = groups_.find(opened.name); found != groups_.end()) {
    if (found->second.generation == generation)
      return found->second.group;
    // It learns that it is the group of an older generation.
    self_->send(found->second.group, sync_due{});
  }
  const auto started = self_->spawn<group_impl>(options_, opened, store_, log_);
  self_->monitor(started);
  return groups_.insert_or_assign(opened.name, running{started, generation}).first->second.group;
}

groups_report group_directory_state::on_get_report() {
  groups_report result;
  result.actor = row_of(self_, name, "serving", started_at_);
  for (const auto& [key, each] : groups_)
    result.groups.push_back(each.group);
  return result;
}

void group_directory_state::on_down(const caf::down_msg& msg) {
  const auto found = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const auto& each) { return each.second.group.address() == msg.source; });
  if (msg.reason && msg.reason != caf::exit_reason::user_shutdown)
    log_->write(
      severity::error, "group_failed",
      {{"group", found != groups_.end() ? found->first : std::string{"?"}}, {"message", caf::to_string(msg.reason)}});
  if (found != groups_.end())
    groups_.erase(found);
}

} // namespace dispatch
