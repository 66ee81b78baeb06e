#pragma once

#include "apps/pull/sample_format.hpp"

#include <cstdint>
#include <string>

namespace dispatch::pull {

/// The header of an .npy file (format 1.0) with `count` samples, C order. Its size depends on the format
/// only, so that it can be written again over itself when the count is known; it is a multiple of 64 bytes,
/// as NumPy aligns it.
std::string npy_header(const sample_format& format, std::uint64_t count);

} // namespace dispatch::pull
