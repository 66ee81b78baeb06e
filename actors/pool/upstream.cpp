#include "actors/pool/upstream.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::pool {

namespace {

/// How often at most the limit is logged.
constexpr std::chrono::seconds limit_log_interval{10};

/// How long an upstream may be away at first without that being an outage: what starts together is not there at once.
constexpr std::chrono::seconds time_to_begin{5};

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

} // namespace

upstream::upstream(std::string address, std::string name, caf::telemetry::metric_registry& metrics, event_log_ptr log,
                   policy::outage_list& outages, time_point now)
  : address_(std::move(address)),
    name_(std::move(name)),
    metrics_(metrics, name_),
    log_(std::move(log)),
    outages_(&outages),
    awaited_since_(now),
    rate_(now) {}

void upstream::retire(time_point now) {
  is_retired_ = true;
  is_up_ = false;
  end_outage(now);
}

void upstream::begin_call(bool is_for_batch, time_point now) {
  metrics_.calls->inc();
  ++calls_;
  ++calls_open_;
  if (is_for_batch)
    owe_answer(now);
}

void upstream::end_call(bool is_for_batch) {
  --calls_open_;
  if (is_for_batch)
    release_answer();
}

void upstream::count_stream() {
  metrics_.calls->inc();
  ++calls_;
}

void upstream::begin_probe(time_point now) {
  owe_answer(now);
}

void upstream::note_latency(duration latency) {
  latencies_.add(latency);
  metrics_.fetch->observe(seconds(latency));
  brought_->fetch_add(1, std::memory_order_relaxed);
}

void upstream::owe_answer(time_point now) {
  ++answers_owed_;
  watch_.asked(now);
}

void upstream::release_answer() {
  if (--answers_owed_ == 0)
    watch_.owes_nothing();
}

void upstream::note_answer(bool is_live, time_point now) {
  watch_.answered(now, answers_owed_ == 0);
  if (!is_live || std::exchange(is_up_, true))
    return;
  has_been_up_ = true;
  if (outage_counted_until_)
    return end_outage(now);
  log_->write(severity::info, "upstream_up", {{"upstream", address_}});
}

void upstream::note_lost(time_point now) {
  if (std::exchange(is_up_, false))
    begin_outage(last_failure_, now, now);
}

void upstream::on_tick(duration least, time_point now) {
  check_responsive(least, now);
  check_first_answer(now);
  measure(now);
}

void upstream::check_responsive(duration least, time_point now) {
  const auto owes = watch_.owes_for(now);
  const auto usual = latencies_.quantile(0.99).value_or(duration::zero());
  if (!is_up_ || owes < std::max(least, 2 * usual))
    return;
  is_up_ = false;
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(owes).count();
  begin_outage("has brought nothing for " + std::to_string(whole) + " s", now - owes, now);
}

void upstream::check_first_answer(time_point now) {
  if (!has_been_up_ && !outage_counted_until_ && now - awaited_since_ >= time_to_begin)
    begin_outage("has not answered yet" + (last_failure_.empty() ? "" : ": " + last_failure_), awaited_since_, now);
}

void upstream::measure(time_point now) {
  const auto brought = brought_->load(std::memory_order_relaxed);
  if (brought > measured_) {
    last_batch_at_ = now;
    rate_.add(now, static_cast<double>(brought - std::exchange(measured_, brought)));
  }
  if (outage_counted_until_)
    count_outage(now);
}

// -- outages ----------------------------------------------------------------------------------------------------------

void upstream::begin_outage(const std::string& what, time_point began, time_point now) {
  outage_counted_until_ = began;
  ++outages_so_far_;
  metrics_.outages->inc();
  outages_->begin({address_, began, std::chrono::system_clock::now() - (now - began), {}, 0, 0, what});
  log_->write(severity::error, "upstream_down", {{"upstream", address_}, {"message", what}});
}

void upstream::end_outage(time_point now) {
  if (!outage_counted_until_)
    return;
  count_outage(now);
  outage_counted_until_.reset();
  const auto over = outages_->end(address_, now);
  if (is_up_ && over)
    log_->write(severity::info, "upstream_up",
                {{"upstream", address_},
                 {"outage_seconds", seconds(over->length(now))},
                 {"attempts", over->attempts},
                 {"clients_held_up", over->clients_held_up}});
}

void upstream::count_outage(time_point until) {
  metrics_.outage_time->inc(seconds(until - *outage_counted_until_));
  outage_counted_until_ = until;
}

// -- failures ---------------------------------------------------------------------------------------------------------

void upstream::note_failure(const failure& what) {
  last_failure_ = to_string(what.code) + ": " + what.message;
  last_failure_at_ = caf::make_timestamp();
}

void upstream::count_failure(const failure& what) {
  metrics_.failures.count(what.code);
  ++failures_[what.code];
  note_failure(what);
  log_->write(severity::debug, "call_failed",
              {{"upstream", address_}, {"code", to_string(what.code)}, {"message", what.message}});
}

void upstream::count_restart() {
  metrics_.restarts->inc();
  ++restarts_;
  outages_->note_attempt(address_);
}

std::string upstream::trouble() const {
  if (is_up_ || is_retired_)
    return {};
  return last_failure_.empty() ? "does not answer yet" : "is away (" + last_failure_ + ")";
}

void upstream::log_limit(const policy::upstream_model& known, time_point now) {
  // Before the first measurement the limit is a guess.
  if (known.rate() <= 0 || known.limit() == logged_limit_ || now - logged_at_ < limit_log_interval)
    return;
  logged_limit_ = known.limit();
  logged_at_ = now;
  log_->write(severity::info, "limit_changed",
              {{"upstream", address_}, {"in_flight_limit", known.limit()}, {"batches_per_second", known.rate()}});
}

upstream_report upstream::report(const policy::upstream_model& known, time_point now) const {
  upstream_report result;
  result.address = address_;
  result.name = name_;
  result.up = is_up_;
  result.calls = calls_;
  result.calls_in_flight = static_cast<std::uint32_t>(known.in_flight());
  result.limit = static_cast<std::uint32_t>(known.limit());
  result.batches = brought_->load(std::memory_order_relaxed);
  result.batches_per_second = rate_.per_second(now);
  if (last_batch_at_)
    result.last_batch_ago = now - *last_batch_at_;
  result.latency_p50 = latencies_.quantile(0.5);
  result.latency_p99 = latencies_.quantile(0.99);
  for (const auto& [code, count] : failures_)
    result.failures.push_back({code, count});
  result.last_failure = last_failure_;
  result.last_failure_at = last_failure_at_;
  result.outages = outages_so_far_;
  result.restarts = restarts_;
  return result;
}

} // namespace dispatch::pool
