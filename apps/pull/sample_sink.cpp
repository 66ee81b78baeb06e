#include "apps/pull/sample_sink.hpp"

#include "apps/pull/npy_header.hpp"
#include "apps/pull/part_file.hpp"
#include "io/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>

namespace dispatch::pull {

namespace {

[[noreturn]] void fail(const std::string& name, int error) {
  throw sink_error{"cannot write " + name + ": " + std::strerror(error)};
}

// Not tried again after EINTR: the signals that arrive here ask the program to end.
void write_all(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0)
      fail(name, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

class null_sink final : public sample_sink {
public:
  void write(std::string_view) override {}
  void commit() override {}
};

// Standard output, a pipe, a device: what was written cannot be taken back.
class direct_sink final : public sample_sink {
public:
  direct_sink(io::unique_fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  void write(std::string_view samples) override { write_all(fd_.get(), samples, name_); }

  void commit() override {
    if (::close(fd_.release()) != 0)
      fail(name_, errno);
  }

private:
  io::unique_fd fd_;
  std::string name_;
};

class file_sink final : public sample_sink {
public:
  // npy: the format of the samples when the file is to be an .npy file.
  file_sink(std::string name, std::optional<sample_format> npy) : file_(std::move(name)), npy_(std::move(npy)) {
    if (npy_)
      file_.write(npy_header(*npy_, 0));
  }

  void write(std::string_view samples) override {
    if (npy_) {
      auto count = npy_->count(samples.size());
      if (!count)
        throw sink_error{"cannot write " + file_.name() + ": a batch of " + std::to_string(samples.size())
                         + " bytes is not whole samples of " + npy_->text() + " (" + std::to_string(npy_->bytes)
                         + " bytes each); say what a sample is with --sample DTYPE:SHAPE"};
      count_ += *count;
    }
    file_.write(samples);
  }

  void commit() override {
    if (npy_)
      file_.write_at(0, npy_header(*npy_, count_));
    file_.commit();
  }

private:
  part_file file_;
  std::optional<sample_format> npy_;
  std::uint64_t count_ = 0;
};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

} // namespace

std::unique_ptr<sample_sink> open_sample_sink(const std::string& name, const sample_format& format) {
  if (name.empty())
    return std::make_unique<null_sink>();
  if (name == "-") {
    io::unique_fd fd{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)};
    if (!fd)
      fail("to standard output", errno);
    return std::make_unique<direct_sink>(std::move(fd), "to standard output");
  }
  auto npy = ends_with(name, ".npy") ? std::optional<sample_format>{format} : std::nullopt;
  struct stat info {};
  auto exists = ::stat(name.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode))
    fail(name, EISDIR);
  if (exists && !S_ISREG(info.st_mode)) {
    if (npy)
      throw sink_error{"cannot write " + name + ": an .npy file must be a regular file"};
    io::unique_fd fd{::open(name.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!fd)
      fail(name, errno);
    return std::make_unique<direct_sink>(std::move(fd), name);
  }
  // The rename shall replace what a symbolic link points at, not the link.
  std::error_code ignored;
  auto target = exists ? std::filesystem::canonical(name, ignored).string() : name;
  return std::make_unique<file_sink>(target.empty() ? name : target, std::move(npy));
}

} // namespace dispatch::pull
