// sources: apps/pull/frame_members.cpp apps/pull/frame_parser.cpp apps/pull/json_skeleton.cpp
// sources: apps/pull/printable_text.cpp wire/base64_decoder.cpp

#include "apps/pull/frame_parser.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fuzz_input.hpp"
#include "wire/base64_decoder.hpp"

/// @file
/// The consumer's parser, which cuts long strings out and collects fields as they come, against one that makes the
/// whole document first and looks at it then.

using dispatch::pull::frame;
using dispatch::test::require;
using nlohmann::json;

namespace {

/// A document, and what making it loses.
struct document {
  json root;
  int depth = 0;
  std::map<std::string, int> keys;       ///< how often each is there
  std::map<std::string, int> error_keys; ///< the same inside of "error"
};

document read_document(const std::vector<char>& line) {
  document result;
  std::string outer;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start)
      result.depth = std::max(result.depth, depth + 1);
    if (event == json::parse_event_t::key && depth == 1)
      ++result.keys[outer = parsed.get<std::string>()];
    if (event == json::parse_event_t::key && depth == 2 && outer == "error")
      ++result.error_keys[parsed.get<std::string>()];
    return true;
  };
  result.root = json::parse(line.begin(), line.end(), watch, false);
  return result;
}

std::optional<std::int64_t> number_in(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()
      || found->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
    return std::nullopt;
  return found->get<std::int64_t>();
}

std::optional<std::string> text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? std::optional{found->get<std::string>()} : std::nullopt;
}

bool is_there_twice(const std::map<std::string, int>& keys, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) {
    const auto found = keys.find(name);
    return found != keys.end() && found->second > 1;
  });
}

/// The bytes of the samples; nothing where `batch_data` is not what it has to be.
std::optional<std::string> samples_in(const json& root) {
  const auto found = root.find("batch_data");
  if (found == root.end() || !found->is_array() || found->size() > 1)
    return std::nullopt;
  if (found->empty())
    return root.count("error") == 0 ? std::nullopt : std::optional<std::string>{""};
  std::string data;
  if (!found->front().is_string() || dispatch::decode_base64(found->front().get<std::string>(), data))
    return std::nullopt;
  return data;
}

std::optional<frame> plain_frame(const document& doc) {
  const auto& root = doc.root;
  if (!root.is_object() || doc.depth > dispatch::pull::deepest_json)
    return std::nullopt;
  if (is_there_twice(doc.keys, {"batch_id", "batch_index", "batch_data", "client_id", "EOF", "error"})
      || is_there_twice(doc.error_keys, {"code", "message"}))
    return std::nullopt;
  const auto id = number_in(root, "batch_id");
  const auto index = root.count("batch_index") == 0 ? id : number_in(root, "batch_index");
  const auto client = text_in(root, "client_id");
  const auto eof = root.find("EOF");
  const auto data = samples_in(root);
  if (!id || index != id || !client || eof == root.end() || !eof->is_boolean() || !data)
    return std::nullopt;
  frame result{*id, *id, *data, *client, eof->get<bool>(), std::nullopt};
  const auto error = root.find("error");
  if (error == root.end())
    return result;
  const auto code = error->is_object() ? text_in(*error, "code") : std::nullopt;
  const auto message = error->is_object() ? text_in(*error, "message") : std::nullopt;
  if (!code || !message)
    return std::nullopt;
  result.error = dispatch::pull::stream_error{*code, *message};
  return result;
}

bool is_equal(const frame& a, const frame& b) {
  const auto same_error = a.error.has_value() == b.error.has_value()
                          && (!a.error || (a.error->code == b.error->code && a.error->message == b.error->message));
  return a.batch_id == b.batch_id && a.batch_index == b.batch_index && a.data == b.data && a.client_id == b.client_id
         && a.eof == b.eof && same_error;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::vector<char> line(bytes, bytes + size);
  const auto expected = plain_frame(read_document(line));
  const auto got = dispatch::pull::parse_frame({line.data(), line.size()});
  if (const auto* refused = std::get_if<dispatch::pull::malformed_frame>(&got)) {
    require(dispatch::test::is_one_line(refused->reason), "a reason is one line");
    require(!expected.has_value(), "a frame is read: " + refused->reason);
    return 0;
  }
  require(expected.has_value(), "what is no frame is refused");
  require(is_equal(std::get<frame>(got), *expected), "a frame is what its line says");
  return 0;
}
