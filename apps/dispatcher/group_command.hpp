#pragma once

#include <string>

#include "apps/dispatcher/early_exit.hpp"
#include "apps/dispatcher/group_options.hpp"
#include "io/admin/json_text.hpp"

namespace dispatch {

/// Does what `dispatcher group` is asked for.
/// @returns what is to be printed, or why it cannot be done
early_exit answer_group(const group_options& options);

/// What `/groups` says, as a table for a terminal. Throws `admin::json::exception` where it is not what docs/status.md
/// says.
std::string group_list_text(const admin::json& groups);

/// The same of `/group`.
std::string group_text(const admin::json& group);

} // namespace dispatch
