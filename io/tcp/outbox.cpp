#include "io/tcp/outbox.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::io {

void outbox::push(frame_ptr body, frame_tail_ptr tail) {
  items_.push_back(item{std::move(body), std::move(tail)});
}

void outbox::push_line(std::string line) {
  items_.push_back(item{nullptr, std::make_shared<const std::string>(std::move(line))});
}

std::optional<std::int32_t> outbox::drop_untouched() {
  const auto kept = static_cast<std::ptrdiff_t>(touched());
  std::optional<std::int32_t> first;
  for (auto i = items_.begin() + kept; i != items_.end() && !first; ++i)
    if (i->body != nullptr)
      first = i->body->index();
  items_.erase(items_.begin() + kept, items_.end());
  return first;
}

gather_list outbox::peek(std::size_t limit) const {
  gather_list list;
  auto skipped = taken_;
  const auto add = [&](std::string_view part) {
    const auto rest = part.substr(std::min(skipped, part.size()), limit);
    skipped -= std::min(skipped, part.size());
    limit -= rest.size();
    if (!rest.empty())
      list.pieces[list.count++] = rest;
  };
  for (auto i = items_.begin(); i != items_.end() && limit > 0 && list.count + 2 <= list.pieces.size(); ++i) {
    if (i->body != nullptr)
      add(i->body->encoded());
    add(*i->tail);
  }
  return list;
}

void outbox::consume(std::size_t bytes) {
  taken_ += bytes;
  while (!items_.empty()) {
    const auto& first = items_.front();
    const auto size = (first.body != nullptr ? first.body->encoded().size() : 0) + first.tail->size();
    if (taken_ < size)
      return;
    finished_.frames += first.body != nullptr ? 1 : 0;
    finished_.bytes += size;
    taken_ -= size;
    items_.pop_front();
  }
}

outbox::tally outbox::take_finished() noexcept {
  return std::exchange(finished_, tally{});
}

} // namespace dispatch::io
