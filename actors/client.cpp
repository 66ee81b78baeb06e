#include "actors/client.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/final_error.hpp"

namespace dispatch {

namespace {

/// How much longer than the batch provider's own deadline a client waits for its answer.
constexpr std::chrono::milliseconds source_margin{3000};

/// How many bytes of what a consumer sends are taken in a second.
constexpr std::size_t input_per_tick = std::size_t{1} << 20;

} // namespace

client_state::client_state(client_actor::pointer self, client_options options, batch_provider source,
                           connection_actor connection, std::string client_id, classic_protocol_ptr protocol,
                           event_log_ptr log, client_metrics_ptr metrics)
  : self_(self),
    options_(std::move(options)),
    source_(std::move(source)),
    connection_(std::move(connection)),
    client_id_(std::move(client_id)),
    protocol_(std::move(protocol)),
    log_(std::move(log)),
    pass_({options_.batch_size, options_.window}),
    account_(std::move(metrics), now()) {}

client_actor::behavior_type client_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_connection_down(msg.reason); });
  self_->monitor(connection_);
  self_->send(connection_, attach_owner{client_actor{self_}});
  self_->send(connection_, allow_input{input_per_tick});
  log_->write(severity::info, "client_start",
              {{"client", client_id_}, {"dataset", options_.dataset}, {"batch_size", options_.batch_size}});
  self_->request(source_, caf::infinite, describe_dataset{options_.dataset, deadline_from_now()})
    .then([this](const dataset_description& description) { on_described(description); },
          [this](const caf::error& reason) { on_not_described(reason); });
  return {
    [this](const messages_sent& sent) { on_sent(sent); },
    [this](const input_received& input) { input_bytes_ += input.bytes.size(); },
    [](input_ended) {},
    [this](const peer_stalled& stall) { on_peer_stalled(stall); },
    [this](consumer_tick) { on_tick(); },
    [](const begin_drain&) {},
    [this](const end_pass& request) { on_end_pass(request); },
    [this](get_client_report) { return on_get_report(); },
    [this](const batches_arrived& arrived) { on_arrived(arrived); },
    [this](const batch_failed& failed) { on_batch_failed(failed); },
  };
}

// -- the beginning ----------------------------------------------------------------------------------------------------

void client_state::on_described(const dataset_description& description) {
  pass_.describe(description);
  begin_pass();
}

void client_state::on_not_described(const caf::error& reason) {
  // A pass can do without a description: its batches show where the dataset ends and what is wrong with it. It cannot
  // begin where the dataset service has been unavailable until the deadline, or where the source is gone.
  const auto what = to_failure(reason);
  if (what.code == status_code::unavailable || !is_failure(reason))
    send_failure(what);
  else
    begin_pass();
}

void client_state::begin_pass() {
  if (ended_)
    return;
  pass_.begin();
  pump();
}

// -- the pass ---------------------------------------------------------------------------------------------------------

void client_state::pump() {
  auto encoding = clock::duration::zero();
  if (!ended_ && pass_.has_begun()) {
    request_missing();
    encoding = send_ready();
    request_missing();
  }
  account_.waits_for(waits_for(), now(), encoding);
}

void client_state::request_missing() {
  if (ended_)
    return;
  if (const auto wanted = pass_.ask(now()))
    request(wanted->first, wanted->count);
}

void client_state::request(std::int32_t first, std::int32_t count) {
  // on_tick() finds what is overdue: a timeout of CAF's for each batch costs more than the batch.
  const batch_key key{options_.dataset, options_.batch_size, first, pass_.fingerprint()};
  self_->send(source_, want_batches{client_actor{self_}, key, count, deadline_from_now()});
}

void client_state::on_arrived(const batches_arrived& arrived) {
  if (ended_)
    return;
  for (const auto& next : arrived.batches)
    pass_.arrived(next);
  pump();
}

void client_state::on_batch_failed(const batch_failed& failed) {
  if (ended_)
    return;
  // UNAVAILABLE means that the source's deadline is over. For a batch that this consumer has no use for yet, because
  // it is still busy with those before, that is too early.
  if (failed.reason.code == status_code::unavailable && !pass_.is_next(failed.index)) {
    if (pass_.ask_again(failed.index, now()))
      request(failed.index, 1);
    return;
  }
  if (pass_.failed(failed.index, failed.reason))
    pump();
}

client_state::clock::duration client_state::send_ready() {
  auto encoding = clock::duration::zero();
  auto ready = pass_.depart();
  if (!ready.batches.empty())
    encoding = send_batches(ready.batches);
  if (ready.broken)
    send_failure(*ready.broken);
  if (ready.is_end) {
    ended_ = true;
    outcome_ = pass_outcome::complete;
    self_->send(connection_, finish_sending{});
  }
  return encoding;
}

client_state::clock::duration
client_state::send_batches(const std::vector<policy::pass::batch_window::delivery>& batches) {
  const auto began = now();
  send_pieces ready;
  ready.pieces.reserve(2 * batches.size());
  for (const auto& [next, is_last] : batches)
    protocol_->encode(*next, is_last, ready.pieces);
  const auto took = now() - began;
  self_->send(connection_, std::move(ready));
  return took;
}

void client_state::send_failure(const failure& reason) {
  if (ended_)
    return;
  note_end(reason, pass_outcome::error);
  send_error(self_, connection_, *protocol_, pass_.has_begun() ? pass_.position() : 0, reason);
}

