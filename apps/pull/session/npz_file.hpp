#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/pull/session/column_sink.hpp"

namespace dispatch::pull {

/// A NumPy archive with one array per column, stored, not compressed. Each column is written to a temporary file of its
/// own beside the archive as it comes, and `commit()` puts them together: until then the disk holds the samples once,
/// and while it runs twice. Throws `sink_error`, also for a column that no .npy file can hold.
std::unique_ptr<column_sink> open_npz_file(const std::string& name, const std::vector<session_column_info>& columns);

} // namespace dispatch::pull
