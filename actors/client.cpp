#include "actors/client.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/consumer_patience.hpp"
#include "actors/consumer_report.hpp"
#include "actors/final_error.hpp"

namespace dispatch {

namespace {

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
    account_(std::move(metrics), now()),
    end_(client_id_, log_, account_) {}

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
    [this](const peer_lost& lost) { end_.peer_lost(lost.why); },
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
  if (end_.has_come())
    return;
  pass_.begin();
  pump();
}

// -- the pass ---------------------------------------------------------------------------------------------------------

void client_state::pump() {
  auto encoding = clock::duration::zero();
  if (!end_.has_come() && pass_.has_begun()) {
    request_missing();
    encoding = send_ready();
    request_missing();
  }
  account_.waits_at(stage(), now(), encoding);
}

void client_state::request_missing() {
  if (end_.has_come())
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
  if (end_.has_come())
    return;
  for (const auto& next : arrived.batches)
    pass_.arrived(next);
  pump();
}

void client_state::on_batch_failed(const batch_failed& failed) {
  if (end_.has_come())
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
    end_.come(pass_outcome::complete);
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
  if (end_.has_come())
    return;
  note_end(reason, pass_outcome::error);
  send_error(self_, connection_, *protocol_, pass_.has_begun() ? pass_.position() : 0, reason);
}

void client_state::note_end(const failure& reason, pass_outcome how) {
  end_.come(reason, how);
  account_.waits_at(stage(), now());
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
  const auto limit = overdue_before(now(), options_.give_up_after);
  if (end_.has_come() || !limit)
    return;
  if (!pass_.has_begun()) {
    if (account_.connected_at() <= *limit)
      send_failure({status_code::deadline_exceeded, "no description of dataset '" + options_.dataset + "'"});
    return;
  }
  if (const auto overdue = pass_.overdue(*limit))
    send_failure({status_code::deadline_exceeded, "no answer for batch " + std::to_string(*overdue)});
}

void client_state::on_peer_stalled(const peer_stalled& stall) {
  // Also where the last batch was sent already: it does not arrive.
  const auto reason = stalled_failure(stall);
  note_end(reason, pass_outcome::stalled);
  send_final_error(self_, connection_, protocol_, reason);
}

void client_state::on_end_pass(const end_pass& request) {
  const failure reason{request.code, request.message};
  if (!end_.has_come())
    note_end(reason, pass_outcome::drained);
  // Also where the last batch was sent already: it may wait behind others that this consumer does not read. The
  // connection knows.
  send_final_error(self_, connection_, protocol_, reason);
}

void client_state::on_connection_down(const caf::error& reason) {
  // All that the connection said before is here: CAF 0.18 gives down messages no priority over others.
  account_.publish_waiting(now());
  end_.log(reason, "client_end", pass_.has_begun() && pass_.unsent() == 0, now());
  self_->quit();
}

// -- inspection -------------------------------------------------------------------------------------------------------

consumer_stage client_state::stage() const {
  return {pass_.has_begun(), pass_.has_begun() && pass_.unsent() > 0, end_.has_come()};
}

client_report client_state::on_get_report() {
  auto result = report_of(self_, name, connection_, client_id_, account_, stage(), now());
  result.dataset = options_.dataset;
  result.batch_size = options_.batch_size;
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
  if (result.batches_total)
    result.remaining = account_.remaining(*result.batches_total - result.batch_index, now());
}

deadline client_state::deadline_from_now() const {
  return deadline_of(now(), options_.give_up_after);
}

client_state::clock::time_point client_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
