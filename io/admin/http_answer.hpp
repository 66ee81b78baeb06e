#pragma once

#include <httplib.h>

#include <string>

#include "io/admin/json_text.hpp"

/// @file
/// How all handlers of the admin endpoint answer.

namespace dispatch::admin {

namespace http_status {

inline constexpr int ok = 200;
inline constexpr int no_content = 204;
inline constexpr int bad_request = 400;
inline constexpr int forbidden = 403;
inline constexpr int not_found = 404;
inline constexpr int method_not_allowed = 405;
inline constexpr int conflict = 409;
inline constexpr int internal_error = 500;
inline constexpr int unavailable = 503;

} // namespace http_status

inline void set_json(httplib::Response& answer, const json& body, int status = http_status::ok) {
  answer.status = status;
  answer.set_content(to_text(body) + "\n", "application/json");
}

/// @param what one line for people
inline void set_problem(httplib::Response& answer, int status, const std::string& what) {
  set_json(answer, {{"error", what}}, status);
}

} // namespace dispatch::admin
