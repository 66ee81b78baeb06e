#include "actors/session/session.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>
#include <variant>

#include "actors/policy/order/block_pass.hpp"
#include "actors/policy/order/sample_pass.hpp"
#include "wire/session/server_lines.hpp"

namespace dispatch {

namespace {

/// How much longer than the batch provider's own deadline a session waits for its answer.
constexpr std::chrono::milliseconds source_margin{3000};

/// After how long without a batch a client is told for whom it waits, and how often then.
constexpr std::chrono::seconds wait_after{1};
constexpr std::chrono::seconds wait_interval{5};

/// A client that does not read its answers is not read either.
constexpr std::size_t most_unsent_lines = 64;

/// A connection that is down never answers.
constexpr std::chrono::seconds connection_timeout{5};

/// How long the pool has to say why batches do not come.
constexpr std::chrono::milliseconds pool_timeout{500};

/// What a client may ask to have ahead of its socket.
constexpr std::uint64_t most_window_bytes = std::uint64_t{64} << 20;

constexpr const char* unknown_reason = "the dataset service has not given what is next";

/// Why batches do not come.
std::string reason_of(const pool_report& report) {
  std::string result;
  for (const auto& each : failures_of_those_down(report.upstreams))
    result += (result.empty() ? "" : "; ") + each;
  return result.empty() ? unknown_reason : result;
}

std::unique_ptr<policy::session_pass> make_pass(const policy::session_plan& plan, policy::lookahead::options window) {
  if (!plan.counts_samples())
    return std::make_unique<policy::block_pass>(
      policy::block_pass::options{plan.description, plan.asked_block, plan.end_epoch, window}, plan.epoch,
      plan.position);
  return std::make_unique<policy::sample_pass>(
    policy::sample_pass::options{plan.order, plan.skips, plan.steps, plan.end_epoch, window}, plan.epoch,
    plan.position);
}

std::int64_t batches_of_epoch(const policy::session_plan& plan) {
  return policy::epoch_steps{policy::left_positions{plan.order.samples, {}}, plan.steps, 0}.batches();
}

} // namespace

session_state::session_state(session_actor::pointer self, session_options options, batch_provider source,
                             order_directory_actor orders, pool_report_actor pool, connection_actor connection,
                             std::string client_id, event_log_ptr log, client_metrics_ptr metrics)
  : self_(self),
    options_(std::move(options)),
    source_(std::move(source)),
    pool_(std::move(pool)),
    connection_(std::move(connection)),
    client_id_(std::move(client_id)),
    log_(std::move(log)),
    account_(std::move(metrics), now()),
    opening_(
      self, options_, source_, [this](policy::session_plan plan) { begin(std::move(plan)); },
      [this](const failure& reason) { fail(reason); }),
    requests_(
      self, source_, std::move(orders), [this] { return awaited(); }, [this](const failure& reason) { fail(reason); }),
    metrics_(self->system().metrics()) {}

session_state::~session_state() {
  if (pass_ != nullptr)
    metrics_.sessions->dec();
}

session_actor::behavior_type session_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) {
    if (msg.source == connection_.address())
      on_connection_down(msg.reason);
    else if (!ended_)
      requests_.down(msg.source);
  });
  self_->monitor(connection_);
  self_->send(connection_, attach_owner{connection_owner_actor{session_actor{self_}}});
  self_->send(connection_, allow_input{lines_.allow()});
  return {
    [this](const messages_sent& sent) { on_sent(sent); },
    [this](const input_received& input) { on_input(input); },
    [this](input_ended) { on_input_ended(); },
    [this](const peer_stalled& stall) { on_peer_stalled(stall); },
    [this](consumer_tick) { on_tick(); },
    [this](const begin_drain& request) { on_drain(request); },
    [this](const end_pass& request) { on_end_pass(request); },
    [this](get_client_report) { return on_get_report(); },
    [this](const batches_arrived& arrived) { on_blocks(arrived); },
    [this](const batch_failed& failed) { on_block_failed(failed); },
    [this](const rows_arrived& arrived) { on_rows(arrived); },
    [this](const rows_failed& failed) { on_rows_failed(failed); },
  };
}

// -- what the client says ---------------------------------------------------------------------------------------------

void session_state::on_input(const input_received& input) {
  lines_.add(input.bytes);
  read_lines();
}

void session_state::on_input_ended() {
  lines_.end();
  read_lines();
  if (!ended_ && !hello_)
    fail({status_code::invalid_argument, R"(the input ended before a hello; say {"type":"hello"} and a newline)"});
}

void session_state::read_lines() {
  while (!ended_ && output_.unsent_lines() < most_unsent_lines) {
    if (lines_.is_too_long())
      return fail(
        {status_code::invalid_argument, "a line has more than " + std::to_string(longest_client_line) + " bytes"});
    const auto line = lines_.next();
    if (!line)
      break;
    on_line(*line);
  }
  // The connection drops what the client sends after the end.
  if (const auto more = ended_ ? 0 : lines_.allow(); more > 0)
    self_->send(connection_, allow_input{more});
}

