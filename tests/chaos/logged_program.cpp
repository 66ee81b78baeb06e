#include "tests/chaos/logged_program.hpp"

#include <utility>

namespace dispatch::chaos {

namespace {

test::process start(std::vector<std::string> command, const std::filesystem::path& log) {
  // A shell that becomes the program, which so keeps the shell's process id.
  std::vector<std::string> shell{"/bin/sh", "-c", "exec \"$@\" 2>>\"$0\"", log.string()};
  shell.insert(shell.end(), std::make_move_iterator(command.begin()), std::make_move_iterator(command.end()));
  return test::process{std::move(shell)};
}

} // namespace

logged_program::logged_program(std::vector<std::string> command, const std::filesystem::path& log)
  : log_(log),
    process_(start(std::move(command), log)) {}

} // namespace dispatch::chaos
