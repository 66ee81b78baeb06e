#include "tests/chaos/session/session_messages.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>
#include <variant>

#include "wire/base64_decoder.hpp"

namespace dispatch::chaos {

namespace {

constexpr std::size_t longest_line = std::size_t{16} << 20;
constexpr std::size_t alignment = 64;

session_messages::message malformed(std::string reason) {
  return {pull::malformed_line{std::move(reason)}, {}};
}

/// Puts the columns of a batch in text form where raw form has them.
/// @returns what is wrong
std::optional<std::string> make_raw(nlohmann::json& batch, std::string& payload) {
  if (batch.contains("payload_bytes") || !batch.contains("columns") || !batch["columns"].is_array())
    return "a batch in text form has payload_bytes, or no columns";
  for (auto& column : batch["columns"]) {
    const auto* text = column.contains("data") ? column["data"].get_ptr<const std::string*>() : nullptr;
    if (text == nullptr)
      return "a column has no data";
    std::string bytes;
    if (auto problem = decode_base64(*text, bytes))
      return "data is no base64: " + *problem;
    payload.resize((payload.size() + alignment - 1) / alignment * alignment);
    column["offset"] = payload.size();
    column["bytes"] = bytes.size();
    column.erase("data");
    payload += bytes;
  }
  batch["payload_bytes"] = payload.size();
  return std::nullopt;
}

} // namespace

session_messages::session_messages(payload_form form) : form_(form), lines_(longest_line) {}

void session_messages::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = lines_.prepare(bytes.size());
    const auto size = std::min(room.size, bytes.size());
    std::copy_n(bytes.data(), size, room.data);
    lines_.commit(size);
    bytes.remove_prefix(size);
  }
}

std::optional<session_messages::message> session_messages::next() {
  if (batch_)
    return next_payload();
  std::string_view line;
  switch (lines_.next(line)) {
  case pull::line_reader::status::need_more:
    return std::nullopt;
  case pull::line_reader::status::too_long:
    return malformed("a line has no end");
  case pull::line_reader::status::line:
    break;
  }
  if (form_ == payload_form::base64)
    return from_text(line);
  message result{pull::parse_server_line(line), {}};
  const auto* batch = std::get_if<pull::batch_line>(&result.line);
  if (batch == nullptr)
    return result;
  if (batch->payload_bytes > longest_line)
    return malformed("a batch has " + std::to_string(batch->payload_bytes) + " payload_bytes");
  batch_ = *batch;
  return next_payload();
}

std::optional<session_messages::message> session_messages::next_payload() {
  std::string_view payload;
  switch (lines_.next_bytes(static_cast<std::size_t>(batch_->payload_bytes), payload)) {
  case pull::line_reader::status::need_more:
    return std::nullopt;
  case pull::line_reader::status::too_long:
    return malformed("no line ends behind the payload of batch " + std::to_string(batch_->seq));
  case pull::line_reader::status::line:
    break;
  }
  return message{*std::exchange(batch_, std::nullopt), std::string{payload}};
}

session_messages::message session_messages::from_text(std::string_view line) {
  auto value = nlohmann::json::parse(line, nullptr, false);
  if (!value.is_object() || value.value("type", nlohmann::json{}) != "batch")
    return {pull::parse_server_line(line), {}};
  std::string payload;
  if (auto problem = make_raw(value, payload))
    return malformed(*problem);
  return {pull::parse_server_line(value.dump()), std::move(payload)};
}

} // namespace dispatch::chaos
