#include "apps/pull/session/npz_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "apps/pull/npy_header.hpp"
#include "apps/pull/part_file.hpp"
#include "apps/pull/printable_text.hpp"
#include "apps/pull/session/column_format.hpp"
#include "apps/pull/session/zip_records.hpp"

namespace dispatch::pull {

namespace {

std::uint32_t crc_of(std::string_view bytes, std::uint32_t before = 0) {
  return static_cast<std::uint32_t>(
    ::crc32_z(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

/// One column on its way: its samples in a file of their own.
struct spooled_column {
  spooled_column(const std::string& archive, std::string name_, sample_format format_)
    : name(std::move(name_)),
      format(std::move(format_)),
      samples(archive) {}

  std::string name;
  sample_format format;
  part_file samples;
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;
};

class npz_file final : public column_sink {
public:
  npz_file(std::string name, const std::vector<session_column_info>& columns) : name_(std::move(name)) {
    for (const auto& column : columns)
      add(column);
  }

  void write(const std::vector<std::string_view>& columns) override {
    for (std::size_t i = 0; i < spools_.size(); ++i) {
      auto& to = spools_[i];
      to.samples.write(columns[i]);
      to.crc = crc_of(columns[i], to.crc);
      to.bytes += columns[i].size();
    }
  }

  void commit() override {
    part_file archive{name_};
    std::vector<zip_member> members;
    std::uint64_t end = 0;
    for (const auto& column : spools_) {
      members.push_back(append(column, archive, end));
      end += zip_member_header(members.back()).size() + members.back().size;
    }
    archive.write(zip_directory(members, end));
    archive.commit();
  }

private:
  void add(const session_column_info& column) {
    auto format = format_of(column);
    const auto shown = printable_text(column.name, 80);
    if (!format)
      throw sink_error{"cannot write " + name_ + ": column '" + shown + "' has dtype '"
                       + printable_text(column.dtype, 40) + "'" + (column.shape ? "" : " and no fixed size")
                       + ", which no .npy file can hold"};
    // A name with a slash would have an unpacker write into another folder.
    if (column.name.empty() || column.name.find_first_of("/\\") != std::string::npos)
      throw sink_error{"cannot write " + name_ + ": '" + shown + "' is no name for a member of an archive"};
    spools_.emplace_back(name_, column.name, std::move(*format));
  }

  /// Appends a column as a member that begins at `offset`.
  static zip_member append(const spooled_column& column, part_file& archive, std::uint64_t offset) {
    const auto header = npy_header(column.format, column.bytes / column.format.bytes);
    const auto crc = ::crc32_combine(crc_of(header), column.crc, static_cast<z_off_t>(column.bytes));
    const zip_member member{column.name + ".npy", static_cast<std::uint32_t>(crc), header.size() + column.bytes,
                            offset};
    archive.write(zip_member_header(member));
    archive.write(header);
    copy(column, archive);
    return member;
  }

  static void copy(const spooled_column& column, part_file& archive) {
    std::vector<char> buffer(std::size_t{1} << 20);
    for (std::uint64_t done = 0; done < column.bytes;) {
      const auto size = column.samples.read_at(done, buffer.data(), buffer.size());
      if (size == 0)
        throw sink_error{"cannot write " + archive.name() + ": a temporary file beside it was cut short"};
      archive.write({buffer.data(), size});
      done += size;
    }
  }

  std::string name_;
  std::vector<spooled_column> spools_;
};

} // namespace

std::unique_ptr<column_sink> open_npz_file(const std::string& name, const std::vector<session_column_info>& columns) {
  return std::make_unique<npz_file>(name, columns);
}

} // namespace dispatch::pull
