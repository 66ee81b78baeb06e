#include "actors/session/session.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>
#include <variant>

#include "actors/consumer_patience.hpp"
#include "actors/final_error.hpp"
#include "actors/policy/order/block_pass.hpp"
#include "actors/policy/order/sample_pass.hpp"
#include "wire/session/server_lines.hpp"

namespace dispatch {

namespace {

/// What a client may ask to have ahead of its socket.
constexpr std::uint64_t most_window_bytes = std::uint64_t{64} << 20;

std::unique_ptr<policy::session_pass> make_pass(const policy::session_plan& plan, policy::lookahead::options window) {
  if (!plan.counts_samples())
    return std::make_unique<policy::block_pass>(
      policy::block_pass::options{plan.description, plan.asked_block, plan.end_epoch, window}, plan.epoch,
      plan.position);
  return std::make_unique<policy::sample_pass>(
    policy::sample_pass::options{plan.order, plan.skips, plan.steps, plan.end_epoch, window}, plan.epoch,
    plan.position);
}

} // namespace

session_state::session_state(session_actor::pointer self, session_options options, const batch_provider& source,
                             order_directory_actor orders, pool_report_actor pool, connection_actor connection,
                             std::string client_id, event_log_ptr log, client_metrics_ptr metrics)
  : self_(self),
    options_(std::move(options)),
    connection_(std::move(connection)),
    client_id_(std::move(client_id)),
    log_(std::move(log)),
    account_(std::move(metrics), now()),
    end_(client_id_, log_, account_),
    opening_(
      self, options_, source, [this](policy::session_plan plan) { begin(std::move(plan)); },
      [this](const failure& reason) { fail(reason); }),
    supply_(self, options_, source, std::move(orders), [this](const failure& reason) { fail(reason); }),
    wait_(self, std::move(pool), [this](waiting_note why) { say_wait(std::move(why)); }),
    group_(self, options_),
    position_(self, options_, [this](const failure& reason) { fail(reason); }),
    metrics_(self->system().metrics()) {}

session_state::~session_state() {
  if (plan_ != nullptr)
    metrics_.sessions->dec();
}

session_actor::behavior_type session_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) {
    if (msg.source == connection_.address())
      on_connection_down(msg.reason);
    else if (group_.has_joined() && msg.source == group_.actor().address())
      fail({status_code::aborted, "the dispatcher failed on this group: open it again"});
    else
      supply_.down(msg.source);
  });
  self_->monitor(connection_);
  self_->send(connection_, attach_owner{connection_owner_actor{session_actor{self_}}});
  self_->send(connection_, allow_input{lines_.allow()});
  return {
    [this](const messages_sent& sent) { on_sent(sent); },
    [this](const input_received& input) { on_input(input); },
    [this](input_ended) { on_input_ended(); },
    [this](const peer_stalled& stall) { on_peer_stalled(stall); },
    [this](const peer_lost& lost) { end_.peer_lost(lost.why); },
    [this](consumer_tick) { on_tick(); },
    [this](const begin_drain& request) { on_drain(request); },
    [this](const end_pass& request) { on_end_pass(request); },
    [this](get_client_report) { return on_get_report(); },
    [this](const batches_arrived& arrived) { on_blocks(arrived); },
    [this](const batch_failed& failed) { on_block_failed(failed); },
    [this](const rows_arrived& arrived) { on_answer(arrived); },
    [this](const rows_failed& failed) { on_answer(failed); },
    [this](const batches_handed& handed) { on_group(handed); },
    [this](const group_moved& moved) { on_group(moved); },
    [this](const group_closed& closed) { on_group_closed(closed); },
  };
}

// -- the beginning ----------------------------------------------------------------------------------------------------

void session_state::begin(policy::session_plan plan) {
  if (end_.has_come())
    return;
  if (hello_->group)
    return join_group(plan);
  plan_ = std::make_shared<const policy::session_plan>(std::move(plan));
  begin_pass(make_pass(*plan_, window()));
}

void session_state::begin_pass(std::unique_ptr<policy::session_pass> pass) {
  supply_.begin(plan_, std::move(pass));
  if (hello_->has_acks())
    unacked_.emplace(hello_->acks, epoch_position{plan_->epoch, plan_->position});
  metrics_.sessions->inc();
  send_pieces welcome;
  output_.begin(plan_, *hello_, client_id_, group_.has_joined() ? std::optional{group_.welcome_line()} : std::nullopt,
                welcome.pieces);
  self_->send(connection_, std::move(welcome));
  log_start();
  pump();
}

template <class Message>
void session_state::on_group(const Message& message) {
  group_.take(message);
  if (plan_ != nullptr)
    pump();
}

policy::lookahead::options session_state::window() const {
  if (!hello_->window) {
    auto result = options_.window;
    if (!plan_->is_of_blocks())
      result.most_bytes = options_.most_assembled_bytes;
    return result;
  }
  const auto bytes = plan_->batch_bytes();
  const auto most = bytes > 0 ? std::max<std::uint64_t>(most_window_bytes / bytes, 1) : options_.window.most;
  const auto wanted = std::min<std::size_t>(*hello_->window, static_cast<std::size_t>(most));
  return {wanted, wanted};
}

