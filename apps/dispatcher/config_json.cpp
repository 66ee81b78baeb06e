#include "apps/dispatcher/config_json.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "apps/dispatcher/duration_text.hpp"
#include "apps/dispatcher/option_list.hpp"

namespace dispatch {

namespace {

/// Takes the values from the list of options.
class value_table {
public:
  void text(const std::string& name, const std::string& value, const char*, const char*) { put(name, value); }

  void texts(const std::string& name, const std::vector<std::string>& values, const char*, const char*) {
    put(name, values);
  }

  template <class Number>
  void number(const std::string& name, Number value, const char*, Number, Number) {
    put(name, value);
  }

  template <class Number>
  void number_or_auto(const std::string& name, std::optional<Number> value, const char*, Number, Number) {
    put(name, value ? admin::json(*value) : admin::json("auto"));
  }

  void duration(const std::string& name, std::chrono::milliseconds value, const char*) { put(name, to_text(value)); }

  template <class T>
  void word(const std::string& name, const T& value, const char*, const words<T>& choices) {
    const auto found = std::find_if(choices.begin(), choices.end(), [&](const auto& x) { return x.second == value; });
    put(name, found != choices.end() ? found->first : std::string{});
  }

  void flag(const std::string& name, bool value, const char*) { put(name, value); }

  admin::json take() { return std::move(values_); }

private:
  /// Keys have no dashes before them.
  void put(const std::string& name, admin::json value) { values_[name.substr(2)] = std::move(value); }

  admin::json values_ = admin::json::object();
};

} // namespace

admin::json config_json(const config& values) {
  value_table table;
  list_options(table, values);
  return table.take();
}

} // namespace dispatch
