#include "actors/client.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "messages/edition.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch {

namespace {

/// How much longer than the frame source's own patience a client waits for its answer.
constexpr std::chrono::milliseconds source_margin{3000};

/// A consumer is called stalled when its socket has taken nothing for so long.
constexpr std::chrono::seconds stalled_after{3};

policy::batch_signs signs_of(const frame& batch) {
  return {batch.marked_last(), batch.payload_bytes() == 0};
}

bottleneck bottleneck_of(policy::waiting_for whom) {
  switch (whom) {
  case policy::waiting_for::upstream:
    return bottleneck::upstream;
  case policy::waiting_for::encoding:
    return bottleneck::encoding;
  case policy::waiting_for::socket:
    return bottleneck::socket;
  case policy::waiting_for::nobody:
    break;
  }
  return bottleneck::none;
}

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
    lookahead_(options_.window),
    metrics_(std::move(metrics)),
    connected_at_(now()),
    waits_(connected_at_, policy::waiting_for::upstream),
    batch_rate_(connected_at_),
    byte_rate_(connected_at_) {}

client_actor::behavior_type client_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_connection_down(msg.reason); });
  self_->monitor(connection_);
  self_->send(connection_, attach_client{client_actor{self_}});
  log_->write(severity::info, "client_start",
              {{"client", client_id_}, {"dataset", options_.dataset}, {"batch_size", options_.batch_size}});
  ask_description();
  return {
    [this](const frames_written& written) { on_written(written); },
    [this](client_tick) { on_tick(); },
    [this](const peer_stalled& stall) { on_peer_stalled(stall); },
    [this](const end_stream& request) { on_end_stream(request); },
    [this](get_client_report) { return on_get_report(); },
    [this](const source_ready& ready) { on_source(ready); },
  };
}

// -- the source -------------------------------------------------------------------------------------------------------

void client_state::on_source(const source_ready& ready) {
  source_ = ready.source;
  ++life_;
  may_ask_ = false;
  ask_description();
}

void client_state::ask_description() {
  if (ended_ || source_ == nullptr)
    return;
  self_->request(source_, caf::infinite, describe_dataset{options_.dataset})
    .then([this, life = life_](const dataset_description& description) { on_described(life, description); },
          [this, life = life_](const caf::error& reason) { on_not_described(life, reason); });
}

void client_state::on_described(source_life life, const dataset_description& description) {
  if (life != life_)
    return;
  // A pass under way stays one of what it began with, whatever a new source says.
  if (!window_) {
    description_ = description;
    edition_ = edition_of(description);
  }
  go_on();
}

void client_state::on_not_described(source_life life, const caf::error& reason) {
  if (!is_failure(reason))
    return lose_source(life);
  if (life != life_)
    return;
  // A description only saves calls behind the end. Without one, the batches themselves say what is wrong, if anything;
  // but a source that cannot be had at all has been waited for long enough.
  const auto what = to_failure(reason);
  if (what.code == status_code::unavailable)
    send_failure(what);
  else
    go_on();
}

void client_state::lose_source(source_life life) {
  // What it has not answered stays awaited. Its supervisor starts another and says so.
  if (life == life_)
    may_ask_ = false;
}

void client_state::go_on() {
  if (ended_)
    return;
  may_ask_ = true;
  if (window_)
    ask_again();
  else
    begin_pass();
  pump();
}

void client_state::begin_pass() {
  // Where samples can be counted, batch 0 comes alone, because the others are measured by it.
  const auto is_measured = description_.total_samples > 0 && sample_bytes_of(description_) > 0;
  window_.emplace(is_measured ? 1 : lookahead_.size(),
                  policy::cursor{policy::batch_total(description_.total_samples, options_.batch_size)});
}

void client_state::ask_again() {
  for (const auto& request : window_->open_requests())
    request_frame(request.index, now() - request.asked_at);
}

// -- the pass ---------------------------------------------------------------------------------------------------------

void client_state::pump(clock::duration encoding) {
  if (!ended_ && window_) {
    request_missing();
    send_ready();
    request_missing();
  }
  waits_.change(now(), waits_for(), encoding);
}

void client_state::request_missing() {
  if (ended_ || !may_ask_)
    return;
  const auto first = window_->ask(now());
  if (!first)
    return;
  auto count = 1;
  while (window_->ask(now()))
    ++count;
  if (count == 1)
    request_frame(*first);
  else
    request_run(*first, count);
}

void client_state::request_run(std::int32_t first, std::int32_t count) {
  // What is at hand comes in one message; what is not is asked for one by one, since it comes one by one.
  self_->request(source_, caf::infinite, find_frames{key_of(first), count})
    .then([this, life = life_, first, count](const frame_run& run) { on_run(life, first, count, run); },
          [this, life = life_](const caf::error&) { lose_source(life); });
}

