#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "apps/dispatcher/config.hpp"
#include "apps/dispatcher/early_exit.hpp"

namespace dispatch {

/// What `dispatcher group` is asked for.
struct group_options {
  enum class action { list, show, seek, park, remove };

  action what = action::list;
  /// Of a dispatcher that runs, as its own option has it: an empty host means this machine.
  std::string admin = config{}.admin;
  /// The answer as it comes, and no tables.
  bool json = false;
  /// The group's.
  std::string name;
  std::uint64_t epoch = 0;
  /// In samples.
  std::int64_t position = 0;
};

/// Reads the options of `dispatcher group`.
/// @param arguments what stands after `group`
/// @returns the options; or the help, or what is wrong with them
std::variant<group_options, early_exit> read_group_options(const std::vector<std::string>& arguments);

} // namespace dispatch
