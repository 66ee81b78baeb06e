#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace dispatch::bench {

/// The first line of a session's client, with its end: a hello that asks for raw payloads.
/// @param members a JSON object with further members, in which `{client}` stands for the number of the client
/// @returns nothing where that is no JSON object
std::optional<std::string> hello_line(std::string members, std::size_t client);

} // namespace dispatch::bench
