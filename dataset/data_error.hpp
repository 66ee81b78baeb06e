#pragma once

#include <stdexcept>

namespace dispatch::dataset {

/// Data that cannot be served: a file that is missing, damaged or of a kind we do not take, a specification
/// that makes no sense. what() is one line for the person who named the data.
class data_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace dispatch::dataset
