#include "apps/pull/session/zip_records.hpp"

#include <cstddef>

namespace dispatch::pull {

namespace {

/// Of the first archives with 64-bit sizes.
constexpr std::uint64_t version = 45;
constexpr std::uint64_t utf8_names = 1u << 11;
constexpr std::uint64_t first_date = (1u << 5) | 1u;
/// Says that the value is in the extra field, or in the 64-bit record.
constexpr std::uint64_t elsewhere_32 = 0xffffffff;
constexpr std::uint64_t elsewhere_16 = 0xffff;

/// A record, written little endian.
class record {
public:
  record& add(std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
      text_ += static_cast<char>((value >> (8 * i)) & 0xff);
    return *this;
  }

  record& add(const std::string& text) {
    text_ += text;
    return *this;
  }

  const std::string& text() const { return text_; }

private:
  std::string text_;
};

/// What both headers of a member have, from the version to the lengths.
void add_common(record& to, const zip_member& member, std::uint64_t extra_bytes) {
  to.add(version, 2).add(utf8_names, 2).add(0, 2).add(0, 2).add(first_date, 2).add(member.crc, 4);
  to.add(elsewhere_32, 4).add(elsewhere_32, 4).add(member.name.size(), 2).add(extra_bytes, 2);
}

std::string directory_entry(const zip_member& member) {
  constexpr std::uint64_t extra = 24;
  constexpr std::uint64_t made_on_unix = (3u << 8) | version;
  constexpr std::uint64_t regular_file = std::uint64_t{0100644} << 16;
  record result;
  result.add(0x02014b50, 4).add(made_on_unix, 2);
  add_common(result, member, extra + 4);
  result.add(0, 2).add(0, 2).add(0, 2).add(regular_file, 4).add(elsewhere_32, 4).add(member.name);
  result.add(1, 2).add(extra, 2).add(member.size, 8).add(member.size, 8).add(member.offset, 8);
  return result.text();
}

} // namespace

std::string zip_member_header(const zip_member& member) {
  constexpr std::uint64_t extra = 16;
  record result;
  result.add(0x04034b50, 4);
  add_common(result, member, extra + 4);
  result.add(member.name).add(1, 2).add(extra, 2).add(member.size, 8).add(member.size, 8);
  return result.text();
}

std::string zip_directory(const std::vector<zip_member>& members, std::uint64_t offset) {
  record result;
  for (const auto& member : members)
    result.add(directory_entry(member));
  const auto size = result.text().size();
  // The end with 64 bits, where that is, and the end that all archives have.
  result.add(0x06064b50, 4).add(44, 8).add(version, 2).add(version, 2).add(0, 4).add(0, 4);
  result.add(members.size(), 8).add(members.size(), 8).add(size, 8).add(offset, 8);
  result.add(0x07064b50, 4).add(0, 4).add(offset + size, 8).add(1, 4);
  result.add(0x06054b50, 4).add(0, 2).add(0, 2).add(elsewhere_16, 2).add(elsewhere_16, 2);
  result.add(elsewhere_32, 4).add(elsewhere_32, 4).add(0, 2);
  return result.text();
}

} // namespace dispatch::pull
