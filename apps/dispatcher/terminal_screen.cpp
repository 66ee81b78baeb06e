#include "apps/dispatcher/terminal_screen.hpp"

#include <csignal>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "apps/process/result_output.hpp"

namespace dispatch {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Another screen for the time being, without a cursor; and back.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";

constexpr std::string_view to_top = "\x1b[H";
constexpr std::string_view clear_line = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";

io::unique_fd open_signals() {
  ::sigset_t set;
  ::sigemptyset(&set);
  for (const auto signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH})
    ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return io::unique_fd{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
}

} // namespace

terminal_screen::terminal_screen() : signals_fd_(open_signals()), is_terminal_(::isatty(STDOUT_FILENO) == 1) {
  // A reader that is gone shows in what show() says.
  std::signal(SIGPIPE, SIG_IGN);
  if (!is_terminal_)
    return;
  ::termios settings{};
  if (::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &settings) == 0) {
    before_ = settings;
    settings.c_lflag &= ~static_cast<::tcflag_t>(ICANON | ECHO);
    // Whoever stops the program would be left with its screen.
    settings.c_cc[VSUSP] = _POSIX_VDISABLE;
    static_cast<void>(::tcsetattr(STDIN_FILENO, TCSANOW, &settings));
  }
  static_cast<void>(write_result(enter));
}

terminal_screen::~terminal_screen() {
  if (is_terminal_)
    static_cast<void>(write_result(leave));
  if (before_)
    static_cast<void>(::tcsetattr(STDIN_FILENO, TCSANOW, &*before_));
}

std::optional<terminal_screen::extent> terminal_screen::size() const {
  ::winsize size{};
  if (!is_terminal_ || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return std::nullopt;
  return extent{size.ws_col, size.ws_row};
}

std::optional<std::string> terminal_screen::show(const std::string& text) {
  if (!is_terminal_)
    return write_result(text + "\n");
  const auto room = size();
  std::string drawing{to_top};
  std::string_view rest = text;
  for (std::size_t row = 0; !rest.empty() && (!room || row + 1 < room->rows); ++row) {
    const auto end = rest.find('\n');
    drawing.append(rest.substr(0, end)).append(clear_line).append("\n");
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return write_result(drawing.append(clear_below));
}

bool terminal_screen::wait(milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    std::array<::pollfd, 2> entries{::pollfd{signals_fd_.get(), POLLIN, 0},
                                    ::pollfd{before_ ? STDIN_FILENO : -1, POLLIN, 0}};
    if (left.count() <= 0 || ::poll(entries.data(), entries.size(), static_cast<int>(left.count())) == 0)
      return true;
    ::signalfd_siginfo signal{};
    if (::read(signals_fd_.get(), &signal, sizeof signal) == sizeof signal)
      return signal.ssi_signo == SIGWINCH;
    auto key = '\0';
    if (entries[1].revents != 0 && (::read(STDIN_FILENO, &key, 1) != 1 || key == 'q'))
      return false;
  }
}

} // namespace dispatch
