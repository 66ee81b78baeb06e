#include "apps/process/result_output.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace dispatch {

std::optional<std::string> write_result(std::string_view text, int fd) {
  while (!text.empty()) {
    const auto count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return std::string{"the result cannot be written to "}
             + (fd == STDERR_FILENO ? "standard error: " : "standard output: ") + std::strerror(errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return std::nullopt;
}

void occupy_standard_streams() {
  for (const auto fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0)
      // The lowest free number is this one. Nothing can be written to a file that is open for reading.
      static_cast<void>(::open("/dev/null", O_RDONLY));
}

} // namespace dispatch
