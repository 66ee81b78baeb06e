#include "io/tcp/outbox.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::io {

void outbox::push(pieces messages) {
  for (auto& next : messages) {
    messages_ += next.ends_message ? 1 : 0;
    queue_.push_back(std::move(next));
  }
}

std::size_t outbox::drop_untouched() {
  auto kept = queue_.begin();
  if (is_touched()) {
    kept = std::find_if(kept, queue_.end(), [](const piece& each) { return each.ends_message; });
    ++kept;
  }
  queue_.erase(kept, queue_.end());
  const std::size_t left = queue_.empty() ? 0 : 1;
  return std::exchange(messages_, left) - left;
}

gather_list outbox::peek(std::size_t limit) const {
  gather_list list;
  auto skipped = taken_;
  for (auto i = queue_.begin(); i != queue_.end() && limit > 0 && list.count < list.pieces.size(); ++i) {
    const auto part = i->bytes.view().substr(skipped, limit);
    skipped = 0;
    limit -= part.size();
    if (!part.empty())
      list.pieces[list.count++] = part;
  }
  return list;
}

void outbox::consume(std::size_t bytes) {
  taken_ += bytes;
  begun_bytes_ += bytes;
  while (!queue_.empty() && taken_ >= queue_.front().bytes.size()) {
    const auto& first = queue_.front();
    taken_ -= first.bytes.size();
    if (first.ends_message) {
      --messages_;
      ++finished_.messages;
      finished_.bytes += begun_bytes_ - taken_;
      begun_bytes_ = taken_;
    }
    queue_.pop_front();
  }
}

outbox::tally outbox::take_finished() noexcept {
  return std::exchange(finished_, tally{});
}

} // namespace dispatch::io
