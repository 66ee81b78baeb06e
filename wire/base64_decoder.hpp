#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dispatch {

/// Decodes standard base64 with padding (RFC 4648, section 4) and nothing else: no line breaks, no URL
/// alphabet, no missing padding, no bits left over in the last group. Each sequence of bytes has exactly one
/// accepted text.
///
/// @param text the base64 text
/// @param data is set to the decoded bytes; its content is unspecified after an error
/// @returns what is wrong in a few words, or nothing
std::optional<std::string> decode_base64(std::string_view text, std::string& data);

} // namespace dispatch
