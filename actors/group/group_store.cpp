#include "actors/group/group_store.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <random>
#include <type_traits>
#include <utility>
#include <variant>

#include "actors/policy/group/group_epochs.hpp"
#include "actors/policy/group/group_ledger.hpp"
#include "actors/policy/group/group_view.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

namespace {

/// Stands for the member that had the batch last.
constexpr const char* parked_by_hand = "by hand";

failure no_such_group(const std::string& name) {
  return {status_code::not_found, "there is no group '" + name + "'"};
}

} // namespace

group_store_state::group_store_state(group_store_actor::pointer self, store_backend_ptr backend, event_log_ptr log)
  : self_(self),
    backend_(std::move(backend)),
    log_(std::move(log)),
    pause_({}),
    started_at_(self_->clock().now()) {}

group_store_actor::behavior_type group_store_state::make_behavior() {
  self_->send(self_, run_store_jobs{});
  return {
    [this](const open_group& request) {
      return later<opened_group>(request.name, [this, request] { return open(request); });
    },
    [this](const group_sync& said) { return later<group_synced>(said.group, [this, said] { return sync(said); }); },
    [this](list_groups) { return later<group_list>({}, [this] { return list(); }); },
    [this](const show_group& request) {
      return later<group_view>(request.name, [this, request] { return show(request.name); });
    },
    [this](const seek_group& request) {
      return later<group_progress>(request.name, [this, request] { return seek(request); });
    },
    [this](const delete_group& request) {
      return later<void>(request.name, [this, request] { remove(request.name); });
    },
    [this](const park_batch& request) {
      return later<group_progress>(request.name, [this, request] { return park(request); });
    },
    [this](const take_position& request) {
      return later<taken_position>(request.name, [this, request] { return take(request); });
    },
    [this](const keep_position& request) { return later<void>(request.name, [this, request] { keep(request); }); },
    [this](run_store_jobs) { run_jobs(); },
    [this](get_actor_report) { return row_of(self_, name, away_because_.empty() ? "serving" : "away", started_at_); },
  };
}

// -- jobs -------------------------------------------------------------------------------------------------------------

template <class Answer, class Work>
caf::result<Answer> group_store_state::later(std::string key, Work work) {
  using value = std::conditional_t<std::is_void_v<Answer>, caf::unit_t, Answer>;
  auto promise = self_->template make_response_promise<Answer>();
  auto result = std::make_shared<std::variant<failure, value>>();
  const auto run = [work = std::move(work), result] {
    try {
      if constexpr (std::is_void_v<Answer>) {
        work();
        *result = value{};
      } else {
        *result = work();
      }
    } catch (const failure& reason) {
      *result = reason;
    }
  };
  const auto answer = [promise, result]() mutable {
    if (const auto* reason = std::get_if<failure>(&*result))
      promise.deliver(make_error(*reason));
    else if constexpr (std::is_void_v<Answer>)
      promise.deliver();
    else
      promise.deliver(std::get<Answer>(std::move(*result)));
  };
  const auto fail = [promise](const caf::error& reason) mutable { promise.deliver(reason); };
  jobs_.push_back({std::move(key), run, answer, fail});
  if (jobs_.size() == 1)
    self_->send(self_, run_store_jobs{});
  return promise;
}

void group_store_state::run_jobs() {
  if (jobs_.empty() && has_been_there_ && away_because_.empty())
    return;
  auto jobs = std::exchange(jobs_, {});
  std::stable_sort(jobs.begin(), jobs.end(), [](const job& a, const job& b) { return a.key < b.key; });
  try {
    transact(jobs);
  } catch (const store_error& reason) {
    backend_->roll_back();
    on_away(reason.what());
    const auto error = make_error({status_code::unavailable, backend_->describe() + ": " + reason.what()});
    for (auto& each : jobs)
      each.fail(error);
    return;
  }
  for (auto& each : jobs)
    each.answer();
}

void group_store_state::transact(const std::vector<job>& jobs) {
  if (self_->clock().now() < away_until_)
    throw store_error{away_because_};
  is_durable_ = false;
  backend_->begin();
  for (const auto& each : jobs)
    each.run();
  backend_->commit(is_durable_);
  on_back();
}

void group_store_state::on_away(const std::string& why) {
  const auto now = self_->clock().now();
  if (now < away_until_)
    return;
  if (away_because_.empty()) {
    away_since_ = now;
    log_->write(severity::error, "store_away", {{"store", backend_->describe()}, {"message", why}});
  }
  away_because_ = why;
  const auto pause = pause_.next({}, 0, std::uniform_real_distribution<double>{0, 1}(random_));
  away_until_ = now + pause;
  // The store notices that its backend is back also while nobody asks it for anything.
  self_->delayed_send(self_, pause + std::chrono::milliseconds{1}, run_store_jobs{});
}

