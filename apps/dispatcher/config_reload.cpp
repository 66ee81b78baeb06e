#include "apps/dispatcher/config_reload.hpp"

#include "apps/dispatcher/config_json.hpp"
#include "apps/dispatcher/config_options.hpp"

namespace dispatch {

config_change change_between(const config& running, const config& read) {
  config_change result{read.log_level, {}};
  auto takes_effect = running;
  takes_effect.log_level = read.log_level;
  const auto before = config_json(takes_effect);
  const auto after = config_json(read);
  for (const auto& [name, value] : after.items())
    if (value != before.at(name))
      result.needs_restart.push_back(name);
  return result;
}

std::variant<config_change, std::string> reread_config(int argc, const char* const* argv, const config& running) {
  const auto read = read_config(argc, argv);
  if (const auto* problem = std::get_if<early_exit>(&read))
    return problem->text;
  return change_between(running, std::get<resolved_config>(read).values);
}

} // namespace dispatch
