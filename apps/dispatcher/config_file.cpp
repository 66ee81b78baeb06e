#include "apps/dispatcher/config_file.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <vector>

namespace dispatch {

namespace {

/// Editors of some systems put a byte order mark before a text in UTF-8. The file may be a pipe, which cannot go back.
void skip_byte_order_mark(std::istream& text) {
  for (const unsigned char byte : {0xef, 0xbb, 0xbf})
    if (text.peek() == byte)
      text.get();
}

std::vector<CLI::ConfigItem> read_items(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    throw CLI::FileError("--config: got '" + path + "', which cannot be read; it takes a TOML file",
                         CLI::ExitCodes::FileError);
  skip_byte_order_mark(file);
  auto items = CLI::ConfigTOML{}.from_config(file);
  if (file.bad())
    throw CLI::FileError("--config: '" + path + "' cannot be read to its end", CLI::ExitCodes::FileError);
  return items;
}

void apply(CLI::App& app, const CLI::ConfigItem& item) {
  if (!item.parents.empty())
    throw CLI::ConfigError("section '" + item.parents.front() + "' is not known; options stand outside of sections");
  auto* option = app.get_option_no_throw("--" + item.name);
  if (option == nullptr || !option->get_configurable())
    throw CLI::ConfigError("'" + item.name + "' is not an option; --help lists them");
  const auto has = [&item](char wanted) {
    const auto has_it = [wanted](const std::string& value) { return value.find(wanted) != std::string::npos; };
    return std::any_of(item.inputs.begin(), item.inputs.end(), has_it);
  };
  if (has('"'))
    throw CLI::ConfigError("--" + item.name + ": got an open quote; it takes a value on one line, without a # in it");
  // TOML would read an escape, which CLI11 does not.
  if (has('\\'))
    throw CLI::ConfigError("--" + item.name + ": got a backslash; it takes a value without escapes");
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
  std::set<std::string> seen;
  for (const auto& item : read_items(path)) {
    try {
      if (!seen.insert(item.fullname()).second)
        throw CLI::ConfigError("--" + item.fullname() + ": got several values; it takes one");
      apply(app, item);
    } catch (const CLI::Error& problem) {
      throw CLI::ConfigError("in '" + path + "': " + explain(app, problem));
    }
  }
}

std::string explain(const CLI::App& app, const CLI::Error& problem) {
  const std::string said = problem.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&problem) == nullptr)
    return said;
  for (const auto* option : app.get_options()) {
    const auto name = option->get_name();
    if (said.compare(0, name.size() + 1, name + ":") != 0)
      continue;
    return name
           + (option->count() > 1 ? ": got several values; it takes one"
                                  : ": got nothing; it takes " + option->get_type_name());
  }
  return said;
}

} // namespace dispatch
