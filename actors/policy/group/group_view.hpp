#pragma once

#include <vector>

#include "wire/group/group_record.hpp"
#include "wire/group/group_view.hpp"

namespace dispatch::policy {

/// What people see of a group in a list.
group_summary summary_of(const listed_group& group);

/// What people see of one group.
/// @param now the store's clock
group_view view_of(kept_group state, const std::vector<parked_batch>& parked, store_time now);

} // namespace dispatch::policy
