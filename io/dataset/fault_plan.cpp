#include "io/dataset/fault_plan.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>

namespace dispatch::dataset {

namespace {

/// In the order of their numbers.
constexpr std::array<std::string_view, 17> code_names{
  "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
  "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
  "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
  "DATA_LOSS", "UNAUTHENTICATED"};

std::optional<grpc::StatusCode> failing_code_named(std::string_view name) {
  for (std::size_t number = 1; number < code_names.size(); ++number)
    if (code_names[number] == name)
      return static_cast<grpc::StatusCode>(number);
  return std::nullopt;
}

bool is_multiple(std::uint64_t number, std::uint64_t every) {
  return every != 0 && number % every == 0;
}

[[noreturn]] void throw_malformed(std::string_view text) {
  throw std::invalid_argument("'" + std::string{text}
                              + "' is neither N nor N:CODE with N at least 1 and CODE one of gRPC's names of failures, "
                                "such as UNAVAILABLE or RESOURCE_EXHAUSTED");
}

} // namespace

failure_rule parse_failure_rule(std::string_view text) {
  failure_rule rule;
  auto* end = text.data() + text.size();
  auto number = std::from_chars(text.data(), end, rule.every);
  if (number.ec != std::errc{} || rule.every == 0)
    throw_malformed(text);
  if (number.ptr == end)
    return rule;
  auto rest = text.substr(static_cast<std::size_t>(number.ptr - text.data()));
  auto code = rest.front() == ':' ? failing_code_named(rest.substr(1)) : std::nullopt;
  if (!code)
    throw_malformed(text);
  rule.code = *code;
  return rule;
}

fault fault_plan::fate_of(std::uint64_t number) const noexcept {
  if (is_multiple(number, hang_every))
    return fault::hang;
  return is_multiple(number, failures.every) ? fault::fail : fault::none;
}

} // namespace dispatch::dataset
