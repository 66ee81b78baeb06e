#include "bench/stream/line_cutter.hpp"

#include <algorithm>
#include <cstring>

namespace dispatch::bench {

std::optional<line_ends> line_cutter::next(std::string_view& rest) {
  const auto* found = rest.empty() ? nullptr : static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
  if (found == nullptr) {
    keep(rest);
    rest = {};
    return std::nullopt;
  }
  const auto piece = rest.substr(0, static_cast<std::size_t>(found - rest.data()));
  rest.remove_prefix(piece.size() + 1);
  if (size_ == 0)
    return line_ends{piece, piece, piece.size()};
  return finish(piece);
}

line_ends line_cutter::finish(std::string_view last_piece) {
  keep(last_piece);
  line_ends result{{head_.data(), head_used_}, {tail_.data(), tail_used_}, size_};
  if (last_piece.size() >= tail_size)
    result.tail = last_piece;
  head_used_ = tail_used_ = size_ = 0;
  return result;
}

void line_cutter::keep(std::string_view piece) {
  size_ += piece.size();
  const auto to_head = std::min(piece.size(), head_size - head_used_);
  std::copy_n(piece.data(), to_head, head_.data() + head_used_);
  head_used_ += to_head;
  const auto to_tail = std::min(piece.size(), tail_size);
  const auto stays = std::min(tail_used_, tail_size - to_tail);
  std::memmove(tail_.data(), tail_.data() + (tail_used_ - stays), stays);
  std::copy_n(piece.data() + (piece.size() - to_tail), to_tail, tail_.data() + stays);
  tail_used_ = stays + to_tail;
}

} // namespace dispatch::bench
