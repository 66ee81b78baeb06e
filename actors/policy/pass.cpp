#include "actors/policy/pass.hpp"

#include <string>
#include <utility>
#include <variant>

#include "wire/fingerprint.hpp"
#include "wire/sample_size.hpp"

namespace dispatch::policy {

void pass::describe(const dataset_description& description) {
  description_ = description;
  fingerprint_ = fingerprint_of(description);
}

void pass::begin(std::int32_t first) {
  // Where samples can be counted, batch 0 comes alone, because the others are measured by it.
  const auto is_measured = first == 0 && description_.total_samples > 0 && sample_bytes_of(description_) > 0;
  window_.emplace(is_measured ? 1 : lookahead_.size(),
                  pass_position{batch_total(description_.total_samples, options_.batch_size), first});
}

std::optional<pass::range> pass::ask(time_point now) {
  const auto first = window_->ask(now);
  if (!first)
    return std::nullopt;
  range result{*first, 1};
  while (window_->ask(now))
    ++result.count;
  return result;
}

bool pass::arrived(const batch_ptr& next) {
  if (next->index() == 0)
    learn_layout(*next);
  if (auto misfit = layout_.misfit(next->index(), next->data_bytes()))
    return window_->failed(next->index(), {status_code::internal, std::move(*misfit)}, false);
  return window_->arrived(next->index(), next, {next->marked_last(), next->is_empty()});
}

void pass::learn_layout(const batch& first) {
  layout_ = batch_layout{description_, options_.batch_size, first.data_bytes()};
  if (const auto total = layout_.batches())
    window_->settle_total(*total);
}

bool pass::failed(std::int32_t index, const failure& reason) {
  return window_->failed(index, reason, reason.code == status_code::out_of_range);
}

std::optional<std::int32_t> pass::overdue(time_point limit) const {
  const auto awaited = window_->awaited_since(limit);
  return awaited && window_->is_next(*awaited) ? awaited : std::nullopt;
}

pass::departures pass::depart() {
  departures result;
  while (auto next = window_->next()) {
    if (auto* reason = std::get_if<failure>(&*next)) {
      result.broken = explained(std::move(*reason));
      return result;
    }
    result.batches.push_back(std::move(std::get<batch_window::delivery>(*next)));
    result.is_end = result.batches.back().last;
  }
  if (window_->position().exhausted())
    result.broken = failure{status_code::out_of_range, "this dataset has more batches than there are indices"};
  if (!result.batches.empty() && result.batches.front().batch->index() == 0) {
    lookahead_.begin(result.batches.front().batch->footprint());
    window_->resize(lookahead_.size());
  }
  return result;
}

failure pass::explained(failure reason) const {
  if (reason.code != status_code::out_of_range || description_.total_samples <= 0)
    return reason;
  const auto per_batch = layout_.is_known() ? layout_.batch_samples() : options_.batch_size;
  reason.message = "the dataset service has no batch " + std::to_string(position()) + ", but describes "
                   + std::to_string(description_.total_samples) + " samples, which are "
                   + std::to_string(total().value_or(0)) + " batches of " + std::to_string(per_batch) + ": "
                   + reason.message + " (let GetDatasetInfo describe what is served)";
  return reason;
}

void pass::written(time_point now, std::size_t batches, std::uint64_t bytes) {
  window_->written(batches);
  lookahead_.written(now, batches, bytes, window_->unsent());
  window_->resize(lookahead_.size());
}

} // namespace dispatch::policy
