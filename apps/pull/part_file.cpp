#include "apps/pull/part_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "apps/pull/sample_sink.hpp"

namespace dispatch::pull {

namespace {

[[noreturn]] void fail(const std::string& name) {
  throw sink_error{"cannot write " + name + ": " + std::strerror(errno)};
}

} // namespace

part_file::part_file(std::string name) : name_(std::move(name)), temporary_(name_ + ".part.XXXXXX") {
  fd_ = io::unique_fd{::mkostemp(temporary_.data(), O_CLOEXEC)};
  if (!fd_) {
    temporary_.clear();
    fail(name_);
  }
  // mkostemp makes a file that only its owner can read. An ordinary file follows the umask.
  const auto mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd_.get(), 0666 & ~mask);
}

part_file::part_file(part_file&& other) noexcept
  : name_(std::move(other.name_)),
    temporary_(std::exchange(other.temporary_, {})),
    fd_(std::move(other.fd_)) {}

part_file::~part_file() {
  if (!temporary_.empty())
    ::unlink(temporary_.c_str());
}

void part_file::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0)
      fail(name_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void part_file::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0)
      fail(name_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

std::size_t part_file::read_at(std::uint64_t offset, char* data, std::size_t size) const {
  const auto got = ::pread(fd_.get(), data, size, static_cast<off_t>(offset));
  if (got < 0)
    fail(name_);
  return static_cast<std::size_t>(got);
}

void part_file::commit() {
  // A full disk may show only here.
  if (::fsync(fd_.get()) != 0 || ::close(fd_.release()) != 0)
    fail(name_);
  if (std::rename(temporary_.c_str(), name_.c_str()) != 0)
    fail(name_);
  temporary_.clear();
}

} // namespace dispatch::pull
