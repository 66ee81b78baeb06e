#include "io/store/store_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <utility>
#include <variant>

namespace dispatch::io {

namespace {

/// Reads the values of a row one after the other.
class row_reader {
public:
  row_reader(const sql_row& row, const char* what) : row_(row), what_(what) {}

  std::string text() {
    const auto& value = next();
    if (!value)
      throw bad("NULL");
    return *value;
  }

  template <class Number>
  Number number() {
    return parse<Number>(text());
  }

  template <class Number>
  std::optional<Number> number_or_null() {
    const auto& value = next();
    return value ? std::optional{parse<Number>(*value)} : std::nullopt;
  }

  bool flag() { return text() == "true"; }

  store_time time() { return parse_sql_time(text()); }

  batch_mask mask() {
    batch_mask result = 0;
    for (const auto digit : text())
      result = result << 1 | (digit == '1' ? 1 : 0);
    return result;
  }

  store_error bad(const std::string& got) const {
    return store_error{std::string{what_} + ": value " + std::to_string(at_) + " of a row is " + got};
  }

  template <class Number>
  Number parse(std::string_view from) const {
    Number result{};
    const auto [end, problem] = std::from_chars(from.data(), from.data() + from.size(), result);
    if (problem != std::errc{} || end != from.data() + from.size())
      throw bad("'" + std::string{from} + "'");
    return result;
  }

private:
  const sql_value& next() {
    if (at_ >= row_.size())
      throw bad("missing");
    return row_[at_++];
  }

  const sql_row& row_;
  const char* what_;
  std::size_t at_ = 0;
};

template <class Number>
std::string number_text(Number number) {
  return std::to_string(number);
}

const char* ends_text(epoch_end ends) {
  return ends == epoch_end::uneven ? "uneven" : ends == epoch_end::drop ? "drop" : "pad";
}

epoch_end parse_ends(const std::string& text) {
  return text == "uneven" ? epoch_end::uneven : text == "drop" ? epoch_end::drop : epoch_end::pad;
}

/// `3:2 17:4`: batch 3 was delivered twice, batch 17 four times.
std::string deliveries_text(const std::vector<delivery_count>& counts) {
  std::string result;
  for (const auto& each : counts)
    result += (result.empty() ? "" : " ") + number_text(each.bit) + ":" + number_text(each.deliveries);
  return result;
}

std::vector<delivery_count> parse_deliveries(std::string_view text, const row_reader& from) {
  std::vector<delivery_count> result;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const auto colon = word.find(':');
    if (colon == std::string_view::npos)
      throw from.bad("'" + std::string{word} + "'");
    const auto bit = from.parse<int>(word.substr(0, colon));
    if (bit < 0 || bit >= run_size)
      throw from.bad("'" + std::string{word} + "'");
    result.push_back({bit, from.parse<std::uint32_t>(word.substr(colon + 1))});
  }
  return result;
}

} // namespace

std::string to_sql(store_time time) {
  const auto ms = time.time_since_epoch().count();
  const auto seconds = static_cast<std::time_t>((ms - (ms % 1000 + 1000) % 1000) / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%03d+00", static_cast<int>((ms % 1000 + 1000) % 1000));
  return text.data();
}

store_time parse_sql_time(const std::string& text) {
  std::tm parts{};
  int read = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%d %d:%d:%d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
                  &parts.tm_min, &parts.tm_sec, &read)
      != 6)
    throw store_error{"a time is '" + text + "'"};
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  std::int64_t ms = 0;
  auto at = static_cast<std::size_t>(read);
  if (at < text.size() && text[at] == '.') {
    auto unit = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
      ms += unit * (text[at] - '0');
  }
  return store_time{std::chrono::milliseconds{std::int64_t{::timegm(&parts)} * 1000 + ms}};
}

std::string to_sql(batch_mask mask) {
  std::string result(run_size, '0');
  for (auto left = mask; left != 0; left &= left - 1)
    result[static_cast<std::size_t>(run_size - 1 - first_of(left))] = '1';
  return result;
}

// -- groups -----------------------------------------------------------------------------------------------------------

