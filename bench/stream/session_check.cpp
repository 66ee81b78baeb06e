#include "bench/stream/session_check.hpp"

namespace dispatch::bench {

std::size_t session_check::take(std::string_view bytes) {
  std::size_t frames = 0;
  while (!bytes.empty() && !fault_) {
    if (eof_) {
      fault_ = stream_fault::after_eof;
      break;
    }
    const auto line = cutter_.next(bytes);
    if (!line) {
      if (cutter_.broken())
        fault_ = stream_fault::malformed;
      break;
    }
    const auto note = read_session_note(*line);
    fault_ = note ? judge(*note) : stream_fault::malformed;
    if (!fault_ && note->what == session_word::batch)
      ++frames;
  }
  return frames;
}

std::optional<stream_fault> session_check::judge(const session_note& note) {
  if (note.what == session_word::error) {
    error_ = note.error;
    return stream_fault::server_error;
  }
  // The welcome comes once, and first.
  if (is_welcome_ == (note.what == session_word::welcome))
    return note.what == session_word::wait ? std::nullopt : std::optional{stream_fault::malformed};
  switch (note.what) {
  case session_word::welcome:
    is_welcome_ = true;
    return std::nullopt;
  case session_word::batch:
    if (const auto fault = judge_sequence(note))
      return fault;
    return judge_batch_epoch(note);
  case session_word::epoch:
    return judge_epoch_end(note);
  case session_word::eof:
    eof_ = true;
    return between_epochs() && note.number == due_ ? std::nullopt : std::optional{stream_fault::wrong_count};
  case session_word::drain:
    return stream_fault::without_eof;
  default:
    return std::nullopt;
  }
}

std::optional<stream_fault> session_check::judge_sequence(const session_note& batch) {
  if (batch.number > due_)
    return stream_fault::gap;
  if (batch.number < due_)
    return batch.number + 1 == due_ ? stream_fault::duplicate : stream_fault::wrong_order;
  ++due_;
  return std::nullopt;
}

std::optional<stream_fault> session_check::judge_batch_epoch(const session_note& batch) {
  if (batch.epoch != epoch_.value_or(batch.epoch))
    return stream_fault::wrong_order;
  epoch_ = batch.epoch;
  ++of_epoch_;
  return std::nullopt;
}

std::optional<stream_fault> session_check::judge_epoch_end(const session_note& end) {
  if (end.epoch != epoch_.value_or(end.epoch))
    return stream_fault::wrong_order;
  if (end.number != of_epoch_ || of_epoch_ != expected_.value_or(of_epoch_))
    return stream_fault::wrong_count;
  epoch_ = end.epoch + 1;
  of_epoch_ = 0;
  return std::nullopt;
}

} // namespace dispatch::bench
