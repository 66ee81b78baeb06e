#pragma once

#include <termios.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "io/unique_fd.hpp"

namespace dispatch {

/// A terminal that is drawn upon again and again, or a pipe that gets one text after the other. Signals that end the
/// program end the drawing instead, while this is there; they are to be blocked in all threads.
class terminal_screen {
public:
  /// Looks at stdout and stdin. On a terminal, what was there before comes back when this is destroyed.
  terminal_screen();
  ~terminal_screen();

  terminal_screen(const terminal_screen&) = delete;
  terminal_screen& operator=(const terminal_screen&) = delete;

  /// Whether it is drawn upon in place.
  bool in_place() const noexcept { return is_terminal_; }

  struct extent {
    std::size_t columns = 0;
    std::size_t rows = 0;
  };

  /// Of a terminal; nothing where there is none, or it does not say.
  std::optional<extent> size() const;

  /// Shows a text instead of the last one, or behind it.
  /// @returns one line that says why it cannot be shown; nothing where it is
  std::optional<std::string> show(const std::string& text);

  /// Waits for the next time to draw: when the time is over or the terminal has another size.
  /// @returns false when a signal or the key q says that it is enough
  bool wait(std::chrono::milliseconds timeout);

private:
  io::unique_fd signals_fd_;
  bool is_terminal_;
  std::optional<::termios> before_;
};

} // namespace dispatch