sql_row to_row(const group_record& group) {
  const auto& spec = group.spec;
  return {group.name,
          number_text(group.generation),
          to_text(spec.start),
          number_text(spec.asked_block),
          number_text(spec.batch_size),
          ends_text(spec.ends),
          spec.end_epoch ? sql_value{number_text(*spec.end_epoch)} : std::nullopt,
          spec.has_barrier ? "true" : "false",
          number_text(spec.ack_wait.count()),
          number_text(spec.max_deliver),
          number_text(group.next.epoch),
          number_text(group.next.number),
          number_text(group.next_token),
          number_text(group.acked),
          number_text(group.parked),
          number_text(group.redelivered),
          group.short_dispatcher,
          to_sql(group.short_until)};
}

group_record parse_group(const sql_row& row) {
  row_reader from{row, "dispatch_groups"};
  group_record result;
  result.name = from.text();
  result.generation = from.number<std::int64_t>();
  auto cursor = parse_cursor(from.text());
  if (const auto* problem = std::get_if<std::string>(&cursor))
    throw from.bad("no cursor: " + *problem);
  auto& spec = result.spec;
  spec.start = std::get<session_cursor>(std::move(cursor));
  spec.asked_block = from.number<std::int32_t>();
  spec.batch_size = from.number<std::int64_t>();
  spec.ends = parse_ends(from.text());
  spec.end_epoch = from.number_or_null<std::uint64_t>();
  spec.has_barrier = from.flag();
  spec.ack_wait = std::chrono::milliseconds{from.number<std::int64_t>()};
  spec.max_deliver = from.number<std::uint32_t>();
  result.next.epoch = from.number<std::uint64_t>();
  result.next.number = from.number<std::int64_t>();
  result.next_token = from.number<std::int64_t>();
  result.acked = from.number<std::uint64_t>();
  result.parked = from.number<std::uint64_t>();
  result.redelivered = from.number<std::uint64_t>();
  result.short_dispatcher = from.text();
  result.short_until = from.time();
  return result;
}

// -- leases -----------------------------------------------------------------------------------------------------------

sql_row to_row(const std::string& group, const lease_record& record) {
  const auto& lease = record.lease;
  return {group,
          number_text(lease.token),
          number_text(lease.run.epoch),
          number_text(lease.run.number),
          to_sql(lease.batches),
          to_sql(lease.settled),
          to_sql(lease.touched),
          deliveries_text(lease.deliveries),
          record.dispatcher,
          to_sql(record.expires_at),
          record.members};
}

lease_record parse_lease(const sql_row& row) {
  row_reader from{row, "dispatch_leases"};
  lease_record result;
  from.text();
  auto& lease = result.lease;
  lease.token = from.number<std::int64_t>();
  lease.run.epoch = from.number<std::uint64_t>();
  lease.run.number = from.number<std::int64_t>();
  lease.batches = from.mask();
  lease.settled = from.mask();
  lease.touched = from.mask();
  lease.deliveries = parse_deliveries(from.text(), from);
  result.dispatcher = from.text();
  result.expires_at = from.time();
  result.members = from.text();
  return result;
}

// -- parked batches and positions -------------------------------------------------------------------------------------

sql_row to_row(const std::string& group, std::int64_t generation, const parked_batch& parked) {
  return {group,
          number_text(generation),
          number_text(parked.batch.epoch),
          number_text(parked.batch.index),
          number_text(parked.deliveries),
          parked.member};
}

parked_batch parse_parked(const sql_row& row) {
  row_reader from{row, "dispatch_parked"};
  parked_batch result;
  from.text();
  from.text();
  result.batch.epoch = from.number<std::uint64_t>();
  result.batch.index = from.number<std::int64_t>();
  result.deliveries = from.number<std::uint32_t>();
  result.member = from.text();
  return result;
}

sql_row to_row(const position_record& position) {
  return {position.name, position.cursor, number_text(position.token), position.session};
}

position_record parse_position(const sql_row& row) {
  row_reader from{row, "dispatch_positions"};
  position_record result;
  result.name = from.text();
  result.cursor = from.text();
  result.token = from.number<std::int64_t>();
  result.session = from.text();
  return result;
}

} // namespace dispatch::io
