#include "wire/session/client_message.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include "wire/group/group_name.hpp"
#include "wire/session/json_members.hpp"

namespace dispatch {

namespace {

using json = nlohmann::json;

constexpr std::int64_t most_batch_size = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t most_shards = 1'000'000;
constexpr std::int64_t most_block = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t most_window = std::int64_t{1} << 40;
constexpr std::size_t most_batches_ahead = 100'000;
constexpr std::size_t longest_name = 200;
constexpr std::int64_t most_ack_wait = 7 * 24 * 3600;
constexpr std::uint32_t most_deliveries = 1'000'000;

/// Objects and arrays within each other. What shows a value to people takes stack for each.
constexpr int most_nested = 32;

// What is nested in a hello decides what a training job is given: a member that is not known there is refused.

wanted_shuffle read_shuffle(const json_members& from) {
  from.only({"seed", "window", "block"}, "seed, window and block");
  wanted_shuffle result;
  result.seed = from.required_number<std::uint64_t>("seed", 0, UINT64_MAX);
  result.window = from.number<std::int64_t>("window", 1, most_window);
  result.block = from.number<std::int64_t>("block", 1, most_block);
  return result;
}

shard_spec read_shard(const json_members& from) {
  from.only({"index", "count"}, "index and count");
  shard_spec result;
  result.count = from.required_number<std::int64_t>("count", 1, most_shards);
  result.index = from.required_number<std::int64_t>("index", 0, result.count - 1);
  return result;
}

session_cursor read_cursor(const json_members& from) {
  auto parsed = parse_cursor(*from.text("cursor"));
  if (auto* problem = std::get_if<std::string>(&parsed))
    throw bad_member{status_code::invalid_argument, from.path("cursor") + ": " + *problem};
  return std::get<session_cursor>(std::move(parsed));
}

decltype(hello::start) read_start(const json_members& from) {
  constexpr const char* known = "either cursor, or epoch and sample";
  if (from.has("cursor")) {
    from.only({"cursor"}, known);
    return read_cursor(from);
  }
  from.only({"cursor", "epoch", "sample"}, known);
  epoch_position result;
  result.epoch = from.number<std::uint64_t>("epoch", 0, most_epochs).value_or(0);
  result.position = from.number<std::int64_t>("sample", 0, most_samples).value_or(0);
  return result;
}

/// `[[epoch, from, to], ...]`
std::vector<skipped_range> read_skips(const json_members& from) {
  std::vector<skipped_range> result;
  for (const auto& each : from.list("skip")) {
    const auto is_number = [](const json& x) {
      return x.is_number_unsigned() && x.get<std::uint64_t>() <= most_samples;
    };
    if (!each.is_array() || each.size() != 3 || !is_number(each[0]) || !is_number(each[1]) || !is_number(each[2])
        || each[1] >= each[2])
      throw bad_member{status_code::invalid_argument,
                       "skip: got " + shown(each)
                         + "; it takes [epoch, from, to], whole numbers up to 2^52 with from < to"};
    result.push_back({each[0].get<std::uint64_t>(), {each[1].get<std::int64_t>(), each[2].get<std::int64_t>()}});
  }
  return result;
}

std::vector<std::string> read_columns(const json_members& from) {
  std::vector<std::string> result;
  for (const auto& each : from.list("columns")) {
    if (!each.is_string())
      throw bad_member{status_code::invalid_argument, "columns: got " + shown(each) + "; it takes names"};
    if (std::find(result.begin(), result.end(), each.get_ref<const std::string&>()) != result.end())
      throw bad_member{status_code::invalid_argument,
                       "columns: got " + shown(each) + " twice; it takes each name once"};
    result.push_back(each.get<std::string>());
  }
  if (from.has("columns") && result.empty())
    throw bad_member{status_code::invalid_argument, "columns: got []; it takes one name or more"};
  return result;
}

std::string read_name(const json_members& from, const char* member) {
  auto result = from.text(member).value_or("");
  if (result.size() > longest_name)
    throw bad_member{status_code::invalid_argument, from.path(member) + ": has " + std::to_string(result.size())
                                                      + " bytes; it takes at most " + std::to_string(longest_name)};
  return result;
}

std::string read_given_name(const json_members& from, const char* member) {
  auto result = read_name(from, member);
  if (result.empty())
    throw bad_member{status_code::invalid_argument, from.path(member) + R"(: got ""; it takes a name)"};
  if (has_control_characters(result))
    throw bad_member{status_code::invalid_argument, from.path(member) + ": got " + shown_text(result)
                                                      + "; it takes a name without control characters"};
  return result;
}

/// Refuses members that say nothing without another one.
void refuse_without(const json_members& from, const char* needed, std::initializer_list<const char*> members) {
  for (const auto* each : members)
    if (from.has(each) && !from.has(needed))
      throw bad_member{status_code::invalid_argument,
                       from.path(each) + ": is for a session with \"" + needed + "\": say that too, or leave this out"};
}

std::optional<wanted_group> read_group(const json_members& from) {
  refuse_without(from, "group", {"barrier", "ack_wait", "max_deliver"});
  if (!from.has("group"))
    return std::nullopt;
  for (const auto* each : {"shard", "name"})
    if (from.has(each))
      throw bad_member{status_code::invalid_argument,
                       from.path(each)
                         + ": a group divides its batches among its members, and keeps its own place: "
                           "leave this out, or leave the group"};
  wanted_group result;
  result.name = read_given_name(from, "group");
  result.has_barrier = from.flag("barrier");
  result.ack_wait =
    std::chrono::seconds{from.number<std::int64_t>("ack_wait", 1, most_ack_wait).value_or(result.ack_wait.count())};
  result.max_deliver = from.number<std::uint32_t>("max_deliver", 0, most_deliveries).value_or(0);
  return result;
}

std::optional<wanted_position> read_position(const json_members& from) {
  refuse_without(from, "name", {"resume"});
  if (!from.has("name"))
    return std::nullopt;
  return wanted_position{read_given_name(from, "name"), from.flag("resume")};
}

ack read_ack(const json_members& from) {
  ack result;
  if (from.has("cursor")) {
    result.cursor = read_cursor(from);
    return result;
  }
  for (const auto& each : from.list("seq")) {
    if (!each.is_number_unsigned())
      throw bad_member{status_code::invalid_argument, "seq: got " + shown(each) + "; it takes numbers of batches"};
    result.sequences.push_back(each.get<std::uint64_t>());
  }
  if (result.sequences.empty())
    throw bad_member{
      status_code::invalid_argument,
      R"(ack: names no batch; it takes "seq", a list of numbers of batches, or "cursor", the one of a batch)"};
  return result;
}

hello read_hello(const json_members& from) {
  if (from.has("version"))
    from.required_number<int>("version", session_version, session_version);
  hello result;
  result.client = read_name(from, "client");
  if (from.has("dataset"))
    result.dataset = read_name(from, "dataset");
  result.batch_size = from.number<std::int64_t>("batch_size", 1, most_batch_size);
  if (from.has("shuffle"))
    result.shuffle = read_shuffle(from.object("shuffle"));
  if (from.has("shard"))
    result.shard = read_shard(from.object("shard"));
  result.epochs = from.number<std::uint64_t>("epochs", 0, most_epochs);
  result.ends = from.word<epoch_end>(
    "ends", {{"uneven", epoch_end::uneven}, {"drop", epoch_end::drop}, {"pad", epoch_end::pad}}, epoch_end::uneven);
  if (from.has("start"))
    result.start = read_start(from.object("start"));
  result.skips = read_skips(from);
  result.columns = read_columns(from);
  result.payload = from.word<payload_form>("payload", {{"base64", payload_form::base64}, {"raw", payload_form::raw}},
                                           payload_form::base64);
  result.has_checksum = from.word<bool>("checksum", {{"none", false}, {"crc32", true}}, false);
  result.window = from.number<std::size_t>("window", 1, most_batches_ahead);
  result.group = read_group(from);
  result.position = read_position(from);
  if (from.has("ack") && !result.has_acks())
    throw bad_member{status_code::invalid_argument,
                     R"(ack: is for a session with "group" or "name": say one of them, or leave this out)"};
  result.acks = from.word<ack_mode>("ack", {{"next", ack_mode::next}, {"explicit", ack_mode::each}}, ack_mode::next);
  return result;
}

json parse(std::string_view line) {
  return json::parse(line, [](int depth, json::parse_event_t, const json&) {
    if (depth > most_nested)
      throw bad_member{status_code::invalid_argument,
                       "a line has at most " + std::to_string(most_nested) + " objects and arrays within each other"};
    return true;
  });
}

client_message read_message(const json& value) {
  if (!value.is_object())
    throw bad_member{status_code::invalid_argument, "got " + shown(value) + "; a line is a JSON object"};
  const json_members from{value};
  const auto type = from.text("type");
  if (type == "hello")
    return read_hello(from);
  if (type == "ping")
    return ping{};
  if (type == "bye")
    return bye{};
  if (type == "ack")
    return read_ack(from);
  throw bad_member{status_code::invalid_argument, "type: got " + (type ? shown(json(*type)) : std::string{"nothing"})
                                                    + R"(; it takes "hello", "ack", "ping" or "bye")"};
}

} // namespace

std::variant<client_message, failure> parse_client_message(std::string_view line) {
  try {
    return read_message(parse(line));
  } catch (const json::exception&) {
    return failure{status_code::invalid_argument,
                   "got " + shown_text(line) + R"(; a line is a JSON object, such as {"type":"hello"})"};
  } catch (const bad_member& bad) {
    return failure{bad.code, bad.problem};
  }
}

} // namespace dispatch
