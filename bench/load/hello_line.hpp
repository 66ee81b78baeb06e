#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace dispatch::bench {

/// The first line of a session's client, with its end: a hello that asks for raw payloads.
/// @param members a JSON object with further members, in which `{client}` stands for the number of the client
/// @returns nothing where that is no JSON object
std::optional<std::string> hello_line(std::string members, std::size_t client);

/// Whether a hello has a member with this name that is not null.
/// @param members as above
bool asks_for(const std::string& members, const char* name);

/// Why no client of this program can say a hello; empty where one can.
/// @param members as above
std::string hello_problem(const std::string& members);

} // namespace dispatch::bench