void client_state::on_run(source_life life, std::int32_t first, std::int32_t count, const frame_run& run) {
  if (ended_)
    return;
  for (const auto& frame : run.frames)
    take_frame(frame);
  // Of what an earlier source did not have, the present one was asked already, or will be.
  if (life == life_)
    for (auto i = static_cast<std::int32_t>(run.frames.size()); i < count; ++i)
      request_frame(first + i);
  pump();
}

void client_state::request_frame(std::int32_t index, clock::duration waited) {
  // Deadlines are kept by on_tick(): a timeout of CAF's for each frame costs more than the frame.
  self_->request(source_, caf::infinite, fetch_frame{key_of(index), waited})
    .then([this](const frame_ptr& frame) { on_frame(frame); },
          [this, life = life_, index](const caf::error& reason) { on_frame_failure(life, index, reason); });
}

void client_state::on_frame(const frame_ptr& frame) {
  if (take_frame(frame))
    pump(frame->encoding_time());
}

bool client_state::take_frame(const frame_ptr& frame) {
  if (frame->index() == 0)
    learn_layout(*frame);
  if (auto misfit = layout_.misfit(frame->index(), frame->payload_bytes()))
    return window_->failed(frame->index(), {status_code::internal, std::move(*misfit)}, false);
  return window_->arrived(frame->index(), frame, signs_of(*frame));
}

void client_state::learn_layout(const dispatch::frame& first) {
  layout_ = batch_layout{description_, options_.batch_size, first.payload_bytes()};
  if (const auto total = layout_.batches())
    window_->settle_total(*total);
}

void client_state::on_frame_failure(source_life life, std::int32_t index, const caf::error& reason) {
  if (!is_failure(reason))
    return lose_source(life);
  if (life != life_)
    return;
  const auto what = to_failure(reason);
  // UNAVAILABLE means that the source has lost its patience. For a batch that this consumer has no use for yet, because
  // it is still busy with those before, that is too early.
  if (what.code == status_code::unavailable && !window_->is_next(index)) {
    if (!ended_ && window_->ask_again(index, now()))
      request_frame(index);
    return;
  }
  if (window_->failed(index, what, what.code == status_code::out_of_range))
    pump();
}

void client_state::send_ready() {
  write_frames ready;
  auto is_last = false;
  std::optional<failure> broken;
  while (auto next = window_->next()) {
    if (auto* reason = std::get_if<failure>(&*next)) {
      broken = std::move(*reason);
      break;
    }
    auto& [frame, last] = std::get<0>(*next);
    is_last = last;
    ready.frames.push_back({std::move(frame), last ? last_tail_ : tail_});
  }
  if (!ready.frames.empty())
    send_frames(std::move(ready), is_last);
  if (broken)
    send_failure(explained(std::move(*broken)));
  else if (window_->cursor().exhausted())
    send_failure({status_code::out_of_range, "this dataset has more batches than there are indices"});
}

void client_state::send_frames(write_frames ready, bool is_last) {
  const auto& first = *ready.frames.front().body;
  if (first.index() == 0) {
    lookahead_.begin(first.encoded().size());
    window_->resize(lookahead_.size());
  }
  self_->send(connection_, std::move(ready));
  if (is_last) {
    ended_ = true;
    outcome_ = stream_outcome::complete;
    self_->send(connection_, finish_stream{});
  }
}

failure client_state::explained(failure reason) const {
  if (reason.code != status_code::out_of_range || description_.total_samples <= 0)
    return reason;
  const auto per_batch = layout_.is_known() ? layout_.batch_samples() : options_.batch_size;
  reason.message = "the dataset service has no batch " + std::to_string(window_->cursor().position())
                   + ", but describes " + std::to_string(description_.total_samples) + " samples, which are "
                   + std::to_string(window_->cursor().total().value_or(0)) + " batches of " + std::to_string(per_batch)
                   + ": " + reason.message + " (let GetDatasetInfo describe what is served)";
  return reason;
}

void client_state::send_failure(const failure& reason) {
  if (!end_with(reason, stream_outcome::error))
    return;
  const auto index = window_ ? window_->cursor().position() : 0;
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
  metrics_->error_frames.count(reason.code);
  waits_.change(now(), waits_for());
  log_->write(severity::warning, "client_error",
              {{"client", client_id_}, {"code", to_string(reason.code)}, {"message", reason.message}});
}

// -- everything around it ---------------------------------------------------------------------------------------------

void client_state::on_written(const frames_written& written) {
  const auto time = now();
  waits_.moved(time);
  if (written.frames > 0)
    count_written(written, time);
  pump();
}

