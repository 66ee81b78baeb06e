#pragma once

#include <array>
#include <optional>

#include "apps/dispatcher/early_exit.hpp"

namespace dispatch {

/// A subcommand that has a parser of its own, and is answered with one text.
struct answering_command {
  const char* name;
  /// For people.
  const char* what;
};

/// All of them.
inline constexpr std::array<answering_command, 3> answering_commands{{
  {"order", "Print which samples a batch has, or which batch has a sample"},
  {"cursor", "Show or make a cursor, the place in an order to go on from"},
  {"group", "Show or change groups of a dispatcher that runs"},
}};

/// Answers such a subcommand.
/// @param argv as main has it
/// @returns nothing where the first argument is none
std::optional<early_exit> answer_command(int argc, const char* const* argv);

} // namespace dispatch
