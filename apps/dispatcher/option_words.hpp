#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dispatch {

/// Values of an option that takes one of a few words.
template <class T>
using words = std::vector<std::pair<std::string, T>>;

} // namespace dispatch
