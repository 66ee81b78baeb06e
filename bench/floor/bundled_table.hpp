#pragma once

#include <memory>
#include <string>

#include "dataset/sample_table.hpp"

namespace dispatch::bench {

/// One of the bundled datasets.
/// @throws dataset::data_error where there is no such dataset or its file cannot be read
std::shared_ptr<const dataset::sample_table> bundled_table(const std::string& name);

} // namespace dispatch::bench
