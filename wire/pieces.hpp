#pragma once

#include <vector>

#include "wire/shared_bytes.hpp"

namespace dispatch {

/// A part of what a consumer is sent. Parts follow each other; those up to one that ends it make a message. Whoever has
/// them lets go of the parts of a message in their order, so a later one may own what an earlier one refers to.
struct piece {
  shared_bytes bytes;
  bool ends_message = false;
};

using pieces = std::vector<piece>;

} // namespace dispatch
