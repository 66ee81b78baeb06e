#include "bench/stream/session_cutter.hpp"

#include <algorithm>

#include "bench/stream/session_note.hpp"

namespace dispatch::bench {

std::optional<std::string_view> session_cutter::next(std::string_view& rest) {
  while (!broken_ && !rest.empty()) {
    if (next_ == part::line) {
      if (!take_line(rest))
        continue;
      const auto bytes = payload_bytes_of(line_);
      if (!bytes)
        return line_;
      payload_ = *bytes;
      next_ = payload_ > 0 ? part::payload : part::payload_end;
    } else if (next_ == part::payload) {
      skip_payload(rest);
    } else {
      broken_ = rest.front() != '\n';
      rest.remove_prefix(1);
      next_ = part::line;
      if (!broken_)
        return line_;
    }
  }
  // The memory behind `rest` is gone at the next call.
  if (next_ != part::line && !is_kept_) {
    kept_ = line_;
    line_ = kept_;
    is_kept_ = true;
  }
  rest = {};
  return std::nullopt;
}

bool session_cutter::take_line(std::string_view& rest) {
  if (is_kept_)
    kept_.clear();
  is_kept_ = false;
  const auto size = std::min(rest.find('\n'), rest.size());
  const auto piece = rest.substr(0, size);
  const auto is_whole = size < rest.size();
  rest.remove_prefix(is_whole ? size + 1 : size);
  broken_ = kept_.size() + size > longest_line;
  if (!broken_ && (!is_whole || !kept_.empty()))
    kept_.append(piece);
  is_kept_ = is_whole && !kept_.empty();
  line_ = is_kept_ ? std::string_view{kept_} : piece;
  return is_whole && !broken_;
}

void session_cutter::skip_payload(std::string_view& rest) {
  const auto skipped = std::min<std::uint64_t>(payload_, rest.size());
  rest.remove_prefix(skipped);
  payload_ -= skipped;
  if (payload_ == 0)
    next_ = part::payload_end;
}

} // namespace dispatch::bench
