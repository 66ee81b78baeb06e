#include "apps/dispatcher/cursor_command.hpp"

#include "apps/pull/printable_text.hpp"
#include "io/admin/json_text.hpp"

namespace dispatch {

namespace {

using admin::json;

constexpr std::size_t longest_name = 200;

/// As the cursor has it: 16 hexadecimal digits.
std::string hex_of(fingerprint print) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (auto shift = 60; shift >= 0; shift -= 4)
    result += digits[print.value() >> shift & 15u];
  return result;
}

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string position_text(const session_cursor& cursor) {
  const auto epoch = " in epoch " + std::to_string(cursor.epoch);
  if (!cursor.counts_samples())
    return "batch " + std::to_string(cursor.position) + epoch;
  return "sample " + std::to_string(cursor.position) + " of " + std::to_string(cursor.order.samples) + epoch;
}

std::string shuffle_text(const order_spec& order) {
  if (!order.shuffle)
    return "none";
  return "seed " + std::to_string(order.shuffle->seed) + ", in windows of " + counted(order.shuffle->window, "block");
}

std::string members_of(const session_cursor& cursor) {
  std::string result;
  const auto add = [&result](const char* name, const std::string& value) {
    result.append(name).append(13 - std::string_view{name}.size(), ' ').append(value).append("\n");
  };
  add("dataset", pull::printable_text(cursor.dataset, longest_name));
  add("fingerprint", cursor.fingerprint.is_known() ? hex_of(cursor.fingerprint) : "none");
  add("samples", cursor.counts_samples() ? std::to_string(cursor.order.samples) : "not counted");
  add("block", counted(cursor.order.block, "sample"));
  add("order", "version " + std::to_string(order_version));
  add("shuffle", shuffle_text(cursor.order));
  add("position", position_text(cursor));
  for (const auto& skip : cursor.skips)
    add("skip", "positions " + std::to_string(skip.positions.from) + " to " + std::to_string(skip.positions.to - 1)
                  + " of epoch " + std::to_string(skip.epoch));
  return result;
}

json object_of(const session_cursor& cursor) {
  json result{{"cursor", 1}, {"order", order_version}, {"dataset", cursor.dataset}};
  if (cursor.fingerprint.is_known())
    result["fingerprint"] = hex_of(cursor.fingerprint);
  if (cursor.counts_samples())
    result["samples"] = cursor.order.samples;
  result["block"] = cursor.order.block;
  if (cursor.order.shuffle) {
    result["seed"] = cursor.order.shuffle->seed;
    result["window"] = cursor.order.shuffle->window;
  }
  result["epoch"] = cursor.epoch;
  result[cursor.counts_samples() ? "sample" : "batch"] = cursor.position;
  for (const auto& skip : cursor.skips)
    result["skip"].push_back(json::array({skip.epoch, skip.positions.from, skip.positions.to}));
  return result;
}

} // namespace

std::string text_of(const cursor_options& options) {
  switch (options.as) {
  case cursor_options::form::members:
    return members_of(options.cursor);
  case cursor_options::form::json:
    return admin::to_text(object_of(options.cursor)) + "\n";
  case cursor_options::form::cursor:
    break;
  }
  return to_text(options.cursor) + "\n";
}

} // namespace dispatch
