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
  // The command line may hold any bytes.
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace dispatch::pull
