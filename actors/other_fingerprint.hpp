#pragma once

#include <string>

#include "messages/status_code.hpp"

namespace dispatch {

/// What becomes of a request for a dataset where the upstream's has another fingerprint (ADR 0016).
inline failure other_fingerprint(const std::string& dataset) {
  return {status_code::aborted, "the dataset service has another dataset by the name of '" + dataset
                                  + "' now, of another size, shape or type than when this pass began"};
}

} // namespace dispatch
