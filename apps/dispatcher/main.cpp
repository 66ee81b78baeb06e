#include <iostream>
#include <string>
#include <variant>

#include "apps/dispatcher/answer_command.hpp"
#include "apps/dispatcher/config_options.hpp"
#include "apps/dispatcher/run_dispatcher.hpp"
#include "apps/dispatcher/status_command.hpp"
#include "apps/process/result_output.hpp"
#include "apps/process/stop_signals.hpp"

namespace {

constexpr int cannot_write_result = 1;

int show(const std::string& text) {
  const auto problem = dispatch::write_result(text);
  if (problem)
    std::cerr << "error: " << *problem << '\n';
  return problem ? cannot_write_result : 0;
}

int show(const dispatch::early_exit& leave) {
  if (leave.exit_code == 0)
    return show(leave.text);
  std::cerr << "error: " << leave.text << '\n';
  return leave.exit_code;
}

} // namespace

int main(int argc, char** argv) {
  dispatch::occupy_standard_streams();
  dispatch::hold_stop_signals();
  if (const auto answer = dispatch::answer_command(argc, argv)) {
    dispatch::release_stop_signals();
    return show(*answer);
  }
  const auto read = dispatch::read_config(argc, argv);
  if (const auto* leave = std::get_if<dispatch::early_exit>(&read))
    return show(*leave);
  if (const auto* look = std::get_if<dispatch::status_options>(&read)) {
    dispatch::release_stop_signals();
    return dispatch::show_status(*look);
  }
  const auto& resolved = std::get<dispatch::resolved_config>(read);
  if (resolved.check_only) {
    for (const auto& variable : resolved.values.unknown_variables)
      std::cerr << "warning: " << dispatch::to_text(variable) << '\n';
    return show("the configuration is valid\n");
  }
  return dispatch::run_dispatcher(argc, argv, resolved.values, dispatch::surroundings_of(resolved.values));
}