void session_state::on_line(std::string_view line) {
  auto parsed = parse_client_message(line);
  if (const auto* reason = std::get_if<failure>(&parsed))
    return fail(*reason);
  auto message = std::get<client_message>(std::move(parsed));
  if (!hello_ && !std::holds_alternative<hello>(message))
    return fail({status_code::failed_precondition, R"(type: the first line of a session is a "hello")"});
  std::visit([this](auto&& said) { on_message(std::move(said)); }, std::move(message));
}

void session_state::on_message(hello&& said) {
  if (hello_)
    return fail({status_code::failed_precondition, "type: this session has had its hello"});
  hello_ = std::move(said);
  served_at_ = now();
  opening_.begin(*hello_, deadline_from_now());
}

void session_state::on_message(ping) {
  send_line(encode_pong());
}

void session_state::on_message(bye) {
  finish(pass_outcome::left);
}

// -- the beginning ----------------------------------------------------------------------------------------------------

void session_state::begin(policy::session_plan plan) {
  if (ended_)
    return;
  plan_ = std::move(plan);
  output_.begin(*plan_, *hello_);
  requests_.begin(*plan_);
  pass_ = make_pass(*plan_, window());
  metrics_.sessions->inc();
  const auto is_counted = plan_->counts_samples();
  send_line(encode_welcome(
    {client_id_, plan_->dataset(), plan_->fingerprint, is_counted ? std::optional{plan_->order.samples} : std::nullopt,
     is_counted ? std::optional{batches_of_epoch(*plan_)} : std::nullopt, plan_->steps.batch_size, plan_->end_epoch,
     plan_->order, plan_->steps.shard, plan_->wanted_columns, output_.cursor()}));
  log_start();
  pump();
}

policy::lookahead::options session_state::window() const {
  if (!hello_->window)
    return plan_->is_of_blocks() ? options_.block_window : options_.row_window;
  const auto bytes = plan_->batch_bytes();
  const auto most = bytes > 0 ? std::max<std::uint64_t>(most_window_bytes / bytes, 1) : options_.block_window.most;
  const auto wanted = std::min<std::size_t>(*hello_->window, static_cast<std::size_t>(most));
  return {wanted, wanted};
}

// -- the batches ------------------------------------------------------------------------------------------------------

void session_state::pump() {
  auto encoding = clock::duration::zero();
  if (!ended_ && pass_ != nullptr) {
    request_missing();
    encoding = send_ready();
    request_missing();
  }
  account_.waits_for(waits_for(), now(), encoding);
}

void session_state::request_missing() {
  if (ended_)
    return;
  batch_requests::wanted_batches wanted;
  while (auto next = pass_->ask(now()))
    wanted.push_back(std::move(*next));
  requests_.ask(wanted, deadline_from_now());
}

batch_requests::wanted_batches session_state::awaited() {
  return ended_ ? batch_requests::wanted_batches{} : pass_->ask_again(now());
}

void session_state::on_blocks(const batches_arrived& arrived) {
  for (const auto& each : arrived.batches)
    if (opening_.awaits_layout())
      opening_.layout_arrived(*each);
    else if (pass_ != nullptr)
      take_block(each);
  pump();
}

void session_state::take_block(const batch_ptr& block) {
  const auto misfit =
    plan_->counts_samples() ? block_misfit(plan_->columns, plan_->order, *block->received()) : std::nullopt;
  if (misfit)
    pass_->block_failed(block->index(), {status_code::failed_precondition, *misfit});
  else
    pass_->block_arrived(block);
}

void session_state::on_block_failed(const batch_failed& failed) {
  if (opening_.awaits_layout())
    return opening_.layout_failed(failed.reason);
  if (ended_ || pass_ == nullptr)
    return;
  // UNAVAILABLE means that the source's deadline is over. For a block that this client has no use for yet, because it
  // is still busy with those before, that is too early.
  if (failed.reason.code == status_code::unavailable && !pass_->is_next_block(failed.index)) {
    if (pass_->ask_block_again(failed.index, now()))
      requests_.ask_block(failed.index, deadline_from_now());
    return;
  }
  pass_->block_failed(failed.index, failed.reason);
  pump();
}

void session_state::on_rows(const rows_arrived& arrived) {
  if (pass_ == nullptr)
    return;
  requests_.answered();
  for (const auto& each : arrived.batches)
    pass_->rows_arrived(each.ticket, each.rows);
  pump();
}

void session_state::on_rows_failed(const rows_failed& failed) {
  if (ended_ || pass_ == nullptr)
    return;
  if (failed.reason.code == status_code::unavailable && !pass_->is_next(failed.ticket)) {
    if (const auto again = pass_->ask_again(failed.ticket, now()))
      requests_.ask({*again}, deadline_from_now());
    return;
  }
  pass_->rows_failed(failed.ticket, failed.reason);
  pump();
}

