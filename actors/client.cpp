#include "actors/client.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "wire/classic_codec.hpp"

namespace dispatch {

namespace {

/// How much longer than the frame source's own patience a client waits for its answer.
constexpr std::chrono::milliseconds source_margin{3000};

/// A consumer is called stalled when its socket has taken nothing for so long.
constexpr std::chrono::seconds stalled_after{3};

} // namespace

client_state::client_state(client_actor::pointer self, client_options options, frame_source source,
                           connection_actor connection, std::string client_id, event_log_ptr log,
                           client_metrics_ptr metrics)
  : self_(self),
    options_(std::move(options)),
    source_(std::move(source)),
    connection_(std::move(connection)),
    client_id_(std::move(client_id)),
    log_(std::move(log)),
    tail_(std::make_shared<const std::string>(encode_tail(client_id_, false))),
    last_tail_(std::make_shared<const std::string>(encode_tail(client_id_, true))),
    pass_({options_.batch_size, options_.window}),
    account_(std::move(metrics), now()) {}

client_actor::behavior_type client_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_connection_down(msg.reason); });
  self_->monitor(connection_);
  self_->send(connection_, attach_client{client_actor{self_}});
  log_->write(severity::info, "client_start",
              {{"client", client_id_}, {"dataset", options_.dataset}, {"batch_size", options_.batch_size}});
  self_->request(source_, caf::infinite, describe_dataset{options_.dataset})
    .then([this](const dataset_description& description) { on_described(description); },
          [this](const caf::error& reason) { on_not_described(to_failure(reason)); });
  return {
    [this](const frames_written& written) { on_written(written); },
    [this](client_tick) { on_tick(); },
    [this](const peer_stalled& stall) { on_peer_stalled(stall); },
    [this](const end_stream& request) { on_end_stream(request); },
    [this](get_client_report) { return on_get_report(); },
  };
}

// -- the beginning ----------------------------------------------------------------------------------------------------

void client_state::on_described(const dataset_description& description) {
  pass_.describe(description);
  begin_pass();
}

