#include "apps/dispatcher/answer_command.hpp"

#include <string>
#include <variant>
#include <vector>

#include "apps/dispatcher/cursor_command.hpp"
#include "apps/dispatcher/group_command.hpp"
#include "apps/dispatcher/order_command.hpp"

namespace dispatch {

namespace {

early_exit answer_order_arguments(const std::vector<std::string>& arguments) {
  const auto read = read_order_options(arguments);
  const auto* leave = std::get_if<early_exit>(&read);
  return leave != nullptr ? *leave : answer_order(std::get<order_options>(read));
}

early_exit answer_cursor_arguments(const std::vector<std::string>& arguments) {
  const auto read = read_cursor_options(arguments);
  const auto* leave = std::get_if<early_exit>(&read);
  return leave != nullptr ? *leave : early_exit{0, text_of(std::get<cursor_options>(read))};
}

early_exit answer_group_arguments(const std::vector<std::string>& arguments) {
  const auto read = read_group_options(arguments);
  const auto* leave = std::get_if<early_exit>(&read);
  return leave != nullptr ? *leave : answer_group(std::get<group_options>(read));
}

} // namespace

std::optional<early_exit> answer_command(int argc, const char* const* argv) {
  if (argc < 2)
    return std::nullopt;
  const std::string name = argv[1];
  const std::vector<std::string> arguments{argv + 2, argv + argc};
  if (name == answering_commands[0].name)
    return answer_order_arguments(arguments);
  if (name == answering_commands[1].name)
    return answer_cursor_arguments(arguments);
  if (name == answering_commands[2].name)
    return answer_group_arguments(arguments);
  return std::nullopt;
}

} // namespace dispatch
