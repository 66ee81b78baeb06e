#pragma once

#include "actors/policy/retry.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

/// Whose fault a call that ended with `code` (not OK) is. What to do about it is `policy::decide`'s business.
constexpr policy::fault fault_of(status_code code) noexcept {
  switch (code) {
  case status_code::not_found:
  case status_code::invalid_argument:
  case status_code::out_of_range:
  case status_code::unimplemented:
  case status_code::permission_denied:
  case status_code::unauthenticated:
  case status_code::already_exists:
  case status_code::failed_precondition:
    return policy::fault::request;
  case status_code::unavailable:
    return policy::fault::upstream_gone;
  case status_code::ok:
  case status_code::cancelled:
  case status_code::unknown:
  case status_code::deadline_exceeded:
  case status_code::resource_exhausted:
  case status_code::aborted:
  case status_code::internal:
  case status_code::data_loss:
    break;
  }
  return policy::fault::upstream;
}

} // namespace dispatch
