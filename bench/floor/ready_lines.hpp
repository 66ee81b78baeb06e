#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/shared_bytes.hpp"

namespace dispatch::bench {

/// All frames of one of the bundled datasets, as the dispatcher would encode them.
/// @param batch_size samples in a frame
/// @throws dataset::data_error where there is no such dataset or its file cannot be read
std::vector<shared_bytes> encode_dataset(const std::string& name, std::int32_t batch_size);

} // namespace dispatch::bench
