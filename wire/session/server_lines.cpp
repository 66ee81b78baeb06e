#include "wire/session/server_lines.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace dispatch {

namespace {

using json = nlohmann::ordered_json;

json cursor_json(const std::string& cursor) {
  return cursor.empty() ? json() : json(cursor);
}

template <class T>
json or_null(const std::optional<T>& x) {
  return x ? json(*x) : json();
}

/// A dataset service's message need not be UTF-8; a line must be.
std::string line_of(const json& value) {
  auto line = value.dump(-1, ' ', false, json::error_handler_t::replace);
  line.push_back('\n');
  return line;
}

json shuffle_json(const order_spec& order) {
  if (!order.shuffle)
    return json();
  return {{"seed", order.shuffle->seed}, {"window", order.shuffle->window}, {"block", order.block}};
}

json columns_json(const std::vector<session_column>& columns) {
  auto list = json::array();
  for (const auto& each : columns)
    list.push_back({{"name", each.name},
                    {"dtype", each.data_type.empty() ? json() : json(each.data_type)},
                    {"shape", each.row_bytes > 0 ? json(each.shape) : json()}});
  return list;
}

json group_json(const group_welcome& group) {
  return {{"name", group.name},
          {"generation", group.generation},
          {"barrier", group.spec.has_barrier},
          {"ack_wait", std::chrono::duration_cast<std::chrono::seconds>(group.spec.ack_wait).count()},
          {"max_deliver", group.spec.max_deliver}};
}

void add_tally(json& to, const session_tally& given) {
  to["batches"] = given.batches;
  to["samples"] = given.samples;
  to["padded"] = given.padded;
  to["dropped"] = given.dropped;
  to["skipped"] = given.skipped;
}

} // namespace

std::string encode_welcome(const welcome& what) {
  json line{{"type", "welcome"},
            {"version", session_version},
            {"session", what.session},
            {"dataset", what.dataset},
            {"fingerprint", what.fingerprint.is_known() ? json(to_text(what.fingerprint)) : json()},
            {"samples", or_null(what.samples)},
            {"batches", or_null(what.batches)},
            {"batch_size", what.batch_size},
            {"epochs", or_null(what.epochs)},
            {"shuffle", shuffle_json(what.order)},
            {"shard", {{"index", what.shard.index}, {"count", what.shard.count}}},
            {"columns", columns_json(what.columns)},
            {"cursor", what.cursor}};
  if (what.acks)
    line["ack"] = *what.acks == ack_mode::next ? "next" : "explicit";
  if (what.group)
    line["group"] = group_json(*what.group);
  return line_of(line);
}

std::string encode_epoch(std::uint64_t epoch, const session_tally& given, const std::string& cursor) {
  json line{{"type", "epoch"}, {"epoch", epoch}};
  add_tally(line, given);
  line["cursor"] = cursor;
  return line_of(line);
}

std::string encode_eof(const session_tally& given, const std::string& cursor) {
  json line{{"type", "eof"}};
  add_tally(line, given);
  line["cursor"] = cursor;
  return line_of(line);
}

std::string encode_wait(const waiting_note& what) {
  json line{{"type", "wait"}, {"for", what.on}, {"seconds", what.since.count()}, {"why", what.why}};
  if (what.own)
    line["own"] = *what.own;
  if (what.others)
    line["others"] = *what.others;
  return line_of(line);
}

std::string encode_drain(const std::string& reason, const std::string& cursor) {
  return line_of({{"type", "drain"}, {"message", reason}, {"cursor", cursor_json(cursor)}});
}

std::string encode_session_error(const failure& reason, const std::string& cursor) {
  return line_of({{"type", "error"},
                  {"code", to_string(reason.code)},
                  {"message", reason.message},
                  {"cursor", cursor_json(cursor)}});
}

std::string encode_pong() {
  return "{\"type\":\"pong\"}\n";
}

} // namespace dispatch
