#pragma once

#include "tests/dataset/data_files.hpp"

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dispatch::dataset {

struct zip_member {
  std::string name;
  std::string content;
  std::uint16_t method = 0; ///< 0: stored
  std::uint16_t flags = 0;  ///< 1: encrypted
};

/// A zip file whose members hold their content as it is.
inline std::string zip_bytes(const std::vector<zip_member>& members) {
  std::string files;
  std::string directory;
  const auto count = native(static_cast<std::uint16_t>(members.size()));
  for (const auto& member : members) {
    const auto size = native(static_cast<std::uint32_t>(member.content.size()));
    const auto sum = native(static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(member.content.data()), static_cast<uInt>(member.content.size()))));
    const auto date = native(std::uint32_t{0x21 << 16});
    const auto about = native(std::uint16_t{20}) + native(member.flags) + native(member.method) + date + sum + size
                       + size + native(static_cast<std::uint16_t>(member.name.size())) + native(std::uint16_t{0});
    directory += "PK\1\2" + native(std::uint16_t{20}) + about + std::string(10, '\0')
                 + native(static_cast<std::uint32_t>(files.size())) + member.name;
    files += "PK\3\4" + about + member.name + member.content;
  }
  return files + directory + "PK\5\6" + std::string(4, '\0') + count + count
         + native(static_cast<std::uint32_t>(directory.size())) + native(static_cast<std::uint32_t>(files.size()))
         + std::string(2, '\0');
}

/// An NPY file.
/// @param shape as NumPy writes it: `(3,)`
inline std::string npy_bytes(const std::string& descr, const std::string& shape, const std::string& data,
                             bool fortran_order = false) {
  const auto header = "{'descr': '" + descr + "', 'fortran_order': " + (fortran_order ? "True" : "False")
                      + ", 'shape': " + shape + ", }\n";
  return std::string{"\x93NUMPY\1\0", 8} + native(static_cast<std::uint16_t>(header.size())) + header + data;
}

} // namespace dispatch::dataset
