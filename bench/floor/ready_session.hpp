#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/floor/ready_lines.hpp"

namespace dispatch::bench {

/// All that a session over one of the bundled datasets is sent, in the dataset's own order and with raw payloads, as
/// the dispatcher would encode it. The payloads are in memory once, whatever the number of epochs is.
/// @param batch_size samples in a frame
/// @param epochs at least 1
/// @throws dataset::data_error where there is no such dataset or its file cannot be read
std::vector<ready_frame> encode_session(const std::string& name, std::int32_t batch_size, std::uint64_t epochs);

} // namespace dispatch::bench
