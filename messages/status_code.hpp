#pragma once

#include <caf/default_enum_inspect.hpp>
#include <caf/error.hpp>
#include <caf/is_error_code_enum.hpp>

#include <string>
#include <type_traits>

#include "messages/type_ids.hpp"
#include "wire/status_code.hpp"

/// @file
/// Failures on their way between actors: as `caf::error`s with gRPC's codes.

namespace dispatch {

/// For CAF. Returns whether `name` names a code.
bool from_string(caf::string_view name, status_code& code);

/// For CAF. Returns whether `number` is one of gRPC's.
bool from_integer(std::underlying_type_t<status_code> number, status_code& code);

template <class Inspector>
bool inspect(Inspector& f, status_code& x) {
  return caf::default_enum_inspect(f, x);
}

/// A failure as the `caf::error` that a request is answered with.
caf::error make_error(const failure& reason);

/// Whether `reason` is a `failure`, and not an error of CAF's own: a receiver that is down, a broken promise.
bool is_failure(const caf::error& reason);

/// What `reason` says. Errors of CAF's own (a receiver that is down, a broken promise) become INTERNAL.
failure to_failure(const caf::error& reason);

} // namespace dispatch

CAF_ERROR_CODE_ENUM(dispatch::status_code)
