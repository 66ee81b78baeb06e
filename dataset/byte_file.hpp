#pragma once

#include "dataset/sample_array.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dispatch::dataset {

/// Looks at the beginning of a file's content. Throws data_error where the rest need not be read.
using beginning_check = void (*)(std::string_view beginning);

/// Bytes of a file as it is; 0 for what has no size and can be read, such as a pipe.
/// @throws data_error when there is no such file, or a folder, which can be opened and not be read; the message does
/// not
///   repeat the path
std::uint64_t size_on_disk(const std::string& path);

/// The whole content of a file, decompressed when it is a gzip file (whatever its name says).
/// @param limit the most bytes of content
/// @param check is called once, with as much as is read at a time
/// @throws data_error when the file cannot be read, ends in the middle of its compressed data, is damaged or
///   holds more than limit; the message does not repeat the path
std::string read_byte_file(const std::string& path, std::uint64_t limit = max_array_bytes,
                           beginning_check check = nullptr);

} // namespace dispatch::dataset
