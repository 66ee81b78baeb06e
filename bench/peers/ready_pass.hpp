#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dispatch::bench {

/// The lines of a pass over MNIST in batches of 30, byte by byte as the dispatcher sends them to one client.
/// @param frames how many there are, at most all; the last one says that it is the last
/// @throws dataset::data_error where the dataset's file cannot be read
std::vector<std::string> ready_pass(std::size_t frames);

} // namespace dispatch::bench