void client_state::note_end(const failure& reason, pass_outcome how) {
  ended_ = true;
  outcome_ = how;
  account_.count_error(reason.code);
  account_.waits_for(waits_for(), now());
  log_->write(severity::warning, "client_error",
              {{"client", client_id_}, {"code", to_string(reason.code)}, {"message", reason.message}});
}

// -- everything around it ---------------------------------------------------------------------------------------------

void client_state::on_sent(const messages_sent& sent) {
  // The last of the messages may be that of an error.
  const auto batches = pass_.has_begun() ? std::min<std::size_t>(sent.messages, pass_.unsent()) : 0;
  account_.sent(batches, sent.bytes, now());
  if (batches > 0)
    pass_.written(now(), batches, sent.bytes);
  pump();
}

void client_state::on_tick() {
  // The classic protocol ignores input. The connection reads it all the same. Otherwise a peer that sends before it
  // reads would block for ever.
  if (input_bytes_ > 0)
    self_->send(connection_, allow_input{std::exchange(input_bytes_, 0)});
  account_.publish_waiting(now());
  if (ended_ || options_.give_up_after.count() == 0)
    return;
  const auto limit = now() - options_.give_up_after - source_margin;
  if (!pass_.has_begun()) {
    if (account_.connected_at() <= limit)
      send_failure({status_code::deadline_exceeded, "no description of dataset '" + options_.dataset + "'"});
    return;
  }
  if (const auto overdue = pass_.overdue(limit))
    send_failure({status_code::deadline_exceeded, "no answer for batch " + std::to_string(*overdue)});
}

void client_state::on_peer_stalled(const peer_stalled& stall) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(stall.limit).count();
  const failure reason{status_code::deadline_exceeded,
                       "took nothing for " + std::to_string(seconds) + " s (--stall-timeout)"};
  // Also where the last batch was sent already: it does not arrive.
  note_end(reason, pass_outcome::stalled);
  send_final_error(self_, connection_, protocol_, reason);
}

void client_state::on_end_pass(const end_pass& request) {
  const failure reason{request.code, request.message};
  if (!ended_)
    note_end(reason, pass_outcome::drained);
  // Also where the last batch was sent already: it may wait behind others that this consumer does not read. The
  // connection knows.
  send_final_error(self_, connection_, protocol_, reason);
}

void client_state::on_connection_down(const caf::error& reason) {
  // All that the connection said before is here: CAF 0.18 gives down messages no priority over others.
  if (reason)
    log_->write(severity::error, "connection_failed", {{"client", client_id_}, {"message", caf::to_string(reason)}});
  account_.publish_waiting(now());
  log_end();
  self_->quit();
}

void client_state::log_end() const {
  const std::chrono::duration<double> seconds = now() - account_.connected_at();
  // A pass whose last batch did not leave was not complete, whatever was meant.
  const auto all_left = pass_.has_begun() && pass_.unsent() == 0;
  const auto how = outcome_ == pass_outcome::complete && !all_left ? pass_outcome::lost : outcome_;
  account_.count_end(how);
  log_->write(severity::info, "client_end",
              {{"client", client_id_},
               {"outcome", name_of(how)},
               {"batches", account_.batches()},
               {"bytes", account_.bytes()},
               {"seconds", seconds.count()}});
}

// -- inspection -------------------------------------------------------------------------------------------------------

policy::waiting_for client_state::waits_for() const {
  if (pass_.has_begun() && pass_.unsent() > 0)
    return policy::waiting_for::socket;
  return ended_ ? policy::waiting_for::nobody : policy::waiting_for::upstream;
}

client_report client_state::on_get_report() {
  const auto time = now();
  client_report result;
  result.actor =
    row_of(self_, name, account_.state_name(pass_.has_begun(), pass_.has_begun() && pass_.unsent() > 0, ended_, time),
           account_.connected_at());
  result.connection = {connection_.id(), 0, "connection", client_id_, ended_ ? "closing" : "open", std::nullopt,
                       result.actor.age};
  result.client_id = client_id_;
  result.dataset = options_.dataset;
  result.batch_size = options_.batch_size;
  account_.report(result, time);
  report_progress(result);
  return result;
}

void client_state::report_progress(client_report& result) const {
  result.window.size = static_cast<std::uint32_t>(pass_.lookahead_size());
  if (!pass_.has_begun())
    return;
  const auto unsent = static_cast<std::int32_t>(pass_.unsent());
  result.window.requested = static_cast<std::uint32_t>(pass_.requested());
  result.window.unsent = static_cast<std::uint32_t>(unsent);
  result.batch_index = pass_.position() - unsent;
  result.batches_total = pass_.total();
  // At less than one batch a minute there is no telling, nor while nothing comes.
  constexpr auto least_rate = 1.0 / 60;
  if (result.batches_total && result.batches_per_second > least_rate && !account_.is_held_up(now()))
    result.remaining = std::chrono::duration_cast<caf::timespan>(std::chrono::duration<double>(
      std::max(*result.batches_total - result.batch_index, 0) / result.batches_per_second));
}

deadline client_state::deadline_from_now() const {
  return options_.give_up_after.count() > 0 ? now() + options_.give_up_after : no_deadline;
}

client_state::clock::time_point client_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
