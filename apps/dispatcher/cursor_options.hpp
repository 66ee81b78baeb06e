#pragma once

#include <string>
#include <variant>
#include <vector>

#include "apps/dispatcher/early_exit.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch {

/// What `dispatcher cursor` is asked for.
struct cursor_options {
  enum class form {
    /// A member a line, for people.
    members,
    json,
    /// The cursor's own.
    cursor,
  };

  session_cursor cursor;
  form as = form::members;
};

/// Reads the options of `dispatcher cursor show` and `dispatcher cursor make`. Neither the environment nor a file adds
/// any.
/// @param arguments what stands after `cursor`
/// @returns the options; or the help, or what is wrong with them or with a cursor
std::variant<cursor_options, early_exit> read_cursor_options(const std::vector<std::string>& arguments);

} // namespace dispatch
