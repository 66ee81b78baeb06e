// sources: apps/dispatcher/duration_text.cpp
// sources: apps/pull/endpoint.cpp apps/pull/npy_header.cpp apps/pull/sample_format.cpp
// sources: io/host_port.cpp dataset/npy_header.cpp dataset/sample_array.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/dispatcher/duration_text.hpp"
#include "apps/pull/endpoint.hpp"
#include "apps/pull/npy_header.hpp"
#include "apps/pull/sample_format.hpp"
#include "dataset/npy_header.hpp"
#include "io/host_port.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// Short texts that options take, in flags, the environment and files: what is read is written as a text that is read
/// as the same.

using dispatch::test::require;

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Milliseconds, where it is digits and a unit; at most a leap year of them.
std::optional<std::int64_t> plain_duration(std::string_view text) {
  const auto unit = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto name = std::string{unit, text.end()};
  const auto factor = name == "ms" ? 1.0L : name == "s" || name.empty() ? 1e3L : name == "m" ? 6e4L : 3.6e6L;
  const auto is_known = name == "ms" || name == "s" || name.empty() || name == "m" || name == "h";
  auto value = 0.0L;
  for (auto c = text.begin(); c != unit; ++c)
    value = value * 10 + (*c - '0');
  if (unit == text.begin() || !is_known || value * factor > 366 * 24 * 3.6e6L)
    return std::nullopt;
  return static_cast<std::int64_t>(value * factor);
}

void check_duration(std::string_view text) {
  const auto expected = plain_duration(text);
  const auto got = dispatch::parse_duration(text);
  require(got.has_value() == expected.has_value(), expected ? "a duration is read" : "what is none is refused");
  if (!got)
    return;
  require(got->count() == *expected, "a duration is as long as it says");
  require(dispatch::parse_duration(dispatch::to_text(*got)) == got, "a duration written anew is the same");
}

void check_address(std::string_view text) {
  const auto got = dispatch::io::parse_host_port(text);
  if (!got)
    return;
  const auto written = to_string(*got);
  const auto again = dispatch::io::parse_host_port(written);
  require(again.has_value(), "an address written anew is one");
  require(again->port == got->port, "an address written anew has the same port");
  // A v4 address that is mapped into v6 is written as v4.
  const auto is_mapped = got->host.rfind("::ffff:", 0) == 0 && got->host.find('.') != std::string::npos;
  require(is_mapped || again->host == got->host, "an address written anew has the same host");
}

void check_endpoint(std::string_view text) {
  const auto got = dispatch::pull::parse_endpoint(text);
  if (!got)
    return;
  require(got->port != 0 && !got->host.empty(), "a server has a host and a port");
  require(dispatch::io::parse_host_port(to_string(*got)).has_value(), "a server's address written anew is one");
}

void check_sample_format(std::string_view text) {
  const auto got = dispatch::pull::parse_sample_format(text);
  if (!got)
    return;
  const auto again = dispatch::pull::parse_sample_format(got->text());
  require(again && again->dtype == got->dtype && again->shape == got->shape && again->bytes == got->bytes,
          "a format written anew is the same");
  // What the consumer writes is what the dataset service reads.
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    const auto file = npy_header(*got, count);
    const auto header = dispatch::dataset::parse_npy_header(file);
    auto shape = header.shape;
    require(header.size == file.size() && !header.fortran_order && header.descr == got->descr,
            "a header says the type");
    require(!shape.empty() && shape.front() == count, "a header says the number of samples");
    shape.erase(shape.begin());
    require(std::equal(shape.begin(), shape.end(), got->shape.begin(), got->shape.end()), "a header says the shape");
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::vector<char> exact(bytes, bytes + size);
  const std::string_view text{exact.data(), exact.size()};
  check_duration(text);
  check_address(text);
  check_endpoint(text);
  check_sample_format(text);
  return 0;
}
