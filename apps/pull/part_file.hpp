#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "io/unique_fd.hpp"

namespace dispatch::pull {

/// A file that gets its name only when it is whole. Until then it is `NAME.part.XXXXXX`, which goes with this object.
/// Its functions throw `sink_error`.
class part_file {
public:
  explicit part_file(std::string name);
  part_file(part_file&& other) noexcept;
  part_file(const part_file&) = delete;
  part_file& operator=(const part_file&) = delete;
  ~part_file();

  const std::string& name() const { return name_; }

  /// Appends. Not tried again when a signal interrupts it: the signals that do ask the program to end.
  void write(std::string_view bytes);

  /// Writes over what is there.
  /// @param offset bytes from the beginning
  void write_at(std::uint64_t offset, std::string_view bytes);

  /// Reads what is there.
  /// @returns how many bytes; 0 at the end
  std::size_t read_at(std::uint64_t offset, char* data, std::size_t size) const;

  /// Has the bytes on the disk and the file under its name. An older file of that name is gone then.
  void commit();

private:
  std::string name_;
  std::string temporary_;
  io::unique_fd fd_;
};

} // namespace dispatch::pull
