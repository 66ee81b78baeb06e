#include "dataset/fault_plan.hpp"

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

/// Reads a number and takes it off the text's front; nothing where there is none.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

bool take_character(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected)
    return false;
  text.remove_prefix(1);
  return true;
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

poisoned_batch parse_poisoned_batch(std::string_view text) {
  auto rest = text;
  const auto index = take_number<std::int32_t>(rest);
  const auto is_alone = rest.empty();
  const auto code = take_character(rest, ':') ? failing_code_named(rest) : std::nullopt;
  if (!index || *index < 0 || (!is_alone && !code))
    throw std::invalid_argument("'" + std::string{text}
                                + "' is neither INDEX nor INDEX:CODE with INDEX at least 0 and CODE one of gRPC's "
                                  "names of failures, such as INTERNAL");
  return {*index, code.value_or(poisoned_batch{}.code)};
}

slow_time parse_slow_time(std::string_view text) {
  auto rest = text;
  const auto first = take_number<std::uint64_t>(rest);
  const auto has_last = take_character(rest, '-');
  const auto last = take_number<std::uint64_t>(rest);
  const auto has_latency = take_character(rest, ':');
  const auto latency = take_number<std::uint32_t>(rest);
  if (!first || *first == 0 || !has_last || !last || *last < *first || !has_latency || !latency || *latency > 3'600'000
      || !rest.empty())
    throw std::invalid_argument("'" + std::string{text}
                                + "' is not FIRST-LAST:MS with FIRST at least 1, LAST no less and MS up to 3600000");
  return {*first, *last, std::chrono::milliseconds{*latency}};
}

bool fault_plan::any() const noexcept {
  return latency.count() > 0 || failures.every > 0 || hang_every > 0 || slow.first > 0 || poisoned || hanging_batch
         || empty_batch || empty_every > 0 || short_batch || short_every > 0 || own_batch || misnumbered_every > 0
         || marked_last || undescribed;
}

fault fault_plan::fate_of(std::uint64_t number, std::int32_t index) const noexcept {
  if (is_multiple(number, hang_every) || index == hanging_batch)
    return fault::hang;
  return is_multiple(number, failures.every) || (poisoned && index == poisoned->index) ? fault::fail : fault::none;
}

grpc::StatusCode fault_plan::code_of(std::int32_t index) const noexcept {
  return poisoned && index == poisoned->index ? poisoned->code : failures.code;
}

std::chrono::milliseconds fault_plan::latency_of(std::uint64_t number) const noexcept {
  return number >= slow.first && number <= slow.last ? slow.latency : latency;
}

distortion fault_plan::distortion_of(std::uint64_t number, std::int32_t index) const noexcept {
  distortion result;
  result.empty = is_multiple(number, empty_every) || index == empty_batch;
  result.is_short = is_multiple(number, short_every) || index == short_batch;
  result.misnumbered = is_multiple(number, misnumbered_every);
  if (marked_last)
    result.marked_last = index == *marked_last;
  return result;
}

} // namespace dispatch::dataset
