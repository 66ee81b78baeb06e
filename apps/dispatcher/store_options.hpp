#pragma once

#include <optional>
#include <string>

#include "messages/store_backend.hpp"

namespace dispatch {

/// What `--store` is where groups and positions live as long as the process.
inline constexpr const char* no_store = "none";

/// Checks what `--store` has got.
/// @returns one line that names the option, what it got and what it takes; nothing where all is well
std::optional<std::string> check_store(const std::string& store);

/// Opens the store. A database that is away is no error: it is connected to when it is used.
/// @throws store_error
store_backend_ptr open_store(const std::string& store);

} // namespace dispatch
