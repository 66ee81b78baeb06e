#include "bench/stream/pass_check.hpp"

namespace dispatch::bench {

std::size_t pass_check::take(std::string_view bytes) {
  std::size_t frames = 0;
  while (!bytes.empty() && !fault_) {
    if (eof_) {
      fault_ = stream_fault::after_eof;
      break;
    }
    const auto line = cutter_.next(bytes);
    if (!line)
      break;
    const auto note = read_note(*line);
    fault_ = judge(note);
    if (fault_)
      break;
    ++frames;
    ++due_;
    eof_ = note->eof;
  }
  return frames;
}

std::optional<stream_fault> pass_check::judge(const std::optional<frame_note>& note) {
  if (!note)
    return stream_fault::malformed;
  if (note->error) {
    error_ = note->error;
    return stream_fault::server_error;
  }
  if (note->batch > due_)
    return stream_fault::gap;
  if (note->batch < due_)
    return note->batch + 1 == due_ ? stream_fault::duplicate : stream_fault::wrong_order;
  if (expected_ && note->eof != (due_ + 1 == *expected_))
    return stream_fault::wrong_count;
  return std::nullopt;
}

} // namespace dispatch::bench
