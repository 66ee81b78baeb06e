#include "messages/frame_codec.hpp"

#include <absl/strings/escaping.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace dispatch {

namespace {

using json = nlohmann::ordered_json;

/// Text from outside (a dataset service's error message) need not be UTF-8; a frame must be.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

std::string client_id_of(std::string_view peer) {
  return "client_" + std::string{peer};
}

frame_ptr encode_frame(std::int32_t index, bool marked_last, std::string_view data) {
  const auto number = std::to_string(index);
  const auto payload = absl::Base64Escape(absl::string_view{data.data(), data.size()});
  std::string encoded;
  encoded.reserve(payload.size() + 2 * number.size() + 64);
  encoded.append("{\"batch_id\":").append(number).append(",\"batch_index\":").append(number);
  encoded.append(",\"batch_data\":[\"").append(payload).append("\"]");
  return std::make_shared<const frame>(index, marked_last, data.size(), std::move(encoded));
}

std::string encode_tail(std::string_view client_id, bool last) {
  // An object without its opening brace continues the one that the frame began.
  auto tail = dump(json{{"client_id", client_id}, {"EOF", last}});
  tail.front() = ',';
  tail.push_back('\n');
  return tail;
}

std::string encode_error_line(std::int32_t index, std::string_view client_id, const failure& reason) {
  auto line = dump(json{{"batch_id", index},
                        {"batch_index", index},
                        {"batch_data", json::array()},
                        {"client_id", client_id},
                        {"EOF", false},
                        {"error", {{"code", to_string(reason.code)}, {"message", reason.message}}}});
  line.push_back('\n');
  return line;
}

} // namespace dispatch
