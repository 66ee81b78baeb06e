// sources: dataset/npz_file.cpp dataset/npy_file.cpp dataset/npy_header.cpp dataset/npy_type.cpp dataset/byte_file.cpp
// sources: dataset/sample_array.cpp dataset/sample_table.cpp
// libraries: libzip zlib

#include "dataset/npz_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "dataset/data_error.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// The arrays of an NPZ file that is read have equally many samples, whole ones, and names that differ; what is refused
/// is refused with one line.

using dispatch::dataset::sample_array;
using dispatch::dataset::sample_table;
using dispatch::test::require;

namespace {

/// A file in memory.
class memory_file {
public:
  memory_file(const std::uint8_t* bytes, std::size_t size) : descriptor_(::memfd_create("npz", 0)) {
    require(::write(descriptor_, bytes, size) == static_cast<ssize_t>(size), "the input is written");
  }

  ~memory_file() { ::close(descriptor_); }

  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
  int descriptor_;
};

std::optional<sample_table> load(const std::string& path) {
  try {
    return dispatch::dataset::load_npz(path);
  } catch (const dispatch::dataset::data_error& problem) {
    require(dispatch::test::is_one_line(problem.what()), "a refusal is one line");
    return std::nullopt;
  }
}

void check_array(const sample_array& samples, std::int32_t total) {
  require(samples.total_samples() == total, "all arrays have equally many samples");
  require(samples.batch(total, 0).size() == samples.sample_bytes() * static_cast<std::size_t>(total),
          "all samples are whole");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const memory_file file{bytes, size};
  const auto table = load(file.path());
  if (!table)
    return 0;
  const auto total = table->data().total_samples();
  require(!table->data_name().empty() && dispatch::test::is_one_line(table->data_name()), "the first array has a name");
  std::set<std::string> names{table->data_name()};
  check_array(table->data(), total);
  for (const auto& column : table->columns()) {
    check_array(column.samples, total);
    require(dispatch::test::is_one_line(column.name), "a name is one line");
    require(names.insert(column.name).second, "names differ");
  }
  return 0;
}
