#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pull/session/server_line.hpp"

namespace dispatch::pull {

/// Judges where the columns of a batch are, before its payload has come: names and their order, bytes against dtype,
/// shape and samples, offsets, and `payload_bytes`.
/// @returns what is wrong, with both values; nothing when all is right
std::optional<std::string> layout_problem(const batch_line& batch, const std::vector<session_column_info>& columns);

/// Judges a payload whose layout is right: zeros between columns, and the CRC-32.
/// @param has_checksum whether one was asked for
/// @returns what is wrong, with both values; nothing when all is right
std::optional<std::string> payload_problem(const batch_line& batch, std::string_view payload, bool has_checksum);

/// The bytes of each column of a payload whose layout is right. They belong to the payload.
std::vector<std::string_view> column_bytes(const batch_line& batch, std::string_view payload);

} // namespace dispatch::pull
