#include "apps/dispatcher/config_file.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace dispatch {

namespace {

/// Editors of some systems put a byte order mark before a text in UTF-8. The file may be a pipe, which cannot go back.
void skip_byte_order_mark(std::istream& text) {
  for (const unsigned char byte : {0xef, 0xbb, 0xbf})
    if (text.peek() == byte)
      text.get();
}

/// A key with its values, and the line that it stands in.
struct file_item {
  CLI::ConfigItem item;
  std::size_t line = 0;
};

/// The key in a line of a file, or a `[` where a section begins; empty where there is neither.
std::string key_in(const std::string& line) {
  auto key = CLI::detail::trim_copy(line.substr(0, line.find_first_of("=#")));
  if (!key.empty() && key.front() == '[')
    return "[";
  return CLI::detail::remove_quotes(key);
}

/// Finds the lines, which CLI11 does not tell. Its items come in the order of the file.
std::vector<file_item> with_lines(std::vector<CLI::ConfigItem> items, const std::string& text) {
  std::vector<std::string> keys;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    keys.push_back(key_in(line));
  std::vector<file_item> result;
  auto next = keys.begin();
  for (auto& item : items) {
    // CLI11 makes items of sections, too.
    const auto is_there = [&item](const std::string& key) {
      return item.name == "++" ? key == "[" : key == item.name || key == item.fullname();
    };
    const auto found = std::find_if(next, keys.end(), is_there);
    const auto at = found != keys.end() ? found : next;
    next = found != keys.end() ? found + 1 : next;
    result.push_back({std::move(item), static_cast<std::size_t>(at - keys.begin()) + 1});
  }
  return result;
}

std::vector<file_item> read_items(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    throw CLI::FileError("--config: got '" + path + "', which cannot be read; it takes a TOML file",
                         CLI::ExitCodes::FileError);
  skip_byte_order_mark(file);
  std::string text;
  for (std::string line; std::getline(file, line);)
    text += line + '\n';
  if (file.bad())
    throw CLI::FileError("--config: '" + path + "' cannot be read to its end", CLI::ExitCodes::FileError);
  std::istringstream stream{text};
  return with_lines(CLI::ConfigTOML{}.from_config(stream), text);
}

/// @returns whether the option has its value from here
bool apply(CLI::App& app, const CLI::ConfigItem& item) {
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
    return false;
  const auto is_flag = option->get_items_expected_max() == 0;
  if (is_flag)
    option->add_result(app.get_config_formatter()->to_flag(item));
  else
    option->add_result(item.inputs);
  option->run_callback();
  return true;
}

} // namespace

std::map<std::string, std::string> apply_config_file(CLI::App& app, const std::string& path) {
  std::set<std::string> seen;
  std::map<std::string, std::string> result;
  for (const auto& [item, line] : read_items(path)) {
    const auto place = "in '" + path + "', line " + std::to_string(line);
    try {
      if (!seen.insert(item.fullname()).second)
        throw CLI::ConfigError("--" + item.fullname() + ": got several values; it takes one");
      if (apply(app, item))
        result["--" + item.name] = place;
    } catch (const CLI::Error& problem) {
      throw CLI::ConfigError(place + ": " + explain(app, problem));
    }
  }
  return result;
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
