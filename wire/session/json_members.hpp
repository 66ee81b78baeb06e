#pragma once

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/status_code.hpp"

namespace dispatch {

/// A member of a client's message is not what it has to be.
struct bad_member {
  status_code code;
  std::string problem;
};

/// What somebody wrote, in quotes and as ASCII, cut where it is long.
std::string shown_text(std::string_view text);

/// The same of a value.
std::string shown(const nlohmann::json& value);

/// The members of one JSON object. What is wrong with one is thrown as a `bad_member` that names it, what it got and
/// what it takes.
class json_members {
public:
  /// @param value an object that lives longer
  /// @param path of it within the message, such as `shuffle.`; empty: it is the message
  explicit json_members(const nlohmann::json& value, std::string path = {}) : value_(value), path_(std::move(path)) {}

  /// Whether it is there and not null.
  bool has(const char* name) const {
    const auto found = value_.find(name);
    return found != value_.end() && !found->is_null();
  }

  /// The member's name for people.
  std::string path(const char* name) const { return path_ + name; }

  std::optional<std::string> text(const char* name) const;

  /// A whole number.
  template <class Number>
  std::optional<Number> number(const char* name, Number least, Number most) const {
    if (!has(name))
      return std::nullopt;
    const auto& got = value_.at(name);
    const auto is_negative = got.is_number_integer() && !got.is_number_unsigned();
    if (got.is_number_integer()
        && (is_negative ? fits<Number>(got.get<std::int64_t>(), least, most)
                        : fits<Number>(got.get<std::uint64_t>(), least, most)))
      return got.get<Number>();
    throw wrong(name, least == most ? std::to_string(least)
                                    : "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }

  template <class Number>
  Number required_number(const char* name, Number least, Number most) const {
    if (const auto result = number<Number>(name, least, most))
      return *result;
    throw missing(name);
  }

  /// True or false; false where it is not there.
  bool flag(const char* name) const;

  /// One of some words.
  template <class T>
  T word(const char* name, std::initializer_list<std::pair<std::string_view, T>> choices, T otherwise) const {
    const auto got = text(name);
    if (!got)
      return otherwise;
    std::string takes;
    for (const auto& [known, value] : choices) {
      if (*got == known)
        return value;
      takes += (takes.empty() ? "\"" : ", \"") + std::string{known} + "\"";
    }
    throw wrong(name, takes);
  }

  json_members object(const char* name) const;

  /// Refuses members that are not among these: where a misspelt one would be taken for one that was left out.
  /// @param known in words for people, as they are to be said
  void only(std::initializer_list<std::string_view> names, const char* known) const;

  /// The elements of an array; empty where there is none.
  const nlohmann::json& list(const char* name) const;

private:
  template <class Number, class Got>
  static bool fits(Got got, Number least, Number most) {
    if constexpr (std::is_signed_v<Got>)
      return got < 0 ? std::is_signed_v<Number> && got >= static_cast<std::int64_t>(least)
                     : fits<Number>(static_cast<std::uint64_t>(got), least, most);
    else
      return got <= static_cast<std::uint64_t>(most)
             && (least <= Number{0} || got >= static_cast<std::uint64_t>(least));
  }

  bad_member wrong(const char* name, const std::string& takes) const;
  bad_member missing(const char* name) const;

  const nlohmann::json& value_;
  std::string path_;
};

} // namespace dispatch
