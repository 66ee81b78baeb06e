#include "apps/pull/session/payload_checker.hpp"

#include <zlib.h>

#include "apps/pull/printable_text.hpp"

namespace dispatch::pull {

namespace {

constexpr std::uint64_t alignment = 64;
constexpr std::size_t longest_name = 80;

std::string column_text(const std::string& name) {
  return "column \"" + printable_text(name, longest_name) + '"';
}

std::optional<std::string> size_problem(const batch_line& batch, const column_place& place,
                                        const session_column_info& column) {
  const auto row = column.row_bytes();
  if (row == 0 || !batch.samples)
    return std::nullopt;
  // Compared by division: the numbers come from the network, and a product may overflow.
  const auto samples = static_cast<std::uint64_t>(*batch.samples);
  if (place.bytes % row == 0 && place.bytes / row == samples)
    return std::nullopt;
  return column_text(place.name) + " has " + std::to_string(place.bytes) + " bytes, and " + std::to_string(samples)
         + " samples of " + std::to_string(row) + " bytes are due";
}

std::optional<std::string> offset_problem(const column_place& place, std::uint64_t end_before) {
  const auto due = end_before + (alignment - end_before % alignment) % alignment;
  if (place.offset == due)
    return std::nullopt;
  return column_text(place.name) + " begins at byte " + std::to_string(place.offset) + ", and " + std::to_string(due)
         + " is due, the next multiple of 64";
}

std::uint32_t check_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

} // namespace

std::optional<std::string> layout_problem(const batch_line& batch, const std::vector<session_column_info>& columns) {
  if (batch.columns.size() != columns.size())
    return "it has " + std::to_string(batch.columns.size()) + " columns, and welcome said "
           + std::to_string(columns.size());
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& place = batch.columns[i];
    if (place.name != columns[i].name)
      return column_text(place.name) + " came where " + column_text(columns[i].name) + " was due";
    if (auto problem = size_problem(batch, place, columns[i]))
      return problem;
    if (auto problem = offset_problem(place, end))
      return problem;
    if (place.bytes > batch.payload_bytes)
      return column_text(place.name) + " has " + std::to_string(place.bytes) + " bytes, and payload_bytes is "
             + std::to_string(batch.payload_bytes);
    end = place.offset + place.bytes;
  }
  if (end != batch.payload_bytes)
    return "payload_bytes is " + std::to_string(batch.payload_bytes) + ", and its columns end at byte "
           + std::to_string(end);
  return std::nullopt;
}

std::optional<std::string> payload_problem(const batch_line& batch, std::string_view payload, bool has_checksum) {
  std::size_t end = 0;
  for (const auto& place : batch.columns) {
    const auto other = payload.substr(end, place.offset - end).find_first_not_of('\0');
    if (other != std::string_view::npos)
      return "byte " + std::to_string(end + other) + " of its payload is "
             + std::to_string(static_cast<unsigned char>(payload[end + other])) + ", and 0 is due between columns";
    end = place.offset + place.bytes;
  }
  if (!has_checksum)
    return std::nullopt;
  if (!batch.crc32)
    return "it has no crc32, which was asked for";
  if (const auto due = check_of(payload); due != *batch.crc32)
    return "its crc32 is " + std::to_string(*batch.crc32) + ", and that of its payload is " + std::to_string(due);
  return std::nullopt;
}

std::vector<std::string_view> column_bytes(const batch_line& batch, std::string_view payload) {
  std::vector<std::string_view> result;
  for (const auto& place : batch.columns)
    result.push_back(payload.substr(place.offset, place.bytes));
  return result;
}

} // namespace dispatch::pull
