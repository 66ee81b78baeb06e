#pragma once

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/dispatcher/duration_text.hpp"
#include "apps/dispatcher/number_text.hpp"
#include "apps/dispatcher/option_words.hpp"

namespace dispatch {

/// `--batch-size` as DISPATCHER_BATCH_SIZE.
std::string environment_name(const std::string& option);

/// ASCII letters of `text` in lower case.
std::string in_lower_case(std::string text);

/// Where options may have their values from.
enum class option_source {
  /// Flags, the environment and a file.
  all,
  flags,
};

/// Puts options into a CLI11 application, all in one way: each says what it takes, and has a variable and a key where
/// it may have its value from there.
class option_table {
public:
  explicit option_table(CLI::App& app, option_source source = option_source::all) : app_(app), source_(source) {}

  void text(const std::string& name, std::string& target, const std::string& what, const std::string& type) {
    finish(name, app_.add_option(name, target, what)->type_name(type)->capture_default_str());
  }

  void texts(const std::string& name, std::vector<std::string>& target, const std::string& what,
             const std::string& type) {
    auto* option = finish(name, app_.add_option(name, target, what)->delimiter(',')->type_name(type));
    if (!target.empty())
      option->capture_default_str();
  }

  template <class Number>
  void number(const std::string& name, Number& target, const std::string& what, Number least, Number most) {
    const auto read = [least, most](const std::string& text) { return parse_number(text, least, most); };
    const auto range = std::to_string(least) + " to " + std::to_string(most);
    parsed(name, target, what, read, "a whole number from " + range)
      ->type_name(std::to_string(least) + ".." + std::to_string(most))
      ->default_str(std::to_string(target));
  }

  /// A number that need not be given.
  template <class Number>
  void number(const std::string& name, std::optional<Number>& target, const std::string& what, Number least,
              Number most) {
    const auto read = [least, most](const std::string& text) { return parse_number(text, least, most); };
    const auto range = std::to_string(least) + " to " + std::to_string(most);
    parsed(name, target, what, read, "a whole number from " + range)->type_name("N");
  }

  /// A number, or `auto`: nothing.
  template <class Number>
  void number_or_auto(const std::string& name, std::optional<Number>& target, const std::string& what, Number least,
                      Number most) {
    const auto read = [least, most](const std::string& text) -> std::optional<std::optional<Number>> {
      if (in_lower_case(text) == "auto")
        return std::optional<Number>{};
      const auto number = parse_number(text, least, most);
      return number ? std::optional<std::optional<Number>>{number} : std::nullopt;
    };
    parsed(name, target, what, read,
           "auto, or a whole number from " + std::to_string(least) + " to " + std::to_string(most))
      ->type_name("auto|" + std::to_string(least) + ".." + std::to_string(most))
      ->default_str(target ? std::to_string(*target) : "auto");
  }

  void duration(const std::string& name, std::chrono::milliseconds& target, const std::string& what) {
    parsed(name, target, what, parse_duration, "a duration such as 500ms, 10s or 2m, at most a year")
      ->type_name("DURATION")
      ->default_str(to_text(target));
  }

  template <class T>
  void word(const std::string& name, T& target, const std::string& what, const words<T>& choices) {
    const auto read = [choices](const std::string& text) -> std::optional<T> {
      const auto wanted = in_lower_case(text);
      const auto found = std::find_if(choices.begin(), choices.end(), [&](const auto& x) { return x.first == wanted; });
      return found != choices.end() ? std::optional<T>{found->second} : std::nullopt;
    };
    std::string all;
    std::string current;
    for (const auto& [text, value] : choices) {
      all += (all.empty() ? "" : "|") + text;
      if (value == target)
        current = text;
    }
    parsed(name, target, what, read, all)->type_name(all)->default_str(current);
  }

  void flag(const std::string& name, bool& target, const std::string& what) {
    const auto check = [](const std::string& text) {
      static const std::vector<std::string> known{"true", "false", "yes", "no", "on", "off", "1", "0"};
      const auto is_known = std::find(known.begin(), known.end(), in_lower_case(text)) != known.end();
      return is_known ? std::string{} : "got '" + text + "'; it takes true or false";
    };
    finish(name, app_.add_flag(name, target, what)->check(check));
  }

  /// An option whose text `read` turns into a value, or into nothing where it is not what the option `takes`.
  template <class T, class Read>
  CLI::Option* parsed(const std::string& name, T& target, const std::string& what, Read read,
                      const std::string& takes) {
    const auto set = [&target, name, read, takes](const std::string& text) {
      const auto value = read(text);
      if (!value)
        throw CLI::ValidationError(name, "got '" + text + "'; it takes " + takes);
      target = *value;
    };
    return finish(name, app_.add_option_function<std::string>(name, set, what));
  }

private:
  CLI::Option* finish(const std::string& name, CLI::Option* option) {
    return source_ == option_source::all ? option->envname(environment_name(name))->configurable() : option;
  }

  CLI::App& app_;
  option_source source_;
};

} // namespace dispatch
