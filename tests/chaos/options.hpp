#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace dispatch::chaos {

inline constexpr int exit_kept = 0;   ///< every promise was kept
inline constexpr int exit_broken = 1; ///< one was not, or the run could not be made
inline constexpr int exit_usage = 2;

/// What the command line asks for.
struct options {
  std::uint64_t seed = 1;
  std::chrono::seconds duration{120};    ///< of faults; what is around them comes on top
  std::optional<std::uint64_t> sessions; ///< ends the faults instead
  std::uint64_t warm_up_sessions = 2000; ///< before memory may not grow; of `sessions`: before anything may not
  std::filesystem::path programs;        ///< the folder of dispatcher and dataset-server
  std::filesystem::path folder{"chaos"}; ///< gets logs
  std::size_t most_clients = 120;        ///< at a time
  std::chrono::seconds patience{120};    ///< how long a client that wants to read may get nothing
  std::size_t most_teams = 5;            ///< of session clients, at a time
  bool kills = false;                    ///< whether the dispatcher is killed again and again
  bool judge_memory = true;
};

/// Text to print, and the exit code to end with.
struct early_exit {
  int code = 0;
  std::string text;
};

std::variant<options, early_exit> parse_options(int argc, const char* const* argv);

} // namespace dispatch::chaos