void client_state::count_written(const frames_written& written, clock::time_point time) {
  if (batches_ == 0)
    metrics_->first_frame->observe(std::chrono::duration<double>(time - connected_at_).count());
  batches_ += written.frames;
  bytes_ += written.bytes;
  metrics_->sent_batches->inc(written.frames);
  metrics_->sent_bytes->inc(static_cast<std::int64_t>(written.bytes));
  batch_rate_.add(time, written.frames);
  byte_rate_.add(time, static_cast<double>(written.bytes));
  window_->written(written.frames);
  lookahead_.written(time, written.frames, written.bytes, window_->unsent());
  window_->resize(lookahead_.size());
}

void client_state::on_tick() {
  count_waiting();
  if (ended_ || options_.give_up_after.count() == 0)
    return;
  const auto limit = now() - options_.give_up_after - source_margin;
  if (!window_) {
    if (connected_at_ <= limit)
      send_failure({status_code::deadline_exceeded, "no description of dataset '" + options_.dataset + "'"});
    return;
  }
  const auto overdue = window_->awaited_since(limit);
  if (overdue && window_->is_next(*overdue))
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
  count_waiting();
  log_end();
  self_->quit();
}

void client_state::log_end() const {
  const std::chrono::duration<double> seconds = now() - connected_at_;
  // A stream whose last frame did not leave was not complete, whatever was meant.
  const auto all_left = window_ && window_->unsent() == 0;
  const auto how = outcome_ == stream_outcome::complete && !all_left ? stream_outcome::lost : outcome_;
  metrics_->ended(how)->inc();
  log_->write(severity::info, "client_end",
              {{"client", client_id_},
               {"outcome", name_of(how)},
               {"batches", batches_},
               {"bytes", bytes_},
               {"seconds", seconds.count()}});
}

// -- inspection -------------------------------------------------------------------------------------------------------

policy::waiting_for client_state::waits_for() const {
  if (window_ && window_->unsent() > 0)
    return policy::waiting_for::socket;
  return ended_ ? policy::waiting_for::nobody : policy::waiting_for::upstream;
}

void client_state::count_waiting() {
  const auto totals = waits_.totals(now());
  const auto count = [](caf::telemetry::dbl_counter* counter, clock::duration waited) {
    if (waited > clock::duration::zero())
      counter->inc(std::chrono::duration<double>(waited).count());
  };
  count(metrics_->waited_for_upstream, totals.upstream - waits_counted_.upstream);
  count(metrics_->waited_for_encoding, totals.encoding - waits_counted_.encoding);
  count(metrics_->waited_for_socket, totals.socket - waits_counted_.socket);
  waits_counted_ = totals;
}

std::string client_state::state_name(clock::time_point time) const {
  if (!window_)
    return ended_ ? "finishing" : "starting";
  if (window_->unsent() > 0)
    return waits_.stalled_for(time) >= stalled_after ? "stalled" : "sending";
  return ended_ ? "finishing" : "waiting";
}

client_report client_state::on_get_report() {
  const auto time = now();
  client_report result;
  result.actor = row_of(self_, name, state_name(time), connected_at_);
  result.connection = {connection_.id(), 0, "connection", client_id_, ended_ ? "closing" : "open", std::nullopt,
                       result.actor.age};
  result.client_id = client_id_;
  result.connected_at = connected_on_;
  result.dataset = options_.dataset;
  result.batch_size = options_.batch_size;
  report_progress(result, time);
  report_waiting(result, time);
  return result;
}

void client_state::report_progress(client_report& result, clock::time_point time) const {
  result.frames = batches_;
  result.bytes = bytes_;
  result.batches_per_second = batch_rate_.per_second(time);
  result.bytes_per_second = byte_rate_.per_second(time);
  result.window.size = static_cast<std::uint32_t>(lookahead_.size());
  if (!window_)
    return;
  const auto unsent = static_cast<std::int32_t>(window_->unsent());
  result.window.requested = static_cast<std::uint32_t>(window_->requested());
  result.window.unsent = static_cast<std::uint32_t>(unsent);
  result.batch_index = window_->cursor().position() - unsent;
  result.batches_total = window_->cursor().total();
  // At less than one batch a minute nobody knows.
  constexpr auto least_rate = 1.0 / 60;
  if (result.batches_total && result.batches_per_second > least_rate)
    result.remaining = std::chrono::duration_cast<caf::timespan>(std::chrono::duration<double>(
      std::max(*result.batches_total - result.batch_index, 0) / result.batches_per_second));
}

void client_state::report_waiting(client_report& result, clock::time_point time) const {
  const auto totals = waits_.totals(time);
  const auto lately = waits_.lately(time);
  result.waited = {totals.upstream, totals.encoding, totals.socket};
  result.waited_lately = {lately.upstream, lately.encoding, lately.socket};
  result.slowest = bottleneck_of(waits_.slowest(time));
  result.stalled_for = waits_.stalled_for(time);
}

batch_key client_state::key_of(std::int32_t index) const {
  return {options_.dataset, options_.batch_size, index, edition_};
}

client_state::clock::time_point client_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
