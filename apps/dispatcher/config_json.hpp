#pragma once

#include "apps/dispatcher/config.hpp"
#include "io/admin/json_text.hpp"

namespace dispatch {

/// Every option by its name, with the value that it has, as one would write it in a file.
admin::json config_json(const config& values);

} // namespace dispatch
