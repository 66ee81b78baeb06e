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

/// Bytes that live as long as the program.
shared_bytes static_bytes(std::string_view bytes) {
  return {bytes, nullptr};
}

std::size_t padding_after(std::size_t offset) {
  return (alignment - offset % alignment) % alignment;
}

/// The parts of a payload in their order, and how long it is.
class payload {
public:
  void add(const received_bytes& column, const std::shared_ptr<const received_batch>& owner) {
    if (const auto padding = padding_after(size_); padding > 0)
      add({std::string_view{zeros.data(), padding}, nullptr});
    for (const auto slice : column.slices())
      add({slice, owner});
  }

  std::size_t size() const noexcept { return size_; }

  const std::vector<shared_bytes>& parts() const noexcept { return parts_; }

  std::uint32_t check() const {
    std::uint32_t result = 0;
    for (const auto& part : parts_)
      result = static_cast<std::uint32_t>(
        ::crc32_z(result, reinterpret_cast<const unsigned char*>(part.view().data()), part.size()));
    return result;
  }

private:
  void add(shared_bytes part) {
    size_ += part.size();
    parts_.push_back(std::move(part));
  }

  std::vector<shared_bytes> parts_;
  std::size_t size_ = 0;
};

/// All of a batch's line that does not depend on the form of its payload.
std::string begin_line(const batch_head& head) {
  std::string line;
  line.reserve(512);
  line.append("{\"type\":\"batch\",\"seq\":");
  append_number(line, head.sequence);
  append_number(line.append(",\"epoch\":"), head.epoch);
  append_number(line.append(",\"position\":"), head.position);
  line.append(",\"samples\":");
  if (head.samples)
    append_number(line, *head.samples);
  else
    line.append("null");
  // A cursor has no character that JSON escapes.
  line.append(",\"cursor\":\"").append(head.cursor).append("\",\"columns\":[");
  return line;
}

std::string json_text(const std::string& name) {
  return nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

void batch_encoder::encode(const batch_head& head, const std::shared_ptr<const received_batch>& from,
                           pieces& out) const {
  if (options_.payload == payload_form::raw)
    encode_raw(begin_line(head), from, out);
  else
    encode_text(begin_line(head), *from, out);
}

void batch_encoder::encode_raw(std::string line, const std::shared_ptr<const received_batch>& from, pieces& out) const {
  payload bytes;
  for (const auto& wanted : columns_) {
    const auto& column = bytes_of(*from, wanted);
    const auto offset = bytes.size() + padding_after(bytes.size());
    line.append(&wanted == &columns_.front() ? "{\"name\":" : ",{\"name\":").append(json_text(wanted.name));
    append_number(line.append(",\"offset\":"), offset);
    append_number(line.append(",\"bytes\":"), column.size());
    line.push_back('}');
    bytes.add(column, from);
  }
  append_number(line.append("],\"payload_bytes\":"), bytes.size());
  if (options_.has_checksum)
    append_number(line.append(",\"crc32\":"), bytes.check());
  line.append("}\n");
  out.push_back({shared_bytes{std::move(line)}, false});
  for (const auto& part : bytes.parts())
    out.push_back({part, false});
  out.push_back({static_bytes(line_end), true});
}

void batch_encoder::encode_text(std::string line, const received_batch& from, pieces& out) const {
  payload bytes;
  for (const auto& wanted : columns_) {
    const auto& column = bytes_of(from, wanted);
    line.append(&wanted == &columns_.front() ? "{\"name\":" : ",{\"name\":").append(json_text(wanted.name));
    line.append(",\"data\":\"");
    const auto begin = line.size();
    line.resize(begin + base64_size(column.size()));
    base64_writer text{line.data() + begin};
    for (const auto slice : column.slices())
      text.write(slice);
    text.finish();
    line.append("\"}");
    if (options_.has_checksum)
      bytes.add(column, nullptr);
  }
  line.push_back(']');
  if (options_.has_checksum)
    append_number(line.append(",\"crc32\":"), bytes.check());
  line.append("}\n");
  out.push_back({shared_bytes{std::move(line)}, true});
}

} // namespace dispatch
