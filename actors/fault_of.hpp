#pragma once

#include "actors/policy/retry.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

/// Whose fault a call for a batch is that ended with `code` (not OK). What to do about it is `policy::decide`'s
/// business.
constexpr policy::fault fault_of(status_code code) noexcept {
  switch (code) {
  case status_code::invalid_argument:
  case status_code::already_exists:
    return policy::fault::request;
  case status_code::out_of_range:
    return policy::fault::no_such_batch;
  case status_code::not_found:
  case status_code::failed_precondition:
  case status_code::permission_denied:
  case status_code::unauthenticated:
    return policy::fault::dataset;
  case status_code::unavailable:
  // What has no GetBatch is no dataset service, and is waited for like one that is away.
  case status_code::unimplemented:
    return policy::fault::upstream_gone;
  case status_code::resource_exhausted:
    return policy::fault::overload;
  case status_code::deadline_exceeded:
    return policy::fault::timeout;
  case status_code::ok:
  case status_code::cancelled:
  case status_code::unknown:
  case status_code::aborted:
  case status_code::internal:
  case status_code::data_loss:
    break;
  }
  return policy::fault::upstream;
}

/// The same of a call for a dataset's description, which a dataset service need not have.
constexpr policy::fault fault_of_description(status_code code) noexcept {
  return code == status_code::unimplemented ? policy::fault::request : fault_of(code);
}

} // namespace dispatch
