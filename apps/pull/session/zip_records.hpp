#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// @file
/// The records of a zip archive whose members are stored as they are, with 64-bit sizes (PKWARE's APPNOTE, 4.3 and
/// 4.5.3). All members have the date 1980-01-01, so that equal members make equal archives.

namespace dispatch::pull {

/// A member of an archive.
struct zip_member {
  std::string name;
  std::uint32_t crc = 0;
  std::uint64_t size = 0;   ///< bytes
  std::uint64_t offset = 0; ///< of its header within the archive, in bytes
};

/// What stands before a member's bytes.
std::string zip_member_header(const zip_member& member);

/// What stands behind the last member: the directory and its end.
/// @param offset of the directory within the archive, in bytes
std::string zip_directory(const std::vector<zip_member>& members, std::uint64_t offset);

} // namespace dispatch::pull
