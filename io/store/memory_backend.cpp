#include "io/store/memory_backend.hpp"

#include <chrono>
#include <utility>

namespace dispatch::io {

store_time memory_backend::now() {
  // No other process reads these times, and this clock does not jump.
  return store_time{
    std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())};
}

std::optional<kept_group> memory_backend::load_group(const std::string& name) {
  const auto found = groups_.find(name);
  return found != groups_.end() ? std::optional{found->second.state} : std::nullopt;
}

std::vector<listed_group> memory_backend::load_groups() {
  std::vector<listed_group> result;
  for (const auto& [name, kept] : groups_)
    result.push_back({kept.state.group, kept.state.leases.size()});
  return result;
}

void memory_backend::create_group(const group_record& group) {
  groups_.emplace(group.name, entry{{group, {}}, group.generation, {}});
}

void memory_backend::save_group(const kept_group&, const kept_group& after) {
  groups_[after.group.name].state = after;
}

void memory_backend::delete_group(const std::string& name) {
  groups_.erase(name);
}

std::vector<parked_batch> memory_backend::load_parked(const std::string& group, std::int64_t generation) {
  std::vector<parked_batch> result;
  const auto found = groups_.find(group);
  if (found != groups_.end() && found->second.parked_generation == generation)
    for (const auto& [batch, parked] : found->second.parked)
      result.push_back(parked);
  return result;
}

void memory_backend::add_parked(const std::string& group, std::int64_t generation, const parked_batch& batch) {
  auto& kept = groups_[group];
  if (std::exchange(kept.parked_generation, generation) != generation)
    kept.parked.clear();
  kept.parked.emplace(batch.batch, batch);
}

std::optional<position_record> memory_backend::load_position(const std::string& name) {
  const auto found = positions_.find(name);
  return found != positions_.end() ? std::optional{found->second} : std::nullopt;
}

void memory_backend::create_position(const std::string& name) {
  positions_.emplace(name, position_record{name, {}, 0, {}});
}

void memory_backend::save_position(const position_record& position) {
  positions_[position.name] = position;
}

} // namespace dispatch::io
