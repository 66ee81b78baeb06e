#include "wire/fingerprint.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace dispatch {

namespace {

/// FNV-1a with 64 bits.
class hash {
public:
  void add(std::string_view bytes) noexcept {
    for (const auto byte : bytes)
      value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  }

  void add(std::int32_t number) noexcept {
    for (auto shift = 0; shift < 32; shift += 8)
      value_ = (value_ ^ ((static_cast<std::uint32_t>(number) >> shift) & 0xff)) * 0x100000001b3u;
  }

  /// Adds the size too, so that texts that follow each other are told apart.
  void add_sized(std::string_view text) noexcept {
    add(static_cast<std::int32_t>(text.size()));
    add(text);
  }

  std::uint64_t value() const noexcept { return value_; }

private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

/// A description without columns and a name of `data` keeps the fingerprint that it had before there were any.
void add_columns(hash& result, const dataset_description& description) {
  if (description.columns.empty() && description.data_name.empty())
    return;
  result.add_sized(description.data_name);
  for (const auto& column : description.columns) {
    result.add_sized(column.name);
    result.add(static_cast<std::int32_t>(column.sample_shape.size()));
    for (const auto size : column.sample_shape)
      result.add(size);
    result.add_sized(column.data_type);
  }
}

} // namespace

std::string to_text(fingerprint value) {
  std::array<char, 16> digits;
  const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), value.value(), 16).ptr;
  const std::string text{static_cast<const char*>(digits.data()), end};
  return std::string(digits.size() - text.size(), '0') + text;
}

fingerprint fingerprint_of(const dataset_description& description) {
  if (description.total_samples <= 0 && description.sample_shape.empty() && description.data_type.empty()
      && description.columns.empty())
    return {};
  hash result;
  result.add(description.total_samples);
  for (const auto size : description.sample_shape)
    result.add(size);
  result.add(description.data_type);
  add_columns(result, description);
  return fingerprint{result.value()};
}

} // namespace dispatch
