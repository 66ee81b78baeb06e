#include "actors/known_ends.hpp"

#include <iterator>

#include "actors/policy/pass_position.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch {

namespace {

batch_key first_of(batch_key key) {
  key.index = 0;
  return key;
}

failure nothing_behind(std::int32_t index) {
  return {status_code::out_of_range,
          "batch " + std::to_string(index) + " has no samples, and the one before it is marked as the last"};
}

} // namespace

known_ends::record& known_ends::at(const batch_key& key) {
  return datasets_[first_of(key)];
}

bool known_ends::may_end_at(const batch_key& key) const {
  const auto description = described_.description_of(key.dataset);
  const auto total = policy::batch_total(description.total_samples, key.batch_size);
  return key.fingerprint == fingerprint_of(description) && !layouts_.of(key).is_known()
         && (!total || key.index >= *total);
}

void known_ends::given(const batch_key& key, const batch& got) {
  // Usual, and once for each batch: the dataset is described, so its end is not looked for.
  if (datasets_.empty() && layouts_.of(key).is_known())
    return;
  auto& of = at(key);
  if (!got.is_empty()) {
    of.shown.given(key.index, got.marked_last());
  } else if (is_no_batch(got) && may_end_at(key)) {
    note_kept_before(key, of);
    of.shown.empty_last(key.index);
  }
  settle(of);
}

bool known_ends::refused(const batch_key& key, const failure& reason) {
  if (!may_end_at(key))
    return false;
  auto& of = at(key);
  of.said = reason;
  note_kept_before(key, of);
  of.shown.refused(key.index);
  settle(of);
  return true;
}

void known_ends::note_kept_before(const batch_key& key, record& of) const {
  auto before = key;
  --before.index;
  if (const auto* kept = find_kept_(before); kept != nullptr && !(*kept)->is_empty())
    of.shown.given(before.index, (*kept)->marked_last());
}

void known_ends::settle(record& of) const {
  const auto index = of.shown.index();
  if (!index || !remembers_) {
    of.known.reset();
  } else if (!of.known || of.known->index != *index) {
    of.known = end{*index, of.said.value_or(nothing_behind(*index))};
    on_known_(*of.known);
  }
}

const known_ends::end* known_ends::find(const batch_key& key) const {
  if (datasets_.empty())
    return nullptr;
  const auto found = datasets_.find(first_of(key));
  return found != datasets_.end() && found->second.known ? &*found->second.known : nullptr;
}

bool known_ends::is_behind(const batch_key& key) const {
  const auto* known = find(key);
  return known != nullptr && key.index >= known->index;
}

void known_ends::forget(const std::string& dataset) {
  for (auto i = datasets_.begin(); i != datasets_.end();)
    i = i->first.dataset == dataset ? datasets_.erase(i) : std::next(i);
}

} // namespace dispatch
