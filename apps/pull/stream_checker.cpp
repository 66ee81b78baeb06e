#include "apps/pull/stream_checker.hpp"

#include "apps/pull/printable_text.hpp"

namespace dispatch::pull {

namespace {

std::string batch(std::int64_t index) {
  return "batch " + std::to_string(index);
}

std::string count_of(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " batch" : " batches");
}

} // namespace

stream_checker::stream_checker(std::optional<std::int64_t> expected) : expected_(expected) {}

std::optional<std::string> stream_checker::accept(const frame& next) {
  if (eof_)
    return "a frame came after the one that said EOF";
  if (next.error)
    return "the server ended the stream after " + count_of(due_) + " with " + printable_text(next.error->code, 40)
           + ": " + printable_text(next.error->message, 1000);
  if (next.batch_index < due_)
    return batch(next.batch_index) + " came again after " + batch(due_ - 1);
  if (next.batch_index > due_)
    return batch(due_) + " is missing: " + batch(next.batch_index) + " came in its place";
  if (expected_ && due_ >= *expected_)
    return batch(due_) + " came although only " + count_of(*expected_) + " were expected";
  ++due_;
  eof_ = next.eof;
  return std::nullopt;
}

std::optional<std::string> stream_checker::shortfall() const {
  if (eof_ && expected_ && due_ != *expected_)
    return "the stream ended after " + count_of(due_) + " instead of the expected " + std::to_string(*expected_);
  return std::nullopt;
}

std::optional<std::string> stream_checker::finish(std::size_t rest) const {
  if (rest > 0)
    return "the connection ended within a line, after " + count_of(due_) + " and " + std::to_string(rest)
           + " bytes more";
  if (!eof_)
    return "the connection ended after " + count_of(due_) + ", without EOF";
  return std::nullopt;
}

} // namespace dispatch::pull
