#include "tests/chaos/session/session_hello.hpp"

#include <nlohmann/json.hpp>

namespace dispatch::chaos {

namespace {

void add_order(nlohmann::json& line, const team_plan& team) {
  if (team.shuffle) {
    auto& shuffle = line["shuffle"];
    shuffle["seed"] = team.shuffle->seed;
    if (team.shuffle->window)
      shuffle["window"] = *team.shuffle->window;
    if (team.shuffle->block)
      shuffle["block"] = *team.shuffle->block;
  }
  for (const auto& each : team.skips)
    line["skip"].push_back({each.epoch, each.positions.from, each.positions.to});
}

} // namespace

std::string hello_of(const session_wish& wish) {
  const auto& stint = *wish.stint;
  nlohmann::json line{{"type", "hello"},
                      {"batch_size", stint.batch_size},
                      {"epochs", wish.team->epochs},
                      {"ends", to_string(stint.ends)},
                      {"client", "team " + std::to_string(wish.team->number) + ", rank " + std::to_string(wish.rank)}};
  line["shard"] = {{"index", wish.rank}, {"count", stint.ranks()}};
  if (stint.payload == payload_form::raw)
    line["payload"] = "raw";
  if (stint.has_checksum)
    line["checksum"] = "crc32";
  if (stint.window)
    line["window"] = *stint.window;
  if (wish.start)
    line["start"]["cursor"] = to_text(*wish.start);
  else
    add_order(line, *wish.team);
  return line.dump() + "\n";
}

pull::session_request request_of(const session_wish& wish) {
  pull::session_request result;
  result.batch_size = wish.stint->batch_size;
  result.shard_index = wish.rank;
  result.shard_count = wish.stint->ranks();
  result.epochs = wish.team->epochs;
  result.ends = to_string(wish.stint->ends);
  result.has_checksum = wish.stint->has_checksum;
  if (wish.team->shuffle)
    result.seed = wish.team->shuffle->seed;
  if (wish.team->shuffle && wish.team->shuffle->window)
    result.window = wish.team->shuffle->window;
  if (wish.start)
    result.start = to_text(*wish.start);
  return result;
}

} // namespace dispatch::chaos
