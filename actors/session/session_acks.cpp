#include <caf/all.hpp>

#include <utility>
#include <variant>

#include "actors/session/session.hpp"
#include "wire/session/server_lines.hpp"

/// @file
/// What the client of a session acknowledges: batches of a group, or its own position.

namespace dispatch {

namespace {

/// What a client that has a name may hold unacknowledged.
constexpr std::size_t most_unacked = 100'000;

/// How often a session that cannot begin asks the store again.
constexpr std::chrono::seconds store_retry_interval{1};

/// How long a client that has acknowledged everything may take to ask whether it is kept, and to close.
constexpr std::chrono::seconds linger{2};

/// How long a client that was sent everything may take to acknowledge it.
constexpr std::chrono::minutes longest_wait_for_acks{10};

/// What a member may hold that acknowledges what its checkpoints cover, where it does not say.
constexpr std::size_t most_unacked_of_checkpoint = 1000;

/// Whether a cursor is a place of what a session is given.
bool is_of_this_order(const session_cursor& cursor, const policy::session_plan& plan) {
  const auto own = plan.cursor_at(cursor.epoch, cursor.position);
  return cursor.dataset == own.dataset && cursor.fingerprint == own.fingerprint && cursor.order == own.order;
}

} // namespace

// -- a position that is kept ------------------------------------------------------------------------------------------

void session_state::take_position() {
  const auto& wanted = *hello_->position;
  asks_store_ = true;
  position_.take(
    wanted.name, client_id_, [this](const std::string& cursor) { on_position(cursor); },
    [this](const failure& reason) { wait_for_store(reason, [this] { take_position(); }); });
}

void session_state::wait_for_store(const failure& reason, std::function<void()> again) {
  const auto limit = options_.give_up_after;
  asks_store_ = false;
  if (reason.code != status_code::unavailable || (limit.count() > 0 && now() - served_at_ >= limit))
    return fail(reason);
  store_problem_ = reason.message;
  self_->run_delayed(store_retry_interval, [this, again = std::move(again)] {
    if (!end_.has_come())
      again();
  });
}

void session_state::on_position(const std::string& cursor) {
  store_problem_.clear();
  asks_store_ = false;
  if (end_.has_come())
    return;
  if (hello_->position->is_resumed && !cursor.empty()) {
    auto parsed = parse_cursor(cursor);
    if (const auto* problem = std::get_if<std::string>(&parsed))
      return fail({status_code::data_loss, "name: the position that is kept cannot be read: " + *problem});
    hello_->start = std::get<session_cursor>(std::move(parsed));
  }
  open();
}

// -- a group ----------------------------------------------------------------------------------------------------------

void session_state::join_group(const policy::session_plan& plan) {
  const auto name = hello_->client.empty() ? client_id_ : hello_->client;
  asks_store_ = true;
  group_.join(
    *hello_, plan, name, [this, plan] { on_joined(plan); },
    [this, plan](const failure& reason) { wait_for_store(reason, [this, plan] { join_group(plan); }); });
}

void session_state::on_joined(const policy::session_plan& plan) {
  store_problem_.clear();
  asks_store_ = false;
  if (end_.has_come())
    return group_.leave({});
  if (lines_.has_ended()) {
    group_.leave({});
    return fail({status_code::invalid_argument, "the input has ended: a member of a group acknowledges its batches"});
  }
  auto window_of_acks = hello_->window;
  if (!window_of_acks && hello_->acks == ack_mode::each)
    window_of_acks = most_unacked_of_checkpoint;
  plan_ = std::make_shared<const policy::session_plan>(group_.plan_of_member(plan));
  begin_pass(group_.make_pass(*plan_, window(), window_of_acks, now()));
}

void session_state::on_group_closed(const group_closed& closed) {
  fail(closed.reason);
}

void session_state::pump_group() {
  if (group_.has_joined() && unacked_)
    group_.pump(unacked_->size());
}

// -- acknowledgements -------------------------------------------------------------------------------------------------

void session_state::note_departed(const policy::session_pass::ready_batch& batch) {
  if (!unacked_)
    return;
  policy::unacked_batches::entry entry{{batch.epoch, batch.next_position}};
  if (group_.has_joined())
    entry.batch = group_.depart();
  unacked_->depart(entry);
}

void session_state::on_message(ack&& said) {
  if (!unacked_)
    return fail({status_code::failed_precondition,
                 hello_->has_acks() ? "type: an \"ack\" has come before the \"welcome\""
                                    : "type: an \"ack\" is for a session with \"group\" or \"name\" in its hello"});
  if (said.cursor && !is_of_this_order(*said.cursor, *plan_))
    return fail({status_code::invalid_argument,
                 "cursor: got " + to_text(*said.cursor) + "; this session is of another dataset or order"});
  auto found = unacked_->acknowledge(said);
  if (const auto* reason = std::get_if<failure>(&found))
    return fail(*reason);
  if (group_.has_joined()) {
    std::vector<group_batch> used;
    for (const auto& each : std::get<0>(found))
      used.push_back(*each.batch);
    group_.used(std::move(used), now());
  } else if (!std::get<0>(found).empty()) {
    const auto place = unacked_->place();
    position_.keep(to_text(plan_->cursor_at(place.epoch, place.position)));
  }
}

void session_state::on_message(ping) {
  ++open_pings_;
  if (group_.has_joined()) {
    group_.note_alive();
    pump_group();
    record_for_pings();
  } else if (unacked_) {
    position_.when_kept([this] { answer_ping(); });
  } else {
    answer_ping();
  }
}

void session_state::record_for_pings() {
  if (recorded_pings_ > 0 || open_pings_ == 0)
    return;
  recorded_pings_ = open_pings_;
  // An error says that the group is closed. The session also gets `group_closed`, which ends it.
  self_->request(group_.actor(), caf::infinite, record_acks{group_.member()})
    .then(
      [this] {
        for (auto left = std::exchange(recorded_pings_, 0); left > 0; --left)
          answer_ping();
        record_for_pings();
      },
      [](const caf::error&) {});
}

void session_state::answer_ping() {
  --open_pings_;
  if (!end_.has_come())
    send_line(encode_pong());
  read_lines();
}

bool session_state::is_held_back() const {
  if (!unacked_ || ending_)
    return false;
  if (group_.has_joined())
    return supply_.pass()->requested() == 0 && group_.is_held_back(unacked_->size());
  return unacked_->size() >= most_unacked;
}

// -- the end ----------------------------------------------------------------------------------------------------------

void session_state::drain_member() {
  supply_.stop();
  group_.stop();
}

void session_state::end_when_acked(pass_outcome how) {
  ending_ = how;
  ending_since_ = now();
  end_if_acked();
}

void session_state::end_if_acked() {
  if (!ending_ || end_.has_come() || open_pings_ > 0)
    return;
  // What other members have settled is not awaited.
  const auto is_settled = group_.has_joined() && *ending_ == pass_outcome::complete;
  const auto can_say_nothing = lines_.has_ended() || now() - ending_since_ > longest_wait_for_acks;
  if (!unacked_ || is_settled || can_say_nothing)
    return finish(*ending_);
  if (unacked_->size() > 0)
    return;
  // A ping may be on its way: its answer says that all is kept.
  if (!settled_since_)
    settled_since_ = now();
  if (now() - *settled_since_ >= linger)
    finish(*ending_);
}

void session_state::leave_group() {
  if (group_.has_joined() && unacked_)
    group_.leave(unacked_->from(output_.first_unsent_batch()));
}

void session_state::on_member_silent() {
  group_.leave({});
  finish(pass_outcome::left);
}

} // namespace dispatch
