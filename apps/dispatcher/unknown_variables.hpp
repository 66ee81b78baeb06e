#pragma once

#include <string>
#include <vector>

namespace dispatch {

/// A variable of the environment that is named like an option of the dispatcher, and is none.
struct unknown_variable {
  std::string name;
  /// The variable of an option that may be meant; empty where none is near.
  std::string nearest;

  friend bool operator==(const unknown_variable& a, const unknown_variable& b) {
    return a.name == b.name && a.nearest == b.nearest;
  }
};

/// Finds them. A variable without a value is as good as none. Those that the scripts, the tests and Kubernetes set
/// beside a dispatcher are known.
/// @param environment `NAME=value`
/// @param options the variables of all options
std::vector<unknown_variable> find_unknown_variables(const std::vector<std::string>& environment,
                                                     const std::vector<std::string>& options);

/// One line that says so.
std::string to_text(const unknown_variable& variable);

} // namespace dispatch
