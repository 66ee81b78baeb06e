#include "apps/dispatcher/config_file.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <vector>

namespace dispatch {

namespace {

std::vector<CLI::ConfigItem> read_items(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    throw CLI::FileError("--config: got '" + path + "', which cannot be read; it takes a TOML file", CLI::ExitCodes::FileError);
  auto items = CLI::ConfigTOML{}.from_config(file);
  if (file.bad())
    throw CLI::FileError("--config: '" + path + "' cannot be read to its end", CLI::ExitCodes::FileError);
  return items;
}

void apply(CLI::App& app, const CLI::ConfigItem& item) {
  auto* option = item.parents.empty() ? app.get_option_no_throw("--" + item.name) : nullptr;
  if (option == nullptr || !option->get_configurable())
    throw CLI::ConfigError("'" + item.fullname() + "' is not an option; --help lists them");
  if (option->count() > 0)
    return;
  const auto is_flag = option->get_items_expected_max() == 0;
  if (is_flag)
    option->add_result(app.get_config_formatter()->to_flag(item));
  else
    option->add_result(item.inputs);
  option->run_callback();
}

} // namespace

void apply_config_file(CLI::App& app, const std::string& path) {
  for (const auto& item : read_items(path)) {
    try {
      apply(app, item);
    } catch (const CLI::Error& problem) {
      throw CLI::ConfigError("in '" + path + "': " + problem.what());
    }
  }
}

} // namespace dispatch
