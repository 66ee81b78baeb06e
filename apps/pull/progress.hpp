#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dispatch::pull {

/// How far a pass has come.
struct pass_counts {
  std::int64_t batches = 0;
  std::uint64_t bytes = 0; ///< of samples
};

/// Shows how a pass goes: one line that is drawn over itself on a terminal, lines of their own elsewhere.
///
/// It draws when it is told of something and its time has come, so it must be told at least ten times a
/// second: on a terminal at most every 100 ms; elsewhere every second while batches come and every 10 s while
/// none do; and at the end. The rate is that of about the last second, at the end that of the whole pass.
class progress {
public:
  using clock = std::chrono::steady_clock;

  enum class style { silent, lines, terminal };

  struct settings {
    style how = style::silent;
    std::optional<std::int64_t> expected; ///< batches of the whole pass, when known: then there is a bar
    std::function<std::size_t()> width;   ///< the terminal's columns now; only for `style::terminal`
    std::function<void(std::string_view)> write;
  };

  progress(settings how, clock::time_point now);

  /// Says how far the pass is.
  void update(const pass_counts& counts, clock::time_point now);

  /// Writes a line of its own between what is drawn.
  void say(const std::string& text);

  /// Draws for the last time and leaves the line.
  void finish(const pass_counts& counts, clock::time_point now);

private:
  void draw(const pass_counts& counts, double rate);
  void measure(const pass_counts& counts, clock::time_point now);

  settings settings_;
  clock::time_point start_;
  std::optional<clock::time_point> drawn_;
  std::int64_t drawn_batches_ = 0;
  clock::time_point measured_;
  std::int64_t measured_batches_ = 0;
  std::optional<double> rate_;
};

/// Puts a bar before `text` where `width` columns have room for it.
/// @param done of `total`, which is above 0
std::string with_bar(const std::string& text, std::int64_t done, std::int64_t total, std::size_t width);

/// The line of a pass, without a line end: a counter, and before it a bar when `expected` is known.
/// @param rate frames per second
/// @param width columns that the line may take
std::string progress_line(const pass_counts& counts, std::optional<std::int64_t> expected, double rate,
                          std::size_t width);

} // namespace dispatch::pull