void client_state::on_not_described(const failure& reason) {
  // A description only saves calls behind the end. Without one, the batches themselves say what is wrong, if anything;
  // but a source that cannot be had at all has been waited for long enough.
  if (reason.code == status_code::unavailable)
    send_failure(reason);
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

void client_state::pump(clock::duration encoding) {
  if (!ended_ && pass_.has_begun()) {
    request_missing();
    send_ready();
    request_missing();
  }
  account_.waits_for(waits_for(), now(), encoding);
}

void client_state::request_missing() {
  if (ended_)
    return;
  const auto wanted = pass_.ask(now());
  if (!wanted)
    return;
  if (wanted->count == 1)
    request_frame(wanted->first);
  else
    request_run(wanted->first, wanted->count);
}

void client_state::request_run(std::int32_t first, std::int32_t count) {
  // What is at hand comes in one message; what is not is asked for one by one, since it comes one by one.
  self_->request(source_, caf::infinite, find_frames{key_of(first), count})
    .then([this, first, count](const frame_run& run) { on_run(first, count, run); },
          [this, first](const caf::error& reason) { on_frame_failure(first, to_failure(reason)); });
}

void client_state::on_run(std::int32_t first, std::int32_t count, const frame_run& run) {
  if (ended_)
    return;
  for (const auto& frame : run.frames)
    pass_.arrived(frame);
  for (auto i = static_cast<std::int32_t>(run.frames.size()); i < count; ++i)
    request_frame(first + i);
  pump();
}

void client_state::request_frame(std::int32_t index) {
  // Deadlines are kept by on_tick(): a timeout of CAF's for each frame costs more than the frame.
  self_->request(source_, caf::infinite, fetch_frame{key_of(index)})
    .then([this](const frame_ptr& frame) { on_frame(frame); },
          [this, index](const caf::error& reason) { on_frame_failure(index, to_failure(reason)); });
}

void client_state::on_frame(const frame_ptr& frame) {
  if (pass_.arrived(frame))
    pump(frame->encoding_time());
}

void client_state::on_frame_failure(std::int32_t index, const failure& reason) {
  // UNAVAILABLE means that the source has lost its patience. For a batch that this consumer has no use for yet, because
  // it is still busy with those before, that is too early.
  if (reason.code == status_code::unavailable && !pass_.is_next(index)) {
    if (!ended_ && pass_.ask_again(index, now()))
      request_frame(index);
    return;
  }
  if (pass_.failed(index, reason))
    pump();
}

void client_state::send_ready() {
  auto ready = pass_.depart();
  if (!ready.frames.empty())
    send_frames(std::move(ready.frames));
  if (ready.broken)
    send_failure(*ready.broken);
  if (!ready.is_end)
    return;
  ended_ = true;
  outcome_ = stream_outcome::complete;
  self_->send(connection_, finish_stream{});
}

void client_state::send_frames(std::vector<policy::pass::frame_window::delivery> frames) {
  write_frames ready;
  for (auto& [frame, last] : frames)
    ready.frames.push_back({std::move(frame), last ? last_tail_ : tail_});
  self_->send(connection_, std::move(ready));
}

void client_state::send_failure(const failure& reason) {
  if (!end_with(reason, stream_outcome::error))
    return;
  const auto index = pass_.has_begun() ? pass_.position() : 0;
  self_->send(connection_, write_line{encode_error_line(index, client_id_, reason)});
  self_->send(connection_, finish_stream{});
}

bool client_state::end_with(const failure& reason, stream_outcome how) {
  if (ended_)
    return false;
  note_end(reason, how);
  return true;
}

void client_state::note_end(const failure& reason, stream_outcome how) {
  ended_ = true;
  outcome_ = how;
  account_.count_error(reason.code);
  account_.waits_for(waits_for(), now());
  log_->write(severity::warning, "client_error",
              {{"client", client_id_}, {"code", to_string(reason.code)}, {"message", reason.message}});
}

// -- everything around it ---------------------------------------------------------------------------------------------

void client_state::on_written(const frames_written& written) {
  account_.written(written, now());
  if (written.frames > 0)
    pass_.written(now(), written.frames, written.bytes);
  pump();
}

void client_state::on_tick() {
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
  // Also where the last frame was sent already: it does not arrive.
  note_end(reason, stream_outcome::stalled);
  self_->send(connection_, cut_short{reason.code, reason.message});
}

void client_state::on_end_stream(const end_stream& request) {
  end_with({request.code, request.message}, stream_outcome::drained);
  // Also where the last frame was sent already: it may wait behind others that this consumer does not read. The
  // connection knows.
  self_->send(connection_, cut_short{request.code, request.message});
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
  // A stream whose last frame did not leave was not complete, whatever was meant.
  const auto all_left = pass_.has_begun() && pass_.unsent() == 0;
  const auto how = outcome_ == stream_outcome::complete && !all_left ? stream_outcome::lost : outcome_;
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

std::string client_state::state_name(clock::time_point time) const {
  if (!pass_.has_begun())
    return ended_ ? "finishing" : "starting";
  if (pass_.unsent() > 0)
    return account_.stalled_for(time) >= stalled_after ? "stalled" : "sending";
  return ended_ ? "finishing" : "waiting";
}

client_report client_state::on_get_report() {
  const auto time = now();
  client_report result;
  result.actor = row_of(self_, name, state_name(time), account_.connected_at());
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
  // At less than one batch a minute nobody knows.
  constexpr auto least_rate = 1.0 / 60;
  if (result.batches_total && result.batches_per_second > least_rate)
    result.remaining = std::chrono::duration_cast<caf::timespan>(std::chrono::duration<double>(
      std::max(*result.batches_total - result.batch_index, 0) / result.batches_per_second));
}

batch_key client_state::key_of(std::int32_t index) const {
  return {options_.dataset, options_.batch_size, index, pass_.edition()};
}

client_state::clock::time_point client_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
