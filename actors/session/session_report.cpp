#include <caf/all.hpp>

#include <algorithm>

#include "actors/consumer_report.hpp"
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

void session_state::record_progress() {
  if (options_.recorder != nullptr && plan_ != nullptr && !hello_->client.empty())
    self_->send(options_.recorder, session_heard{on_get_report()});
}

void session_state::record_end() {
  if (options_.recorder == nullptr || plan_ == nullptr || hello_->client.empty())
    return;
  auto last = on_get_report();
  last.session->epoch = output_.place_of_left().epoch;
  last.session->position = output_.place_of_left().position;
  self_->send(options_.recorder, session_over{std::move(last), std::string{name_of(final_outcome())}});
}

client_report session_state::on_get_report() {
  auto result = report_of(self_, name, connection_, client_id_, account_, stage(), now());
  result.dataset = opening_.dataset();
  result.batch_size = options_.defaults.batch_size;
  if (plan_ == nullptr)
    return result;
  const auto& pass = *supply_.pass();
  result.batch_size = static_cast<std::int32_t>(plan_->steps.batch_size);
  result.window = {static_cast<std::uint32_t>(pass.lookahead_size()), static_cast<std::uint32_t>(pass.requested()),
                   static_cast<std::uint32_t>(pass.unsent())};
  result.batch_index = static_cast<std::int32_t>(pass.batch_index());
  result.session = report_place();
  const auto total = pass.batches();
  if (!total)
    return result;
  result.batches_total = static_cast<std::int32_t>(*total);
  if (const auto end = plan_->end_epoch) {
    const auto epochs = *end - std::min(result.session->epoch, *end);
    const auto batches = static_cast<double>(epochs) * static_cast<double>(*total);
    result.remaining = account_.remaining(batches - static_cast<double>(result.batch_index), now());
  }
  return result;
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
