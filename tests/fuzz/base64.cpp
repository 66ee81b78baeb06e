// sources: wire/base64.cpp wire/base64_kernels.cpp wire/base64_decoder.cpp

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fuzz_input.hpp"
#include "tests/support/plain_base64.hpp"
#include "wire/base64_decoder.hpp"
#include "wire/base64_kernels.hpp"

/// @file
/// Every kernel, with data cut wherever the input says, against an encoder that is obviously right; and the consumer's
/// decoder, with its text and with any other. Each piece and each text has a block of memory of exactly its size, so
/// that AddressSanitizer sees a step beyond either.

using dispatch::test::require;

namespace {

/// The only bytes that `text` can stand for, if it stands for any.
std::string plain_decoded(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  unsigned bits = 0;
  auto held = 0;
  for (const auto c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos)
      break;
    bits = bits << 6 | static_cast<unsigned>(value);
    held += 6;
    if (held < 8)
      continue;
    held -= 8;
    result += static_cast<char>(bits >> held & 255);
  }
  return result;
}

void check_decoder(const std::string& text) {
  const std::vector<char> exact(text.begin(), text.end());
  const auto expected = plain_decoded(text);
  const auto is_base64 = dispatch::test::plain_base64(expected) == text;
  std::string data;
  const auto problem = dispatch::decode_base64({exact.data(), exact.size()}, data);
  require(problem.has_value() != is_base64, "what is base64 is decoded, and nothing else");
  require(problem ? dispatch::test::is_one_line(*problem) : data == expected, "the bytes, or one line");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto kernels = dispatch::base64_kernels();
  const auto input = dispatch::test::cut(bytes, size);
  const auto expected = dispatch::test::plain_base64(input.whole);
  require(dispatch::base64_size(input.whole.size()) == expected.size(), "the size is known before");
  for (const auto& kernel : kernels) {
    const std::unique_ptr<char[]> text{new char[expected.size()]};
    dispatch::base64_writer writer{text.get(), kernel.kernel};
    for (const auto piece : input.views())
      writer.write(piece);
    require(writer.finish() == text.get() + expected.size(), "all of the text is written");
    require(std::string_view{text.get(), expected.size()} == expected, "the text is that of the data");
  }
  check_decoder(expected);
  check_decoder(input.whole);
  return 0;
}
