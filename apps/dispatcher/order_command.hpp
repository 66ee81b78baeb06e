#pragma once

#include "apps/dispatcher/early_exit.hpp"
#include "apps/dispatcher/order_options.hpp"

namespace dispatch {

/// `dispatcher order`: the samples of batches, or where a sample stands (docs/order.md).
/// @returns the text to print, or a usage problem where there is no such step
early_exit answer_order(const order_options& options);

} // namespace dispatch