void group_store_state::on_back() {
  has_been_there_ = true;
  if (away_because_.empty())
    return;
  const auto away_for = std::chrono::duration<double>(self_->clock().now() - away_since_).count();
  log_->write(severity::info, "store_back", {{"store", backend_->describe()}, {"away_s", away_for}});
  away_because_.clear();
  pause_ = policy::backoff{{}};
}

// -- groups -----------------------------------------------------------------------------------------------------------

kept_group group_store_state::load(const std::string& group) {
  auto found = backend_->load_group(group);
  if (!found)
    throw no_such_group(group);
  return std::move(*found);
}

opened_group group_store_state::open(const open_group& request) {
  auto found = backend_->load_group(request.name);
  if (!found) {
    group_record group;
    group.name = request.name;
    group.spec = request.spec;
    group.next = policy::group_epochs{request.spec}.at_or_behind({request.spec.start.epoch, 0});
    backend_->create_group(group);
    found = load(request.name);
    is_durable_ = true;
  }
  return {request.name, found->group.spec, policy::group_ledger{*found}.progress()};
}

group_synced group_store_state::sync(const group_sync& said) {
  const auto before = load(said.group);
  auto after = before;
  policy::group_ledger ledger{after};
  const auto open_epoch = ledger.progress().open_epoch;
  auto result = ledger.sync(said, backend_->now());
  if (result.progress.generation != said.generation)
    return result;
  backend_->save_group(before, after);
  for (const auto& each : said.parked)
    backend_->add_parked(said.group, said.generation, each);
  // A lease that is forgotten would be given twice, and no batch of it be marked. An epoch that was said to be over
  // must stay so. An acknowledgement that is forgotten has a batch delivered again, and marked.
  const auto is_over = result.progress.is_over || result.progress.open_epoch != open_epoch;
  is_durable_ = is_durable_ || said.is_awaited || is_over || !result.granted.empty();
  return result;
}

group_list group_store_state::list() {
  group_list result;
  for (const auto& each : backend_->load_groups())
    result.groups.push_back(policy::summary_of(each));
  return result;
}

group_view group_store_state::show(const std::string& group) {
  const auto state = load(group);
  return policy::view_of(state, backend_->load_parked(group, state.group.generation), backend_->now());
}

group_progress group_store_state::seek(const seek_group& request) {
  const auto before = load(request.name);
  const auto& spec = before.group.spec;
  if (request.position < 0 || request.position > spec.start.order.samples)
    throw failure{status_code::out_of_range, "sample: got " + std::to_string(request.position) + "; an epoch of group '"
                                               + request.name + "' has " + std::to_string(spec.start.order.samples)
                                               + " samples"};
  if (spec.end_epoch && request.epoch > *spec.end_epoch)
    throw failure{status_code::out_of_range, "epoch: got " + std::to_string(request.epoch) + "; group '" + request.name
                                               + "' ends before epoch " + std::to_string(*spec.end_epoch)};
  auto after = before;
  policy::group_ledger ledger{after};
  ledger.seek(request.epoch, request.position);
  backend_->save_group(before, after);
  is_durable_ = true;
  return ledger.progress();
}

void group_store_state::remove(const std::string& group) {
  load(group);
  backend_->delete_group(group);
  is_durable_ = true;
}

group_progress group_store_state::park(const park_batch& request) {
  const auto before = load(request.name);
  auto after = before;
  policy::group_ledger ledger{after};
  const auto place = "position " + std::to_string(request.position) + " of epoch " + std::to_string(request.epoch);
  const auto batch = policy::group_epochs{before.group.spec}.batch_at(request.epoch, request.position);
  if (!batch)
    throw failure{status_code::out_of_range, "no batch of group '" + request.name + "' has " + place};
  if (!ledger.park(*batch))
    throw failure{status_code::failed_precondition, "the batch with " + place + " is not out in group '" + request.name
                                                      + "': one can be parked that was given to a dispatcher and is "
                                                        "neither acknowledged nor parked"};
  backend_->save_group(before, after);
  backend_->add_parked(request.name, after.group.generation, {*batch, 0, parked_by_hand});
  is_durable_ = true;
  return ledger.progress();
}

// -- positions --------------------------------------------------------------------------------------------------------

taken_position group_store_state::take(const take_position& request) {
  auto position = backend_->load_position(request.name);
  if (!position) {
    backend_->create_position(request.name);
    position = backend_->load_position(request.name);
  }
  ++position->token;
  position->session = request.session;
  backend_->save_position(*position);
  is_durable_ = true;
  return {position->token, position->cursor};
}

void group_store_state::keep(const keep_position& request) {
  auto position = backend_->load_position(request.name);
  if (!position || position->token != request.token)
    throw failure{status_code::aborted, "another session has taken the name '" + request.name + "'"
                                          + (position ? ": " + position->session : std::string{})};
  position->cursor = request.cursor;
  backend_->save_position(*position);
  is_durable_ = is_durable_ || request.is_awaited;
}

} // namespace dispatch
