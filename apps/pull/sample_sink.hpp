#pragma once

#include "apps/pull/sample_format.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dispatch::pull {

/// Samples cannot be written. `what()` is one clear line that names the file or the option.
struct sink_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where the samples of one pass go.
class sample_sink {
public:
  virtual ~sample_sink() = default;

  /// Writes the samples of one batch. Throws `sink_error`.
  virtual void write(std::string_view samples) = 0;

  /// Says that the pass was complete: only now does a file get its name. Throws `sink_error`. A sink that is
  /// destroyed without it removes what it has written.
  virtual void commit() = 0;
};

/// Opens the sink that `name` stands for:
///  - "" takes the samples and does nothing;
///  - "-" is stdout, raw;
///  - a name that ends with ".npy" is a NumPy file (format 1.0) of all samples, with `format`'s type and
///  shape;
///  - any other name is a file of the samples' raw bytes.
///
/// A file is written under a temporary name in the same folder (`NAME.part.XXXXXX`) and renamed at
/// `commit()`: NAME never holds half a pass, and what it held before stays until the new one is whole. A name
/// that is no regular file (a pipe, /dev/null) is written to directly. Throws `sink_error`.
std::unique_ptr<sample_sink> open_sample_sink(const std::string& name, const sample_format& format);

} // namespace dispatch::pull
