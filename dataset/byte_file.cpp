#include "dataset/byte_file.hpp"

#include "dataset/data_error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>
#include <system_error>

#include <zlib.h>

namespace dispatch::dataset {

namespace {

constexpr std::uint64_t chunk_bytes = 1u << 20;

struct gz_closer {
  void operator()(gzFile file) const { gzclose_r(file); }
};

using gz_handle = std::unique_ptr<gzFile_s, gz_closer>;

[[noreturn]] void throw_too_large(std::uint64_t limit) {
  throw data_error("holds more than the limit of " + std::to_string(limit) + " bytes");
}

gz_handle open_file(const std::string& path) {
  errno = 0;
  gz_handle file{gzopen(path.c_str(), "rb")};
  if (!file)
    throw data_error(errno == 0 ? "out of memory" : std::strerror(errno));
  gzbuffer(file.get(), 1u << 17);
  return file;
}

[[noreturn]] void throw_read_error(gzFile file) {
  int code = Z_OK;
  std::string text = gzerror(file, &code);
  if (code == Z_ERRNO)
    throw data_error("cannot be read: " + std::string{std::strerror(errno)});
  if (code == Z_BUF_ERROR)
    throw data_error("ends in the middle of its compressed data");
  throw data_error("is a damaged gzip file (" + text + ")");
}

/// @returns how many bytes of `chunk` were read; 0 at the end
std::uint64_t read_some(gzFile file, std::string& chunk) {
  auto got = gzread(file, chunk.data(), static_cast<unsigned>(chunk.size()));
  if (got < 0)
    throw_read_error(file);
  return static_cast<std::uint64_t>(got);
}

std::string read_all(gzFile file, std::uint64_t size_hint, std::uint64_t limit, beginning_check check) {
  std::string chunk(chunk_bytes, '\0');
  auto got = read_some(file, chunk);
  if (check != nullptr)
    check(std::string_view{chunk}.substr(0, got));
  std::string content;
  content.reserve(std::min(size_hint, limit));
  for (; got > 0; got = read_some(file, chunk)) {
    if (content.size() + got > limit)
      throw_too_large(limit);
    content.append(chunk, 0, got);
  }
  return content;
}

} // namespace

std::uint64_t size_on_disk(const std::string& path) {
  std::error_code problem;
  auto status = std::filesystem::status(path, problem);
  if (status.type() == std::filesystem::file_type::not_found)
    throw data_error("no such file");
  if (problem)
    throw data_error(problem.message());
  if (status.type() == std::filesystem::file_type::directory)
    throw data_error("is a folder, not a file");
  auto size = std::filesystem::file_size(path, problem);
  return problem ? 0 : size; // a pipe has no size and can be read
}

std::string read_byte_file(const std::string& path, std::uint64_t limit, beginning_check check) {
  try {
    auto size = size_on_disk(path);
    auto file = open_file(path);
    // Only a plain file's content is as large as the file.
    auto plain = gzdirect(file.get()) != 0;
    if (plain && size > limit)
      throw_too_large(limit);
    auto content = read_all(file.get(), plain ? size : 0, limit, check);
    // A compressed stream that ends too early is a plain end of file to the last read; only closing tells.
    if (gzclose_r(file.release()) == Z_BUF_ERROR)
      throw data_error("ends in the middle of its compressed data");
    return content;
  } catch (const std::bad_alloc&) {
    throw data_error("does not fit into memory");
  }
}

} // namespace dispatch::dataset
