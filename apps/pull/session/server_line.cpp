#include "apps/pull/session/server_line.hpp"

#include <nlohmann/json.hpp>

#include <limits>

#include "apps/pull/printable_text.hpp"
#include "wire/element_size.hpp"

namespace dispatch::pull {

namespace {

using json = nlohmann::json;

constexpr std::size_t longest_quote = 80;

/// Ends the reading of a line.
struct bad_line {
  std::string reason;
};

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

bad_line wrong(const std::string& name, const json& got, const char* takes) {
  const auto text = got.dump(-1, ' ', true, json::error_handler_t::replace);
  return {quoted(name) + " is " + printable_text(text, longest_quote) + ", and not " + takes};
}

/// The members of one object of a line.
class members {
public:
  explicit members(const json& value) : value_(value) {}

  bool has(const char* name) const {
    const auto found = value_.find(name);
    return found != value_.end() && !found->is_null();
  }

  const json& at(const char* name) const {
    if (!has(name))
      throw bad_line{quoted(name) + " is missing"};
    return value_.at(name);
  }

  std::string text(const char* name) const {
    const auto& got = at(name);
    if (!got.is_string())
      throw wrong(name, got, "a string");
    return got.get<std::string>();
  }

  std::string text_or_none(const char* name) const { return has(name) ? text(name) : std::string{}; }

  template <class Number>
  Number number(const char* name) const {
    const auto& got = at(name);
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
    if (!got.is_number_unsigned() || got.get<std::uint64_t>() > most)
      throw wrong(name, got, "a whole number");
    return got.get<Number>();
  }

  template <class Number>
  std::optional<Number> number_or_none(const char* name) const {
    return has(name) ? std::optional<Number>{number<Number>(name)} : std::nullopt;
  }

  /// False where it is not there.
  bool flag(const char* name) const {
    if (!has(name))
      return false;
    const auto& got = at(name);
    if (!got.is_boolean())
      throw wrong(name, got, "true or false");
    return got.get<bool>();
  }

  double seconds(const char* name) const {
    const auto& got = at(name);
    if (!got.is_number())
      throw wrong(name, got, "a number");
    return got.get<double>();
  }

  const json& list(const char* name) const {
    const auto& got = at(name);
    if (!got.is_array())
      throw wrong(name, got, "an array");
    for (const auto& each : got)
      if (!each.is_object())
        throw wrong(name, got, "an array of objects");
    return got;
  }

  members object(const char* name) const {
    const auto& got = at(name);
    if (!got.is_object())
      throw wrong(name, got, "an object");
    return members{got};
  }

private:
  const json& value_;
};

std::optional<std::vector<std::int64_t>> read_shape(const members& from) {
  if (!from.has("shape"))
    return std::nullopt;
  const auto& got = from.at("shape");
  constexpr auto takes = "an array of whole numbers";
  if (!got.is_array())
    throw wrong("shape", got, takes);
  std::vector<std::int64_t> result;
  for (const auto& each : got) {
    if (!each.is_number_unsigned() || each.get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max())
      throw wrong("shape", got, takes);
    result.push_back(each.get<std::int64_t>());
  }
  return result;
}

std::optional<session_shuffle> read_shuffle(const members& from) {
  if (!from.has("shuffle"))
    return std::nullopt;
  const auto shuffle = from.object("shuffle");
  return session_shuffle{shuffle.number<std::uint64_t>("seed"), shuffle.number<std::int64_t>("window"),
                         shuffle.number<std::int64_t>("block")};
}

welcome_line read_welcome(const members& from) {
  if (const auto version = from.number<int>("version"); version != 1)
    throw bad_line{"\"version\" is " + std::to_string(version) + ", and this program knows 1"};
  welcome_line result;
  result.session = from.text("session");
  result.dataset = from.text("dataset");
  result.fingerprint = from.text_or_none("fingerprint");
  result.samples = from.number_or_none<std::int64_t>("samples");
  result.batches = from.number_or_none<std::int64_t>("batches");
  result.batch_size = from.number<std::int64_t>("batch_size");
  result.epochs = from.number_or_none<std::uint64_t>("epochs");
  result.shuffle = read_shuffle(from);
  const auto shard = from.object("shard");
  result.shard_index = shard.number<std::int64_t>("index");
  result.shard_count = shard.number<std::int64_t>("count");
  for (const auto& each : from.list("columns")) {
    const members column{each};
    result.columns.push_back({column.text("name"), column.text_or_none("dtype"), read_shape(column)});
  }
  result.cursor = from.text("cursor");
  if (from.has("group"))
    result.group = from.object("group").text("name");
  return result;
}

batch_line read_batch(const members& from) {
  batch_line result;
  result.seq = from.number<std::uint64_t>("seq");
  result.epoch = from.number<std::uint64_t>("epoch");
  result.position = from.number<std::int64_t>("position");
  result.samples = from.number_or_none<std::int64_t>("samples");
  result.cursor = from.text("cursor");
  for (const auto& each : from.list("columns")) {
    const members column{each};
    result.columns.push_back(
      {column.text("name"), column.number<std::uint64_t>("offset"), column.number<std::uint64_t>("bytes")});
  }
  result.payload_bytes = from.number<std::uint64_t>("payload_bytes");
  result.crc32 = from.number_or_none<std::uint32_t>("crc32");
  result.is_redelivered = from.flag("redelivered");
  return result;
}

given_counts read_given(const members& from) {
  return {from.number<std::uint64_t>("batches"), from.number<std::uint64_t>("samples"),
          from.number<std::uint64_t>("padded"), from.number<std::uint64_t>("dropped"),
          from.number<std::uint64_t>("skipped")};
}

server_line read_line(const json& value) {
  if (!value.is_object())
    throw bad_line{"it is not a JSON object"};
  const members from{value};
  const auto type = from.text("type");
  if (type == "welcome")
    return read_welcome(from);
  if (type == "batch")
    return read_batch(from);
  if (type == "epoch")
    return epoch_line{from.number<std::uint64_t>("epoch"), read_given(from), from.text("cursor")};
  if (type == "eof")
    return eof_line{read_given(from), from.text("cursor")};
  if (type == "wait")
    return wait_line{from.text("for"), from.seconds("seconds"), from.text("why")};
  if (type == "drain")
    return drain_line{from.text("message"), from.text("cursor")};
  if (type == "error")
    return error_line{from.text("code"), from.text("message"), from.text_or_none("cursor")};
  if (type == "pong")
    return pong_line{};
  throw bad_line{"\"type\" is \"" + printable_text(type, longest_quote) + "\", which is not known"};
}

} // namespace

std::uint64_t session_column_info::row_bytes() const {
  auto result = shape ? element_size(dtype) : 0;
  for (const auto dimension : shape.value_or(std::vector<std::int64_t>{}))
    result *= static_cast<std::uint64_t>(dimension);
  return result;
}

server_line parse_server_line(std::string_view line) {
  try {
    return read_line(json::parse(line));
  } catch (const json::exception&) {
    return malformed_line{"it is not JSON: \"" + printable_text(line, longest_quote) + '"'};
  } catch (const bad_line& bad) {
    return malformed_line{bad.reason};
  }
}

} // namespace dispatch::pull
