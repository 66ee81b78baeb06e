#pragma once

#include <array>
#include <optional>

#include "apps/dispatcher/early_exit.hpp"

namespace dispatch {

/// A subcommand whose answer follows from its arguments alone. It asks no dispatcher, and neither the environment nor a
/// file changes the answer.
struct answering_command {
  const char* name;
  /// For people.
  const char* what;
};

/// All of them.
inline constexpr std::array<answering_command, 2> answering_commands{{
  {"order", "Print which samples a batch has, or which batch has a sample"},
  {"cursor", "Show or make a cursor, the place in an order to go on from"},
}};

/// Answers such a subcommand.
/// @param argv as main has it
/// @returns nothing where the first argument is none
std::optional<early_exit> answer_command(int argc, const char* const* argv);

} // namespace dispatch
