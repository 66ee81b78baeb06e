#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace dispatch::pull {

/// Cuts a stream of bytes into lines that end with '\n', and refuses a line that is longer than a limit.
///
/// The caller writes into the reader's own memory, so that a large frame is copied only when the memory
/// grows: `prepare()`, write, `commit()`, then `next()` until it says `need_more`. Each byte is searched for
/// a line end once.
class line_reader {
public:
  enum class status {
    line,      ///< a line is there
    need_more, ///< what is held does not reach the end of a line
    too_long,  ///< the current line is longer than the limit; the reader says nothing else from now on
  };

  /// Memory of the reader that the caller may write to, valid until the next call of any other function.
  struct room {
    char* data;
    std::size_t size;
  };

  /// @param max_line the longest line that is accepted, in bytes without its '\n'
  explicit line_reader(std::size_t max_line);

  /// Returns room for at least one and normally some `wanted` bytes (> 0).
  room prepare(std::size_t wanted);

  /// Says that the first `size` bytes of the last room are filled.
  void commit(std::size_t size);

  /// Takes the next line out. `line` is set for `status::line` only: it lacks the '\n', belongs to the
  /// reader, and is valid until the next `prepare()`.
  status next(std::string_view& line);

  /// Takes the next `size` bytes out, whatever they are, and the '\n' that has to be behind them. Only between lines.
  /// `bytes` is set when they are there: it belongs to the reader, and is valid until the next `prepare()`.
  /// @returns whether they are there; `status::too_long` where something else is in the place of the '\n'
  status next_bytes(std::size_t size, std::string_view& bytes);

  /// How many bytes are held that no line was made of.
  std::size_t pending() const { return end_ - begin_; }

private:
  std::size_t max_line_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;   // of the current line
  std::size_t scanned_ = 0; // up to here there is no line end
  std::size_t end_ = 0;     // of what was written
  bool failed_ = false;
};

} // namespace dispatch::pull
