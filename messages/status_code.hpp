#pragma once

#include <caf/default_enum_inspect.hpp>
#include <caf/error.hpp>
#include <caf/is_error_code_enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "messages/type_ids.hpp"

namespace dispatch {

/// How a call ended, with gRPC's numbers and names
/// (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). Also the codes of error frames and of `caf::error`s that
/// travel between actors.
enum class status_code : std::uint8_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

/// gRPC's name of `code`, such as `NOT_FOUND`.
std::string to_string(status_code code);

/// Reads what `to_string` wrote. Returns whether `name` names a code.
bool from_string(caf::string_view name, status_code& code);

/// Reads a number of gRPC's. Returns whether it is one.
bool from_integer(std::underlying_type_t<status_code> number, status_code& code);

template <class Inspector>
bool inspect(Inspector& f, status_code& x) {
  return caf::default_enum_inspect(f, x);
}

/// Why something that a client asked for cannot be had.
struct failure {
  status_code code = status_code::unknown;
  std::string message;
};

/// A failure as the `caf::error` that a request is answered with.
caf::error make_error(const failure& reason);

/// Whether `reason` is a `failure`, and not an error of CAF's own: a receiver that is down, a broken promise.
bool is_failure(const caf::error& reason);

/// What `reason` says. Errors of CAF's own (a receiver that is down, a broken promise) become INTERNAL.
failure to_failure(const caf::error& reason);

} // namespace dispatch

CAF_ERROR_CODE_ENUM(dispatch::status_code)
