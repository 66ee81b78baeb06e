#include "dataset/npz_file.hpp"

#include "dataset/byte_file.hpp"
#include "dataset/data_error.hpp"
#include "dataset/npy_file.hpp"
#include "dataset/printable.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include <zip.h>

namespace dispatch::dataset {

namespace {

constexpr std::size_t chunk_bytes = 1u << 20;

struct zip_closer {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};

using zip_handle = std::unique_ptr<zip_t, zip_closer>;
using member_handle = std::unique_ptr<zip_file_t, zip_closer>;

zip_handle open_archive(const std::string& path) {
  auto code = 0;
  zip_handle archive{zip_open(path.c_str(), ZIP_RDONLY, &code)};
  if (archive)
    return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw data_error("cannot be read as an NPZ file, which is a zip file: " + text);
}

/// In UTF-8: libzip takes a name that is not for one in code page 437, and refuses it where the file says that it is.
std::string name_of(zip_t* archive, zip_uint64_t index) {
  const auto* name = zip_get_name(archive, index, ZIP_FL_ENC_GUESS);
  return name != nullptr ? name : "";
}

/// Bytes to make room for: what the file says of a member's size, unless that is more than can be in a file of this
/// size.
std::uint64_t size_hint(zip_t* archive, zip_uint64_t index, std::uint64_t file_size) {
  constexpr std::uint64_t most_deflated = 1032; // of one byte
  zip_stat_t about;
  const auto is_known = zip_stat_index(archive, index, 0, &about) == 0 && (about.valid & ZIP_STAT_SIZE) != 0;
  return is_known ? std::min({std::uint64_t{about.size}, file_size * most_deflated, max_array_bytes}) : 0;
}

/// @returns what was read; empty at the end
std::string_view read_some(zip_file_t* member, std::string& chunk) {
  const auto got = zip_fread(member, chunk.data(), chunk.size());
  if (got < 0)
    throw data_error(std::string{"is damaged: "} + zip_file_strerror(member));
  return std::string_view{chunk}.substr(0, static_cast<std::size_t>(got));
}

/// @throws data_error when the member is damaged, encrypted or packed in a way that is not read, or holds too much
std::string read_member(zip_t* archive, zip_uint64_t index, std::uint64_t file_size) {
  const member_handle member{zip_fopen_index(archive, index, 0)};
  if (!member)
    throw data_error(std::string{"cannot be read: "} + zip_strerror(archive));
  std::string chunk(chunk_bytes, '\0');
  auto some = read_some(member.get(), chunk);
  check_npy_beginning(some);
  std::string content;
  content.reserve(size_hint(archive, index, file_size));
  for (; !some.empty(); some = read_some(member.get(), chunk)) {
    if (content.size() + some.size() > max_array_bytes)
      throw data_error("holds more than the limit of " + std::to_string(max_array_bytes) + " bytes");
    content.append(some);
  }
  return content;
}

/// What NumPy calls the array.
std::string array_name(const std::string& member) {
  constexpr std::string_view ending = ".npy";
  if (member.size() <= ending.size() || member.compare(member.size() - ending.size(), ending.size(), ending) != 0)
    throw data_error("is no array: its name does not end in .npy");
  return member.substr(0, member.size() - ending.size());
}

void add_member(std::optional<sample_table>& table, zip_t* archive, zip_uint64_t index, std::uint64_t file_size) {
  const auto member = name_of(archive, index);
  try {
    auto name = array_name(member);
    auto samples = parse_npy(read_member(archive, index, file_size));
    if (table)
      table->add_column(std::move(name), std::move(samples));
    else
      table.emplace(std::move(samples), std::move(name));
  } catch (const std::bad_alloc&) {
    throw data_error("member '" + printable(member) + "': does not fit into memory");
  } catch (const data_error& problem) {
    throw data_error("member '" + printable(member) + "': " + problem.what());
  }
}

} // namespace

bool is_npz(const std::string& path) {
  constexpr std::string_view ending = ".npz";
  return path.size() > ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

sample_table load_npz(const std::string& path) {
  const auto file_size = size_on_disk(path); // which says better than libzip what is wrong with the path
  const auto archive = open_archive(path);
  const auto members = static_cast<zip_uint64_t>(std::max<zip_int64_t>(zip_get_num_entries(archive.get(), 0), 0));
  std::optional<sample_table> table;
  for (zip_uint64_t i = 0; i < members; ++i)
    add_member(table, archive.get(), i, file_size);
  if (!table)
    throw data_error("the NPZ file holds no array");
  return std::move(*table);
}

} // namespace dispatch::dataset
