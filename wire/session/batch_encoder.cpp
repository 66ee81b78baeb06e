#include "wire/session/batch_encoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "wire/base64.hpp"
#include "wire/session/json_members.hpp"

namespace dispatch {

namespace {

/// Columns begin at multiples of this, so that their elements are aligned for any type and a cache line.
constexpr std::size_t alignment = 64;

constexpr std::array<char, alignment> zeros{};

constexpr std::string_view line_end = "\n";

template <class Number>
void append_number(std::string& to, Number number) {
  std::array<char, 24> digits;
  to.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

/// Bytes that something else keeps.
shared_bytes without_owner(std::string_view bytes) {
  return {bytes, nullptr};
}

std::size_t padding_after(std::size_t offset) {
  return (alignment - offset % alignment) % alignment;
}

/// The CRC-32 of a payload.
class payload_check {
public:
  void add(std::string_view bytes) {
    value_ =
      static_cast<std::uint32_t>(::crc32_z(value_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
  }

  void add(const received_bytes& column) {
    add({zeros.data(), padding_after(size_)});
    for (const auto slice : column.slices())
      add(slice);
    size_ += padding_after(size_) + column.size();
  }

  std::uint32_t value() const noexcept { return value_; }

private:
  std::size_t size_ = 0;
  std::uint32_t value_ = 0;
};

std::string json_text(const std::string& name) {
  return nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

batch_encoder::batch_encoder(const std::vector<session_column>& columns, options opts) : options_(opts) {
  for (const auto& each : columns)
    columns_.push_back({each, (columns_.empty() ? "{\"name\":" : ",{\"name\":") + json_text(each.name)});
}

void batch_encoder::encode(const batch_head& head, const std::shared_ptr<const received_batch>& from, pieces& out) {
  begin_line(head);
  if (options_.payload == payload_form::raw)
    encode_raw(from, out);
  else
    encode_text(*from, out);
}

void batch_encoder::begin_line(const batch_head& head) {
  line_.assign("{\"type\":\"batch\",\"seq\":");
  append_number(line_, head.sequence);
  append_number(line_.append(",\"epoch\":"), head.epoch);
  append_number(line_.append(",\"position\":"), head.position);
  line_.append(",\"samples\":");
  if (head.samples)
    append_number(line_, *head.samples);
  else
    line_.append("null");
  if (head.is_redelivered)
    line_.append(",\"redelivered\":true");
  // A cursor has no character that JSON escapes.
  line_.append(",\"cursor\":\"").append(head.cursor).append("\",\"columns\":[");
}

void batch_encoder::encode_raw(const std::shared_ptr<const received_batch>& from, pieces& out) {
  std::size_t size = 0;
  payload_check check;
  for (const auto& wanted : columns_) {
    const auto& column = bytes_of(*from, wanted.column);
    size += padding_after(size);
    append_number(line_.append(wanted.member).append(",\"offset\":"), size);
    append_number(line_.append(",\"bytes\":"), column.size());
    line_.push_back('}');
    size += column.size();
    if (options_.has_checksum)
      check.add(column);
  }
  append_number(line_.append("],\"payload_bytes\":"), size);
  if (options_.has_checksum)
    append_number(line_.append(",\"crc32\":"), check.value());
  line_.append("}\n");
  out.push_back({shared_bytes::copy(line_), false});
  size = 0;
  for (const auto& wanted : columns_) {
    const auto& column = bytes_of(*from, wanted.column);
    if (const auto padding = padding_after(size); padding > 0)
      out.push_back({without_owner({zeros.data(), padding}), false});
    for (const auto slice : column.slices())
      out.push_back({without_owner(slice), false});
    size += padding_after(size) + column.size();
  }
  // Parts leave in their order, so the last one keeps what those before it refer to. One owner for each of the many
  // slices would cost more than the system call that sends them.
  out.push_back({{line_end, from}, true});
}

void batch_encoder::encode_text(const received_batch& from, pieces& out) {
  payload_check check;
  for (const auto& wanted : columns_) {
    const auto& column = bytes_of(from, wanted.column);
    line_.append(wanted.member).append(",\"data\":\"");
    const auto begin = line_.size();
    line_.resize(begin + base64_size(column.size()));
    base64_writer text{line_.data() + begin};
    for (const auto slice : column.slices())
      text.write(slice);
    text.finish();
    line_.append("\"}");
    if (options_.has_checksum)
      check.add(column);
  }
  line_.push_back(']');
  if (options_.has_checksum)
    append_number(line_.append(",\"crc32\":"), check.value());
  line_.append("}\n");
  out.push_back({shared_bytes{std::exchange(line_, {})}, true});
}

} // namespace dispatch
