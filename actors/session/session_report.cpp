#include <caf/all.hpp>

#include <algorithm>

#include "actors/session/session.hpp"

/// @file
/// What a session says of itself: in the log, and to people who watch it.

namespace dispatch {

namespace {

std::string shard_text(shard_spec shard) {
  return std::to_string(shard.index) + "/" + std::to_string(shard.count);
}

} // namespace

void session_state::log_start() const {
  log_->write(severity::info, "session_start",
              {{"client", client_id_},
               {"name", hello_->client},
               {"dataset", plan_->dataset()},
               {"batch_size", plan_->steps.batch_size},
               {"shard", shard_text(plan_->steps.shard)},
               {"cursor", output_.cursor()}});
}

void session_state::log_end() const {
  const std::chrono::duration<double> seconds = now() - account_.connected_at();
  const auto how = final_outcome();
  account_.count_session_end(how);
  log_->write(severity::info, "session_end",
              {{"client", client_id_},
               {"outcome", name_of(how)},
               {"batches", account_.batches()},
               {"bytes", account_.bytes()},
               {"seconds", seconds.count()},
               {"cursor", output_.cursor_of_left()}});
}

pass_outcome session_state::final_outcome() const {
  // A session whose last message did not leave has not ended as was meant.
  return outcome_ == pass_outcome::complete && output_.unsent() > 0 ? pass_outcome::lost : outcome_;
}

void session_state::record_progress() {
  if (options_.recorder != nullptr && plan_ && !hello_->client.empty())
    self_->send(options_.recorder, session_heard{on_get_report()});
}

void session_state::record_end() {
  if (options_.recorder == nullptr || !plan_ || hello_->client.empty())
    return;
  auto last = on_get_report();
  last.session->epoch = output_.place_of_left().epoch;
  last.session->position = output_.place_of_left().position;
  self_->send(options_.recorder, session_over{std::move(last), std::string{name_of(final_outcome())}});
}

client_report session_state::on_get_report() {
  const auto time = now();
  client_report result;
  result.actor =
    row_of(self_, name, account_.state_name(pass_ != nullptr, pass_ != nullptr && pass_->unsent() > 0, ended_, time),
           account_.connected_at());
  result.connection = {connection_.id(), 0, "connection", client_id_, ended_ ? "closing" : "open", std::nullopt,
                       result.actor.age};
  result.client_id = client_id_;
  result.dataset = opening_.dataset();
  result.batch_size = options_.defaults.batch_size;
  account_.report(result, time);
  if (pass_ == nullptr)
    return result;
  result.batch_size = static_cast<std::int32_t>(plan_->steps.batch_size);
  result.window = {static_cast<std::uint32_t>(pass_->lookahead_size()), static_cast<std::uint32_t>(pass_->requested()),
                   static_cast<std::uint32_t>(pass_->unsent())};
  result.batch_index = static_cast<std::int32_t>(pass_->batch_index());
  if (const auto total = pass_->batches())
    result.batches_total = static_cast<std::int32_t>(*total);
  result.session = report_place();
  result.remaining = remaining(result);
  return result;
}

std::optional<caf::timespan> session_state::remaining(const client_report& known) const {
  // At less than one batch a minute there is no telling, nor while nothing comes.
  constexpr auto least_rate = 1.0 / 60;
  if (!plan_->end_epoch || !known.batches_total || known.batches_per_second <= least_rate || account_.is_held_up(now()))
    return std::nullopt;
  const auto epochs = *plan_->end_epoch - std::min(output_.place().epoch, *plan_->end_epoch);
  const auto batches = static_cast<double>(epochs) * *known.batches_total - known.batch_index;
  return std::chrono::duration_cast<caf::timespan>(
    std::chrono::duration<double>(std::max(batches, 0.0) / known.batches_per_second));
}

session_report session_state::report_place() const {
  session_report result;
  result.name = hello_->client;
  if (plan_->order.shuffle)
    result.seed = plan_->order.shuffle->seed;
  result.epoch = output_.place().epoch;
  result.end_epoch = plan_->end_epoch;
  result.position = output_.place().position;
  if (plan_->counts_samples())
    result.samples = plan_->order.samples;
  result.shard_index = plan_->steps.shard.index;
  result.shard_count = plan_->steps.shard.count;
  return result;
}

} // namespace dispatch
