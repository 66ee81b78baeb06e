#include "apps/pull/line_reader.hpp"

#include <algorithm>
#include <cstring>

namespace dispatch::pull {

line_reader::line_reader(std::size_t max_line) : max_line_(max_line) {}

line_reader::room line_reader::prepare(std::size_t wanted) {
  // Moving only when at least as much was consumed as is left keeps the moves linear, whatever the caller's
  // rhythm.
  if (buffer_.size() - end_ < wanted && begin_ >= pending()) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < wanted)
    buffer_.resize(std::max(2 * buffer_.size(), end_ + wanted));
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void line_reader::commit(std::size_t size) {
  end_ += std::min(size, buffer_.size() - end_);
}

line_reader::status line_reader::next(std::string_view& line) {
  if (failed_)
    return status::too_long;
  auto found = scanned_ == end_ ? nullptr : std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
  auto stop = found == nullptr ? end_ : static_cast<std::size_t>(static_cast<char*>(found) - buffer_.data());
  if (stop - begin_ > max_line_) {
    failed_ = true;
    return status::too_long;
  }
  scanned_ = stop;
  if (found == nullptr)
    return status::need_more;
  line = std::string_view{buffer_.data() + begin_, stop - begin_};
  begin_ = scanned_ = stop + 1;
  return status::line;
}

line_reader::status line_reader::next_bytes(std::size_t size, std::string_view& bytes) {
  if (failed_)
    return status::too_long;
  if (pending() <= size)
    return status::need_more;
  if (buffer_[begin_ + size] != '\n') {
    failed_ = true;
    return status::too_long;
  }
  bytes = std::string_view{buffer_.data() + begin_, size};
  begin_ += size + 1;
  scanned_ = begin_;
  return status::line;
}

} // namespace dispatch::pull
