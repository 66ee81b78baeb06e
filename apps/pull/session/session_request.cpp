#include "apps/pull/session/session_request.hpp"

#include <nlohmann/json.hpp>

namespace dispatch::pull {

std::string hello_text(const session_request& asked) {
  nlohmann::ordered_json line{{"type", "hello"}, {"version", 1}, {"payload", "raw"}};
  if (!asked.client.empty())
    line["client"] = asked.client;
  if (asked.dataset)
    line["dataset"] = *asked.dataset;
  if (asked.batch_size)
    line["batch_size"] = *asked.batch_size;
  if (asked.seed)
    line["shuffle"]["seed"] = *asked.seed;
  if (asked.window)
    line["shuffle"]["window"] = *asked.window;
  if (asked.shard_count != 1)
    line["shard"] = {{"index", asked.shard_index}, {"count", asked.shard_count}};
  if (asked.epochs)
    line["epochs"] = *asked.epochs;
  if (!asked.ends.empty())
    line["ends"] = asked.ends;
  if (!asked.start.empty())
    line["start"] = {{"cursor", asked.start}};
  if (!asked.columns.empty())
    line["columns"] = asked.columns;
  if (asked.has_checksum)
    line["checksum"] = "crc32";
  if (!asked.group.empty())
    line["group"] = asked.group;
  if (!asked.position.empty()) {
    line["name"] = asked.position;
    line["resume"] = true;
  }
  if (asked.has_barrier)
    line["barrier"] = true;
  if (asked.ack_wait)
    line["ack_wait"] = *asked.ack_wait;
  if (asked.max_deliver)
    line["max_deliver"] = *asked.max_deliver;
  // While one file is written, the next one comes.
  if (!asked.group.empty() && asked.ack_every > 1)
    line["window"] = 2 * asked.ack_every;
  // The command line may hold any bytes.
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string ack_text(std::uint64_t sequence) {
  return R"({"type":"ack","seq":[)" + std::to_string(sequence) + "]}\n";
}

std::string ping_text() {
  return "{\"type\":\"ping\"}\n";
}

} // namespace dispatch::pull
