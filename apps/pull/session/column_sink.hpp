#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pull/sample_sink.hpp"
#include "apps/pull/session/server_line.hpp"

namespace dispatch::pull {

/// Where the columns of a session go.
class column_sink {
public:
  virtual ~column_sink() = default;

  /// Writes the columns of one batch, in the order of `welcome`. Throws `sink_error`.
  virtual void write(const std::vector<std::string_view>& columns) = 0;

  /// What was written gets its name. Throws `sink_error`. A file that is destroyed without it is gone.
  virtual void commit() = 0;
};

/// Whether what is written under this name cannot be taken back: nowhere, stdout, a pipe or a device. Any other name is
/// a file, which shows nothing before its end.
bool is_written_directly(const std::string& name);

/// Opens the sink that `name` stands for: `.npz` is one NumPy array per column; every other name takes the samples of
/// one column, as `open_sample_sink()` says. Throws `sink_error`.
std::unique_ptr<column_sink> open_column_sink(const std::string& name, const std::vector<session_column_info>& columns);

/// The file that a session writes which goes on at a place: `name`, or where such a file is already, the same with the
/// place in it, such as `mnist.from-0-640.npz` for epoch 0, sample 640. So no run replaces what an earlier one wrote.
std::string name_for_rest(const std::string& name, std::uint64_t epoch, std::int64_t position);

/// The name of a file for batches of a group. It has the place of the first batch: `eval.0-640.npz` begins at position
/// 640 of epoch 0. The name of a file that exists is never returned.
std::string name_of_part(const std::string& name, std::uint64_t epoch, std::int64_t position);

} // namespace dispatch::pull