session_state::clock::duration session_state::send_ready() {
  const auto began = now();
  send_pieces ready;
  std::optional<failure> broken;
  auto is_over = false;
  while (auto next = pass_->depart()) {
    if (auto* reason = std::get_if<failure>(&*next))
      broken = std::move(*reason);
    else
      is_over = is_over || std::holds_alternative<policy::session_pass::all_over>(*next);
    if (!broken)
      output_.append(std::move(*next), ready.pieces);
  }
  if (!ready.pieces.empty()) {
    said_wait_at_.reset();
    self_->send(connection_, std::move(ready));
  }
  if (broken)
    fail(*broken);
  else if (is_over)
    finish(pass_outcome::complete);
  return now() - began;
}

// -- the end ----------------------------------------------------------------------------------------------------------

void session_state::finish(pass_outcome how) {
  ended_ = true;
  outcome_ = how;
  self_->send(connection_, finish_sending{});
}

void session_state::fail(const failure& reason) {
  if (ended_)
    return;
  note_end(reason, pass_outcome::error);
  send_line(encode_session_error(reason, output_.cursor()));
  self_->send(connection_, finish_sending{});
}

void session_state::fail_at_once(const failure& reason) {
  self_->request(connection_, connection_timeout, drop_unsent{})
    .then(
      [this, reason](const unsent_dropped& left) {
        if (left.is_complete)
          return;
        output_.dropped_behind(left.messages);
        send_line(encode_session_error(reason, output_.cursor()));
        self_->send(connection_, finish_sending{});
      },
      [](const caf::error&) {});
}

void session_state::note_end(const failure& reason, pass_outcome how) {
  ended_ = true;
  outcome_ = how;
  account_.count_error(reason.code);
  account_.waits_for(waits_for(), now());
  log_->write(severity::warning, "client_error",
              {{"client", client_id_}, {"code", to_string(reason.code)}, {"message", reason.message}});
}

void session_state::on_peer_stalled(const peer_stalled& stall) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(stall.limit).count();
  const failure reason{status_code::deadline_exceeded,
                       "took nothing for " + std::to_string(seconds) + " s (--stall-timeout)"};
  note_end(reason, pass_outcome::stalled);
  fail_at_once(reason);
}

void session_state::on_drain(const begin_drain& request) {
  if (ended_)
    return;
  send_line(encode_drain("the dispatcher is stopping: " + request.why, output_.cursor()));
  finish(pass_outcome::drained);
}

void session_state::on_end_pass(const end_pass& request) {
  const failure reason{request.code, request.message};
  if (!ended_)
    note_end(reason, pass_outcome::drained);
  fail_at_once(reason);
}

void session_state::on_connection_down(const caf::error& reason) {
  if (reason)
    log_->write(severity::error, "connection_failed", {{"client", client_id_}, {"message", caf::to_string(reason)}});
  account_.publish_waiting(now());
  log_end();
  record_end();
  self_->quit();
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
    pass_->written(now(), left.of_pass, sent.bytes);
  }
  pump();
  read_lines();
}

void session_state::on_tick() {
  account_.publish_waiting(now());
  record_progress();
  if (ended_)
    return;
  if (!hello_ && now() - account_.connected_at() >= options_.hello_timeout)
    return fail({status_code::deadline_exceeded, R"(no hello has come; say {"type":"hello"} and a newline)"});
  const auto since = waits_since();
  if (!since)
    return;
  if (options_.give_up_after.count() > 0 && now() - *since > options_.give_up_after + source_margin)
    return fail({status_code::deadline_exceeded, "no answer for what is next in this session"});
  say_wait_if_due();
}

void session_state::say_wait_if_due() {
  // What was asked for ahead is not waited for before the client has had all that comes before it.
  const auto waited = now() - std::max(*waits_since(), served_at_);
  if (output_.unsent() > 0 || waited < wait_after || (said_wait_at_ && now() - *said_wait_at_ < wait_interval))
    return;
  said_wait_at_ = now();
  if (pool_ == nullptr)
    return say_wait(unknown_reason);
  self_->request(pool_, pool_timeout, get_pool_report{})
    .then([this](const pool_report& report) { say_wait(reason_of(report)); },
          [this](const caf::error&) { say_wait(unknown_reason); });
}

void session_state::say_wait(const std::string& why) {
  // What has come meanwhile says more.
  if (const auto since = waits_since(); since && !ended_ && output_.unsent() == 0)
    send_line(encode_wait({"upstream", now() - *since, why}));
}

std::optional<session_state::clock::time_point> session_state::waits_since() const {
  if (pass_ != nullptr)
    return pass_->waits_since();
  return hello_ ? std::optional{served_at_} : std::nullopt;
}

policy::waiting_for session_state::waits_for() const {
  if (pass_ != nullptr && pass_->unsent() > 0)
    return policy::waiting_for::socket;
  return ended_ ? policy::waiting_for::nobody : policy::waiting_for::upstream;
}

deadline session_state::deadline_from_now() const {
  return options_.give_up_after.count() > 0 ? now() + options_.give_up_after : no_deadline;
}

session_state::clock::time_point session_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
