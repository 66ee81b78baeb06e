#include "io/tcp/outbox.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::io {

void outbox::push(pieces messages) {
  for (const auto& each : messages)
    messages_ += each.ends_message ? 1 : 0;
  queue_.push_back(std::move(messages));
}

std::size_t outbox::drop_untouched() {
  pieces kept;
  if (is_touched()) {
    const auto from = queue_.front().begin() + static_cast<std::ptrdiff_t>(first_);
    const auto end = std::find_if(from, queue_.front().end(), [](const piece& each) { return each.ends_message; });
    kept.assign(from, std::next(end));
  }
  queue_.clear();
  first_ = 0;
  const std::size_t left = kept.empty() ? 0 : 1;
  if (left > 0)
    queue_.push_back(std::move(kept));
  return std::exchange(messages_, left) - left;
}

gather_list outbox::peek(std::size_t limit) const {
  gather_list list;
  auto skipped = taken_;
  auto at = first_;
  for (const auto& messages : queue_) {
    for (; at < messages.size(); ++at) {
      if (limit == 0 || list.count == list.pieces.size())
        return list;
      const auto part = messages[at].bytes.view().substr(std::exchange(skipped, 0), limit);
      limit -= part.size();
      if (!part.empty())
        list.pieces[list.count++] = part;
    }
    at = 0;
  }
  return list;
}

void outbox::consume(std::size_t bytes) {
  taken_ += bytes;
  begun_bytes_ += bytes;
  while (!queue_.empty() && taken_ >= first().bytes.size()) {
    taken_ -= first().bytes.size();
    if (first().ends_message) {
      --messages_;
      ++finished_.messages;
      finished_.bytes += begun_bytes_ - taken_;
      begun_bytes_ = taken_;
    }
    drop_first();
  }
}

void outbox::drop_first() {
  auto& messages = queue_.front();
  messages[first_].bytes = {};
  if (++first_ < messages.size())
    return;
  queue_.pop_front();
  first_ = 0;
}

outbox::tally outbox::take_finished() noexcept {
  return std::exchange(finished_, tally{});
}

} // namespace dispatch::io
