#include "actors/session/session_recorder.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <string>

#include "actors/metrics.hpp"

namespace dispatch {

namespace {

using std::chrono::minutes;
using std::chrono::system_clock;

/// A chart of one minute would be a dot: it shows an hour at least.
constexpr minutes least_span{60};
constexpr minutes longest_span{policy::session_minutes::most};

policy::session_key key_of(const client_report& from) {
  return {from.session->name, {from.session->shard_index, from.session->shard_count}};
}

policy::session_place place_of(const client_report& from) {
  const auto& session = *from.session;
  policy::session_place result;
  result.dataset = from.dataset;
  result.seed = session.seed;
  result.epoch = session.epoch;
  result.end_epoch = session.end_epoch;
  result.position = session.position;
  result.samples = session.samples;
  result.batch_size = from.batch_size;
  result.batches = from.batches;
  result.began_at = std::chrono::time_point_cast<system_clock::duration>(from.connected_at);
  return result;
}

session_row_report report_of(const policy::session_row& row, std::int64_t end, std::size_t count) {
  const auto& place = row.place;
  session_row_report result;
  result.place = {row.key.name,   place.seed,    place.epoch,         place.end_epoch,
                  place.position, place.samples, row.key.shard.index, row.key.shard.count};
  result.dataset = place.dataset;
  const auto [step, steps] = policy::steps_of(place, row.key.shard);
  result.step = step;
  result.steps = steps;
  result.times = row.times;
  result.began_at = place.began_at;
  if (!row.is_here)
    result.gone_at = row.heard_at;
  result.outcome = row.outcome;
  result.batches_per_second = row.minutes.rates(end, count);
  result.epochs = row.minutes.epochs(end, count);
  return result;
}

} // namespace

session_recorder_state::session_recorder_state(session_recorder_actor::pointer self)
  : self_(self),
    started_at_(self->clock().now()) {}

session_recorder_actor::behavior_type session_recorder_state::make_behavior() {
  // A session whose actor has failed says nothing of its end.
  self_->set_down_handler([this](const caf::down_msg& msg) {
    book_.lost(msg.source.id(), std::string{name_of(pass_outcome::lost)}, system_clock::now());
  });
  return {
    [this](const session_heard& news) { on_heard(news); },
    [this](const session_over& news) { on_over(news); },
    [this](const get_session_history& request) { return on_get_history(request); },
    [this](get_actor_report) { return row_of(self_, name, "serving", started_at_); },
  };
}

void session_recorder_state::on_heard(const session_heard& news) {
  const auto& report = news.report;
  if (report.session && book_.heard(report.actor.id, key_of(report), place_of(report), system_clock::now()))
    self_->monitor(self_->current_sender());
}

void session_recorder_state::on_over(const session_over& news) {
  const auto& report = news.report;
  if (report.session)
    book_.over(report.actor.id, key_of(report), place_of(report), news.outcome, system_clock::now());
}

session_history_report session_recorder_state::on_get_history(const get_session_history& request) const {
  const auto end = std::chrono::ceil<minutes>(system_clock::now());
  const auto span = std::clamp(std::chrono::ceil<minutes>(request.span), least_span, longest_span);
  session_history_report result;
  result.ends_at = end;
  for (const auto& row : book_.rows())
    result.rows.push_back(report_of(row, end.time_since_epoch().count(), static_cast<std::size_t>(span.count())));
  return result;
}

} // namespace dispatch
