#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dispatch {

/// How a call ended, with gRPC's numbers and names
/// (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). Also the codes of error frames.
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

/// Reads what `to_string` wrote. Nothing where `name` names no code.
std::optional<status_code> parse_status_code(std::string_view name);

/// Reads a number of gRPC's. Nothing where it is none.
std::optional<status_code> parse_status_code(int number);

/// Why something that a client asked for cannot be had.
struct failure {
  status_code code = status_code::unknown;
  std::string message;
};

} // namespace dispatch
