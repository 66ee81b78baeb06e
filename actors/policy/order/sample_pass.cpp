#include "actors/policy/order/sample_pass.hpp"

#include <utility>

namespace dispatch::policy {

sample_pass::sample_pass(options opts, std::uint64_t epoch, std::int64_t position)
  : slot_pass(opts.order, opts.window),
    options_(std::move(opts)),
    first_epoch_(epoch),
    first_position_(position),
    epoch_(epoch),
    steps_(steps_of(epoch)) {
  end_if_over();
}

std::optional<session_pass::wanted> sample_pass::ask(time_point now) {
  while (room() > 0 && !is_asked_whole_) {
    if (next_batch_ < steps_.batches())
      return append(now, epoch_, steps_.batch(next_batch_++));
    begin_next_epoch();
  }
  return std::nullopt;
}

std::optional<std::int64_t> sample_pass::batches() const noexcept {
  return steps_of(departing_epoch().value_or(first_epoch_)).batches();
}

epoch_steps sample_pass::steps_of(std::uint64_t epoch) const {
  return steps_of_epoch(options_.order, options_.skips, options_.steps, epoch,
                        epoch == first_epoch_ ? first_position_ : 0);
}

void sample_pass::begin_next_epoch() {
  append_epoch_end(epoch_, steps_.dropped(), steps_.skipped());
  ++epoch_;
  end_if_over();
  if (is_asked_whole_)
    return;
  steps_ = steps_of(epoch_);
  next_batch_ = 0;
}

void sample_pass::end_if_over() {
  is_asked_whole_ = options_.end_epoch && epoch_ >= *options_.end_epoch;
  if (is_asked_whole_)
    append_end();
}

} // namespace dispatch::policy
