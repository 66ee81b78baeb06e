#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch::test {

/// Ends the program where `condition` does not hold: to a fuzzer that is a finding.
/// @param what what should have been
inline void require(bool condition, const std::string& what) {
  if (condition)
    return;
  std::fprintf(stderr, "not so: %s\n", what.c_str());
  std::abort();
}

/// Whether `text` fits on one line of a terminal.
inline bool is_one_line(std::string_view text) {
  for (const auto c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return false;
  return !text.empty();
}

/// Bytes of a fuzzer and the pieces that they come in. Each piece has a block of memory of exactly its size, so that
/// AddressSanitizer sees a step beyond it.
struct cut_input {
  using piece = std::vector<char>;

  std::string whole;
  std::vector<piece> pieces; ///< may be none, and there may be empty ones

  /// The pieces, valid as long as this object is.
  std::vector<std::string_view> views() const {
    std::vector<std::string_view> result;
    for (const auto& one : pieces)
      result.emplace_back(one.data(), one.size());
    return result;
  }
};

/// Reads an input of which the first byte says how many sizes follow (its value modulo 8, so that '0' stands for none:
/// all is one piece), and the next ones are these sizes; the pieces that the rest is cut into have them in turn. A size
/// above 127 is one of a large piece: 128 stands for 64 bytes, 129 for 128 bytes, and so on.
inline cut_input cut(const std::uint8_t* bytes, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(bytes), size};
  const auto take = [&rest] {
    const auto first = static_cast<unsigned char>(rest.empty() ? '\0' : rest.front());
    rest.remove_prefix(rest.empty() ? 0 : 1);
    return std::size_t{first};
  };
  std::vector<std::size_t> sizes(take() % 8);
  auto all_are_empty = true;
  for (auto& one : sizes) {
    one = take();
    one = one < 128 ? one : (one - 127) * 64;
    all_are_empty = all_are_empty && one == 0;
  }
  cut_input result{std::string{rest}, {}};
  if (all_are_empty)
    sizes.assign(1, rest.size());
  for (std::size_t i = 0; !rest.empty(); ++i) {
    const auto piece = rest.substr(0, sizes[i % sizes.size()]);
    result.pieces.emplace_back(piece.begin(), piece.end());
    rest.remove_prefix(piece.size());
  }
  return result;
}

} // namespace dispatch::test
