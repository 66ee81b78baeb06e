#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dispatch::bench {

/// Cuts what a session's client is sent (docs/protocol.md) into lines, whatever pieces it comes in. The payload that
/// follows the line of a batch is skipped: nothing looks at its bytes, and none is kept.
class session_cutter {
public:
  /// What is longer is no line.
  static constexpr std::size_t longest_line = std::size_t{1} << 20;

  /// Takes the next line and its payload out of `rest`, or all of `rest` where they do not end in it.
  /// @param rest what has come and was not looked at yet; its beginning is removed
  /// @returns the line without its end, once its payload has come as well; valid until the next call and as long as the
  ///   memory behind `rest`
  std::optional<std::string_view> next(std::string_view& rest);

  /// Whether a line was too long, or no `\n` came behind a payload. There is no next line then.
  bool broken() const noexcept { return broken_; }

private:
  /// What comes next.
  enum class part { line, payload, payload_end };

  bool take_line(std::string_view& rest);
  void skip_payload(std::string_view& rest);

  part next_ = part::line;
  std::string kept_;          // of a line that spans several pieces, or whose payload does
  bool is_kept_ = false;      // whether the line is in there
  std::string_view line_;     // once it is whole
  std::uint64_t payload_ = 0; // bytes that are left of it
  bool broken_ = false;
};

} // namespace dispatch::bench
