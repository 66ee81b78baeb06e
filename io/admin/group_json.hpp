#pragma once

#include "io/admin/json_text.hpp"
#include "messages/group_store.hpp"

namespace dispatch::admin {

/// The body of `/groups` (docs/status.md).
json groups_json(const group_list& groups);

/// The body of `/group`.
json group_json(const group_view& group);

} // namespace dispatch::admin
