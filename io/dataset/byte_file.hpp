#pragma once

#include "io/dataset/sample_array.hpp"

#include <cstdint>
#include <string>

namespace dispatch::dataset {

/// The whole content of a file, decompressed when it is a gzip file (whatever its name says).
/// @param limit the most bytes of content
/// @throws data_error when the file cannot be read, ends in the middle of its compressed data, is damaged or
///   holds more than limit; the message does not repeat the path
std::string read_byte_file(const std::string& path, std::uint64_t limit = max_array_bytes);

} // namespace dispatch::dataset
