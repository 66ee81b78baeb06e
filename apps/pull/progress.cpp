#include "apps/pull/progress.hpp"

#include <algorithm>
#include <cstdio>

namespace dispatch::pull {

namespace {

using seconds = std::chrono::duration<double>;

double rate_of(std::int64_t batches, progress::clock::duration time) {
  auto took = seconds{time}.count();
  return took > 0 ? static_cast<double>(batches) / took : 0;
}

std::string counter(const pass_counts& counts, std::optional<std::int64_t> expected, double rate) {
  char rest[80];
  std::snprintf(rest, sizeof(rest), " batches, %.2f MB, %.*f frames/s", static_cast<double>(counts.bytes) / 1e6,
                rate < 10 ? 1 : 0, rate);
  return std::to_string(counts.batches) + (expected ? "/" + std::to_string(*expected) : "") + rest;
}

} // namespace

std::string with_bar(const std::string& text, std::int64_t done, std::int64_t total, std::size_t width) {
  constexpr std::size_t widest_bar = 40;
  constexpr std::size_t narrowest_bar = 5;
  constexpr std::size_t around_bar = 8; // "[" and "] 100% "
  if (text.size() + around_bar + narrowest_bar > width)
    return text;
  auto size = std::min(widest_bar, width - text.size() - around_bar);
  auto part = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
  auto filled = static_cast<std::size_t>(part * static_cast<double>(size));
  char percent[16];
  std::snprintf(percent, sizeof(percent), "] %3.0f%% ", part * 100);
  return "[" + std::string(filled, '#') + std::string(size - filled, '.') + percent + text;
}

std::string progress_line(const pass_counts& counts, std::optional<std::int64_t> expected, double rate,
                          std::size_t width) {
  auto text = counter(counts, expected, rate);
  if (expected)
    text = with_bar(text, counts.batches, *expected, width);
  return text.substr(0, width);
}

progress::progress(settings how, clock::time_point now) : settings_(std::move(how)), start_(now), measured_(now) {}

void progress::update(const pass_counts& counts, clock::time_point now) {
  using namespace std::chrono_literals;
  if (settings_.how == style::silent)
    return;
  measure(counts, now);
  clock::duration interval = 100ms;
  if (settings_.how == style::lines)
    interval = counts.batches != drawn_batches_ ? 1s : 10s;
  if (now - drawn_.value_or(start_) < interval)
    return;
  drawn_ = now;
  drawn_batches_ = counts.batches;
  draw(counts, rate_.value_or(rate_of(counts.batches, now - start_)));
}

void progress::say(const std::string& text) {
  if (settings_.how != style::silent)
    settings_.write((settings_.how == style::terminal ? "\r\x1b[K" : "") + text + "\n");
}

void progress::finish(const pass_counts& counts, clock::time_point now) {
  if (settings_.how == style::silent)
    return;
  draw(counts, rate_of(counts.batches, now - start_));
  if (settings_.how == style::terminal)
    settings_.write("\n");
}

void progress::measure(const pass_counts& counts, clock::time_point now) {
  if (now - measured_ < std::chrono::seconds{1})
    return;
  rate_ = rate_of(counts.batches - measured_batches_, now - measured_);
  measured_ = now;
  measured_batches_ = counts.batches;
}

void progress::draw(const pass_counts& counts, double rate) {
  if (settings_.how == style::terminal) {
    // One column stays free: some terminals wrap when the last one is written.
    auto width = std::max<std::size_t>(settings_.width(), 2) - 1;
    settings_.write("\r" + progress_line(counts, settings_.expected, rate, width) + "\x1b[K");
  } else {
    settings_.write(counter(counts, settings_.expected, rate) + "\n");
  }
}

} // namespace dispatch::pull
