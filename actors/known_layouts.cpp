#include "actors/known_layouts.hpp"

#include <iterator>

#include "wire/sample_size.hpp"

namespace dispatch {

namespace {

/// Why samples cannot be counted.
std::string reason_not_counted(const dataset_description& description, std::uint64_t first_bytes) {
  if (description.total_samples <= 0)
    return "the dataset service does not describe how many samples there are";
  const auto sample_bytes = sample_bytes_of(description);
  if (sample_bytes == 0)
    return "the dataset service does not describe the shape and type of a sample";
  return "the first batch has " + std::to_string(first_bytes) + " bytes, and a sample as described "
         + std::to_string(sample_bytes);
}

/// Whether batches are not as large as was asked for.
bool is_odd(const batch_layout& layout, const batch_key& first) {
  return layout.is_known() && layout.batch_samples() != first.batch_size;
}

} // namespace

const batch_layout* known_layouts::find(const batch_key& key) const {
  const auto found = layouts_.find(family_of(key));
  return found != layouts_.end() ? &found->second : nullptr;
}

batch_layout known_layouts::of(const batch_key& key) const {
  const auto* known = find(key);
  return known != nullptr ? *known : batch_layout{};
}

bool known_layouts::learn(const batch_key& first, const dataset_description& description, std::uint64_t bytes) {
  const auto of_family = family_of(first);
  if (layouts_.count(of_family) > 0)
    return true;
  const batch_layout layout{description, first.batch_size, bytes};
  if (is_odd(layout, first) && suspected_.insert(of_family).second)
    return false;
  suspected_.erase(of_family);
  layouts_.emplace(of_family, layout);
  log_layout(first, description, bytes, layout);
  return true;
}

void known_layouts::forget(const std::string& dataset) {
  for (auto i = layouts_.begin(); i != layouts_.end();)
    i = std::get<std::string>(i->first) == dataset ? layouts_.erase(i) : std::next(i);
}

void known_layouts::log_layout(const batch_key& first, const dataset_description& description, std::uint64_t bytes,
                               const batch_layout& layout) const {
  if (!layout.is_known())
    log_->write(severity::info, "samples_not_counted",
                {{"dataset", first.dataset}, {"message", reason_not_counted(description, bytes)}});
  else if (is_odd(layout, first))
    log_->write(severity::warning, "batch_size_ignored",
                {{"dataset", first.dataset},
                 {"batch_size", first.batch_size},
                 {"samples_in_first_batch", layout.batch_samples()},
                 {"batches", *layout.batches()}});
}

} // namespace dispatch
