#pragma once

#include <stdexcept>

namespace dispatch::chaos {

/// Why a run cannot go on, in one sentence.
class run_failure : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace dispatch::chaos
