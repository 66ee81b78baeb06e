#include "apps/pull/session/epoch_progress.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "apps/pull/printable_text.hpp"

namespace dispatch::pull {

namespace {

using namespace std::chrono_literals;
using seconds = std::chrono::duration<double>;

double rate_of(std::uint64_t count, double time) {
  return time > 0 ? static_cast<double>(count) / time : 0;
}

std::string counted(std::uint64_t count, const char* what) {
  return count > 0 ? ", " + std::to_string(count) + ' ' + what : std::string{};
}

} // namespace

std::string epoch_text(const epoch_counts& counts, double time, std::uint64_t samples, std::uint64_t bytes) {
  char rates[80];
  std::snprintf(rates, sizeof(rates), " batches, %.0f samples/s, %.1f MB/s", rate_of(samples, time),
                rate_of(bytes, time) / 1e6);
  return "epoch " + std::to_string(counts.epoch) + ": " + std::to_string(counts.batch)
         + (counts.batches ? "/" + std::to_string(*counts.batches) : "") + rates;
}

std::string epoch_over_text(const epoch_line& over, std::uint64_t bytes, double time) {
  const auto& given = over.given;
  char rates[120];
  std::snprintf(rates, sizeof(rates), ", %.2f MB, %.2f s, %.0f samples/s", static_cast<double>(bytes) / 1e6, time,
                rate_of(given.samples, time));
  return "epoch " + std::to_string(over.epoch) + " is over: " + std::to_string(given.batches) + " batches, "
         + std::to_string(given.samples) + " samples" + counted(given.padded, "of them padded")
         + counted(given.dropped, "dropped") + counted(given.skipped, "skipped") + rates;
}

std::string wait_text(const wait_line& said) {
  char time[32];
  std::snprintf(time, sizeof(time), "%.1f", said.seconds);
  const auto whom = said.on == "acks" ? std::string{"acknowledgements"} : "its " + printable_text(said.on, 40);
  return "the dispatcher waits for " + whom + ", for " + time + " s: " + printable_text(said.why, 1000);
}

std::int64_t batch_of_epoch(const batch_line& batch, const welcome_line& welcome) {
  // Positions of what cannot be counted are those of blocks.
  if (!welcome.samples)
    return batch.position + 1;
  const auto step = welcome.batch_size * welcome.shard_count;
  const auto number = step > 0 ? batch.position / step + 1 : 1;
  return std::min(number, welcome.batches.value_or(number));
}

epoch_progress::epoch_progress(progress::settings how, clock::time_point now)
  : settings_(std::move(how)),
    start_(now),
    since_(now),
    next_(now) {}

void epoch_progress::update(const epoch_counts& counts, clock::time_point now) {
  if (settings_.how == progress::style::silent)
    return;
  if (now - next_ >= 1s) {
    since_ = std::exchange(next_, now);
    since_counts_ = std::exchange(next_counts_, counts);
  }
  clock::duration interval = 100ms;
  if (settings_.how == progress::style::lines)
    interval = counts.batch != drawn_batch_ ? 1s : 10s;
  if (now - drawn_.value_or(start_) < interval)
    return;
  drawn_ = now;
  drawn_batch_ = counts.batch;
  draw(counts, now);
}

void epoch_progress::draw(const epoch_counts& counts, clock::time_point now) {
  const auto line = epoch_text(counts, seconds{now - since_}.count(), counts.samples - since_counts_.samples,
                               counts.bytes - since_counts_.bytes);
  if (settings_.how == progress::style::lines) {
    settings_.write(line + "\n");
    return;
  }
  // One column stays free: some terminals wrap when the last one is written.
  const auto width = std::max<std::size_t>(settings_.width(), 2) - 1;
  const auto has_bar = counts.batches.value_or(0) > 0;
  const auto drawn = has_bar ? with_bar(line, counts.batch, *counts.batches, width) : line;
  settings_.write("\r" + drawn.substr(0, width) + "\x1b[K");
  is_on_line_ = true;
}

void epoch_progress::say(const std::string& text) {
  if (settings_.how != progress::style::silent)
    settings_.write((settings_.how == progress::style::terminal ? "\r\x1b[K" : "") + text + "\n");
  is_on_line_ = false;
}

void epoch_progress::finish() {
  if (is_on_line_)
    settings_.write("\n");
  is_on_line_ = false;
}

void epoch_progress::begin_epoch(clock::time_point now) {
  since_ = next_ = now;
  since_counts_ = next_counts_ = {};
  drawn_batch_ = 0;
}

} // namespace dispatch::pull
