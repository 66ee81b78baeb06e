#include "actors/client_account.hpp"

#include <algorithm>
#include <utility>

namespace dispatch {

namespace {

/// Shorter waits are those of any pass whose dataset service is the limit.
constexpr std::chrono::seconds held_up_after{1};

/// A consumer is called stalled when its socket has taken nothing for so long.
constexpr std::chrono::seconds stalled_after{3};

/// At less than one batch a minute there is no telling how long the rest will take.
constexpr auto least_rate = 1.0 / 60;

policy::waiting_for waited_for_at(consumer_stage stage) {
  if (stage.is_sending)
    return policy::waiting_for::socket;
  if (stage.has_ended || stage.waits_for_acks)
    return policy::waiting_for::nobody;
  return policy::waiting_for::upstream;
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

client_account::client_account(client_metrics_ptr metrics, time_point now)
  : metrics_(std::move(metrics)),
    connected_at_(now),
    waits_(now, policy::waiting_for::upstream),
    batch_rate_(now),
    byte_rate_(now) {}

void client_account::sent(std::size_t batches, std::uint64_t bytes, time_point now) {
  waits_.moved(now);
  if (batches == 0)
    return;
  if (batches_ == 0)
    metrics_->first_frame->observe(std::chrono::duration<double>(now - connected_at_).count());
  batches_ += batches;
  bytes_ += bytes;
  metrics_->sent_batches->inc(static_cast<std::int64_t>(batches));
  metrics_->sent_bytes->inc(static_cast<std::int64_t>(bytes));
  batch_rate_.add(now, static_cast<double>(batches));
  byte_rate_.add(now, static_cast<double>(bytes));
}

void client_account::waits_at(consumer_stage stage, time_point now, duration encoding) {
  const auto whom = waited_for_at(stage);
  waits_.change(now, whom, encoding);
  if (whom != policy::waiting_for::upstream)
    set_held_up(false);
}

std::string client_account::state_name(consumer_stage stage, time_point now) const {
  if (!stage.has_begun)
    return stage.has_ended ? "finishing" : "starting";
  if (stage.is_sending)
    return stalled_for(now) >= stalled_after ? "stalled" : "sending";
  return stage.has_ended ? "finishing" : "waiting";
}

bool client_account::is_held_up(time_point now) const noexcept {
  return waits_.waited_for_upstream(now) >= held_up_after;
}

std::optional<caf::timespan> client_account::remaining(double batches, time_point now) const {
  const auto rate = batch_rate_.per_second(now);
  if (rate <= least_rate || is_held_up(now))
    return std::nullopt;
  return std::chrono::duration_cast<caf::timespan>(std::chrono::duration<double>(std::max(batches, 0.0) / rate));
}

void client_account::set_held_up(bool is_so) {
  if (std::exchange(is_held_up_, is_so) != is_so)
    is_so ? metrics_->held_up->inc() : metrics_->held_up->dec();
}

void client_account::publish_waiting(time_point now) {
  set_held_up(is_held_up(now));
  const auto totals = waits_.totals(now);
  const auto add = [](caf::telemetry::dbl_counter* counter, duration waited) {
    if (waited > duration::zero())
      counter->inc(std::chrono::duration<double>(waited).count());
  };
  add(metrics_->waited_for_upstream, totals.upstream - waits_published_.upstream);
  add(metrics_->waited_for_encoding, totals.encoding - waits_published_.encoding);
  add(metrics_->waited_for_socket, totals.socket - waits_published_.socket);
  waits_published_ = totals;
}

void client_account::report(client_report& result, time_point now) const {
  result.connected_at = connected_on_;
  result.batches = batches_;
  result.bytes = bytes_;
  result.batches_per_second = batch_rate_.per_second(now);
  result.bytes_per_second = byte_rate_.per_second(now);
  const auto totals = waits_.totals(now);
  const auto lately = waits_.lately(now);
  result.waited = {totals.upstream, totals.encoding, totals.socket};
  result.waited_lately = {lately.upstream, lately.encoding, lately.socket};
  result.slowest = bottleneck_of(waits_.slowest(now));
  result.stalled_for = waits_.stalled_for(now);
}

} // namespace dispatch
