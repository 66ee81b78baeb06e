#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/shared_bytes.hpp"

namespace dispatch::bench {

/// One frame, encoded before the first client comes. Its two parts are sent one after the other, and one of them may be
/// empty. A classic frame is a text, which the client's own tail follows. A session's is a line and its payload.
struct ready_frame {
  shared_bytes head;
  shared_bytes body;
};

/// All frames of one of the bundled datasets, as the dispatcher would encode them for the classic port.
/// @param batch_size samples in a frame
/// @throws dataset::data_error where there is no such dataset or its file cannot be read
std::vector<ready_frame> encode_dataset(const std::string& name, std::int32_t batch_size);

} // namespace dispatch::bench