// -- the batches ------------------------------------------------------------------------------------------------------

void session_state::on_blocks(const batches_arrived& arrived) {
  if (!opening_.awaits_layout())
    return on_answer(arrived);
  for (const auto& each : arrived.batches)
    opening_.layout_arrived(*each);
}

void session_state::on_block_failed(const batch_failed& failed) {
  if (opening_.awaits_layout())
    opening_.layout_failed(failed.reason);
  else
    on_answer(failed);
}

template <class Answer>
void session_state::on_answer(const Answer& answer) {
  if (plan_ == nullptr)
    return;
  supply_.take(answer);
  pump();
}

void session_state::pump() {
  auto encoding = clock::duration::zero();
  if (!end_.has_come())
    pump_group();
  if (!end_.has_come() && plan_ != nullptr && !ending_) {
    supply_.request_missing();
    encoding = send_ready();
    supply_.request_missing();
  }
  account_.waits_at(stage(), now(), encoding);
}

session_state::clock::duration session_state::send_ready() {
  const auto began = now();
  send_pieces ready;
  std::optional<failure> broken;
  auto is_over = false;
  // A group itself gives a member no more than it may hold.
  while (group_.has_joined() || !is_held_back()) {
    auto next = supply_.pass()->depart();
    if (!next)
      break;
    if (auto* reason = std::get_if<failure>(&*next))
      broken = std::move(*reason);
    else if (const auto* batch = std::get_if<policy::session_pass::ready_batch>(&*next))
      note_departed(*batch);
    else
      is_over = is_over || std::holds_alternative<policy::session_pass::all_over>(*next);
    if (!broken)
      output_.append(std::move(*next), ready.pieces);
  }
  if (!ready.pieces.empty()) {
    wait_.served();
    self_->send(connection_, std::move(ready));
  }
  if (broken)
    fail(*broken);
  else if (is_over)
    end_when_acked(pass_outcome::complete);
  return now() - began;
}

// -- everything around it ---------------------------------------------------------------------------------------------

void session_state::send_line(std::string line) {
  send_pieces ready;
  output_.append(std::move(line), ready.pieces);
  self_->send(connection_, std::move(ready));
}

void session_state::on_sent(const messages_sent& sent) {
  const auto left = output_.left(sent.messages);
  account_.sent(left.batches, sent.bytes, now());
  if (left.of_pass > 0) {
    served_at_ = now();
    group_.note_alive();
    supply_.pass()->written(now(), left.of_pass, sent.bytes);
  }
  pump();
  read_lines();
}

void session_state::on_tick() {
  account_.publish_waiting(now());
  record_progress();
  if (end_.has_come())
    return;
  if (!hello_ && now() - account_.connected_at() >= options_.hello_timeout)
    return fail({status_code::deadline_exceeded, R"(no hello has come; say {"type":"hello"} and a newline)"});
  if (const auto limit = overdue_before(now(), options_.give_up_after); limit && asked_at() && *asked_at() < *limit)
    return fail({status_code::deadline_exceeded, "no answer for what is next in this session for longer than "
                                                 "--give-up-after; go on at the cursor"});
  position_.on_tick();
  if (ending_)
    return end_if_acked();
  // Batches that the dispatcher itself has not sent yet are not the client's delay.
  if (plan_ != nullptr && supply_.pass()->requested() > 0)
    group_.note_alive();
  pump_group();
  const auto since = waits_since();
  if (since && is_held_back())
    wait_.waits_for_acks(*since, now(), unacked_->size());
  else if (since && (asks_store_ || !store_problem_.empty()))
    wait_.waits_for_store(*since, now(), asks_store_ ? "the store has not answered yet" : store_problem_);
  else if (since)
    wait_.waits(*since, now(), is_idle_member() ? &group_ : nullptr);
}

bool session_state::is_idle_member() const {
  return group_.has_joined() && supply_.pass()->requested() == 0 && group_.is_idle();
}

void session_state::say_wait(waiting_note why) {
  // What has come meanwhile says more.
  const auto since = waits_since();
  if (!since || end_.has_come())
    return;
  why.since = now() - *since;
  send_line(encode_wait(why));
}

std::optional<session_state::clock::time_point> session_state::asked_at() const {
  if (plan_ != nullptr)
    return supply_.pass()->waits_since();
  return hello_ ? std::optional{served_at_} : std::nullopt;
}

std::optional<session_state::clock::time_point> session_state::waits_since() const {
  // What was asked for ahead is not waited for before the client has had all that comes before it.
  if (plan_ != nullptr && (is_idle_member() || is_held_back()))
    return output_.unsent() == 0 ? std::optional{served_at_} : std::nullopt;
  const auto asked = asked_at();
  return asked && output_.unsent() == 0 ? std::optional{std::max(*asked, served_at_)} : std::nullopt;
}

consumer_stage session_state::stage() const {
  return {plan_ != nullptr, plan_ != nullptr && supply_.pass()->unsent() > 0, end_.has_come(),
          is_held_back() || (plan_ != nullptr && is_idle_member())};
}

session_state::clock::time_point session_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
