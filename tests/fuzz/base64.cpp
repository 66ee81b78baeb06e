// sources: messages/base64.cpp messages/base64_kernels.cpp

#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages/base64_kernels.hpp"
#include "tests/support/plain_base64.hpp"

/// @file
/// Every kernel, with data cut wherever the input says, against an encoder that is obviously right. Each piece and each
/// text has a block of memory of exactly its size, so that AddressSanitizer sees a step beyond either.

namespace {

std::vector<std::vector<char>> pieces_of(FuzzedDataProvider& input) {
  std::vector<std::vector<char>> pieces;
  while (input.remaining_bytes() > 0) {
    const auto size = input.ConsumeBool() ? input.ConsumeIntegralInRange<std::size_t>(0, 8)
                                          : input.ConsumeIntegralInRange<std::size_t>(0, 1000);
    auto bytes = input.ConsumeBytes<char>(size);
    bytes.shrink_to_fit();
    pieces.push_back(std::move(bytes));
  }
  return pieces;
}

void require(bool condition) {
  if (!condition)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto kernels = dispatch::base64_kernels();
  FuzzedDataProvider input{bytes, size};
  const auto pieces = pieces_of(input);
  std::string whole;
  for (const auto& piece : pieces)
    whole.append(piece.data(), piece.size());
  const auto expected = dispatch::test::plain_base64(whole);
  require(dispatch::base64_size(whole.size()) == expected.size());
  for (const auto& kernel : kernels) {
    const std::unique_ptr<char[]> text{new char[expected.size()]};
    dispatch::base64_writer writer{text.get(), kernel.kernel};
    for (const auto& piece : pieces)
      writer.write({piece.data(), piece.size()});
    require(writer.finish() == text.get() + expected.size());
    require(std::string_view{text.get(), expected.size()} == expected);
  }
  return 0;
}
