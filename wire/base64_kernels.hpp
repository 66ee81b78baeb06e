#pragma once

#include <string_view>
#include <vector>

#include "wire/base64.hpp"

/// @file
/// The ways to encode base64, for `base64_writer`, and for tests and benchmarks of each of them.

namespace dispatch {

struct named_base64_kernel {
  std::string_view name;
  base64_kernel kernel;
};

/// For every machine: a table that turns 12 bits into two characters.
void base64_portable(const char* data, std::size_t groups, char* out) noexcept;

/// All kernels that this machine can run, the fastest first and the portable one last.
std::vector<named_base64_kernel> base64_kernels();

} // namespace dispatch
