#include "tests/chaos/session/team_progress.hpp"

#include <algorithm>

namespace dispatch::chaos {

namespace {

std::optional<session_cursor> first_welcome(const std::vector<const session_judge*>& ranks) {
  for (const auto* rank : ranks)
    if (rank->welcome())
      return rank->welcome();
  return std::nullopt;
}

} // namespace

std::optional<std::string> team_progress::end_stint(const std::vector<const session_judge*>& ranks) {
  auto order = first_welcome(ranks);
  if (!order)
    return std::nullopt;
  for (const auto* rank : ranks)
    if (rank->welcome() && !(*rank->welcome() == *order))
      return "ranks began at different cursors: " + to_text(*order) + " and " + to_text(*rank->welcome());
  auto place = ranks.front()->place();
  for (const auto* rank : ranks)
    place = std::min(place, rank->place());
  for (const auto* rank : ranks)
    for (const auto& batch : rank->batches())
      if (!(place < batch.behind))
        if (auto problem = keep(batch))
          return problem;
  for (; place_.epoch < place.epoch; ++place_.epoch)
    if (auto problem = close_epoch(place_.epoch, ranks.front()->dropped().at(place_.epoch)))
      return problem;
  place_ = place;
  order->epoch = place.epoch;
  order->position = place.position;
  order->skips = normalized(std::move(order->skips), place.epoch);
  cursor_ = std::move(order);
  return std::nullopt;
}

std::optional<std::string> team_progress::keep(const given_batch& batch) {
  auto& given = given_[batch.epoch];
  given.resize(static_cast<std::size_t>(samples_));
  for (const auto sample : batch.samples) {
    if (given[static_cast<std::size_t>(sample)])
      return "sample " + std::to_string(sample) + " came twice in epoch " + std::to_string(batch.epoch);
    given[static_cast<std::size_t>(sample)] = true;
    ++kept_;
  }
  return std::nullopt;
}

std::optional<std::string> team_progress::close_epoch(std::uint64_t epoch, std::int64_t dropped) {
  const auto& given = given_[epoch];
  const auto came = std::count(given.begin(), given.end(), true);
  auto skipped = std::int64_t{0};
  for (const auto& each : plan_.skips)
    skipped += each.epoch == epoch ? each.positions.size() : 0;
  given_.erase(epoch);
  if (came + dropped + skipped != samples_)
    return "epoch " + std::to_string(epoch) + " is over with " + std::to_string(came) + " samples, "
           + std::to_string(dropped) + " dropped and " + std::to_string(skipped) + " skipped, and the dataset has "
           + std::to_string(samples_);
  ++epochs_;
  return std::nullopt;
}

} // namespace dispatch::chaos
