#pragma once

#include <optional>

#include "apps/pull/sample_format.hpp"
#include "apps/pull/session/server_line.hpp"

namespace dispatch::pull {

/// What one sample of a column is, as an .npy file names it. `bfloat16`, which NumPy lacks, becomes `<V2`: two bytes
/// for `ml_dtypes` to view.
/// @returns nothing where the column's dtype or shape is not known, or has no name in an .npy file
std::optional<sample_format> format_of(const session_column_info& column);

} // namespace dispatch::pull
