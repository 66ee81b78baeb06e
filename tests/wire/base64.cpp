#define CAF_SUITE base64

#include "wire/base64.hpp"

#include <caf/test/unit_test.hpp>

#include <openssl/evp.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/plain_base64.hpp"
#include "wire/base64_kernels.hpp"

using dispatch::base64_kernel;
using dispatch::base64_kernels;
using dispatch::base64_size;
using dispatch::base64_writer;
using dispatch::test::plain_base64;

namespace {

using pieces = std::vector<std::string_view>;

/// What `kernel` makes of the pieces; a text of its own for whatever else is wrong.
std::string encode(base64_kernel kernel, const pieces& data) {
  constexpr std::size_t margin = 80; // more than one vector
  std::size_t bytes = 0;
  for (const auto piece : data)
    bytes += piece.size();
  std::string out(margin + base64_size(bytes) + margin, '#');
  base64_writer writer{out.data() + margin, kernel};
  for (const auto piece : data)
    writer.write(piece);
  if (writer.finish() != out.data() + margin + base64_size(bytes))
    return "the end is wrong";
  const std::string untouched(margin, '#');
  if (out.substr(0, margin) != untouched || out.substr(out.size() - margin) != untouched)
    return "other bytes were written";
  return out.substr(margin, base64_size(bytes));
}

std::string openssl_base64(std::string_view data) {
  std::string text(base64_size(data.size()) + 1, '\0'); // it terminates its text
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  const auto size =
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string data(size, '\0');
  std::generate(data.begin(), data.end(), [&] { return static_cast<char>(random()); });
  return data;
}

/// Cuts data into pieces of up to `longest` bytes, some of them empty.
pieces cut(std::mt19937_64& random, std::string_view data, std::size_t longest) {
  pieces result;
  while (!data.empty()) {
    result.push_back(data.substr(0, random() % (longest + 1)));
    data.remove_prefix(result.back().size());
  }
  return result;
}

void for_each_kernel(const std::function<void(base64_kernel)>& check) {
  for (const auto& kernel : base64_kernels()) {
    CAF_MESSAGE("kernel " << kernel.name);
    check(kernel.kernel);
  }
}

/// A page of memory between two that nobody may touch: who reads or writes beyond it ends the program.
class lonely_page {
public:
  lonely_page() : size_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {
    auto* all = ::mmap(nullptr, 3 * size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
      throw std::runtime_error("no memory");
    begin_ = static_cast<char*>(all) + size_;
    if (::mprotect(begin_, size_, PROT_READ | PROT_WRITE) != 0)
      throw std::runtime_error("cannot open the page");
  }

  lonely_page(const lonely_page&) = delete;
  lonely_page& operator=(const lonely_page&) = delete;

  ~lonely_page() { ::munmap(begin_ - size_, 3 * size_); }

  /// The first bytes, whose neighbour on the left is forbidden.
  char* first() const { return begin_; }

  /// The last `bytes` bytes, whose neighbour on the right is forbidden.
  char* last(std::size_t bytes) const { return begin_ + size_ - bytes; }

private:
  std::size_t size_;
  char* begin_ = nullptr;
};

} // namespace

// -- what it is -------------------------------------------------------------------------------------------------------

CAF_TEST(the size is four characters for each three bytes begun) {
  static_assert(base64_size(0) == 0 && base64_size(1) == 4 && base64_size(3) == 4 && base64_size(4) == 8);
  for (std::size_t bytes = 0; bytes < 100; ++bytes)
    CAF_CHECK_EQUAL(base64_size(bytes), plain_base64(std::string(bytes, 'x')).size());
  CAF_CHECK_EQUAL(base64_size(94'080), 125'440u);
}

CAF_TEST(the examples of RFC 4648 come out) {
  for_each_kernel([](base64_kernel kernel) {
    CAF_CHECK_EQUAL(encode(kernel, {""}), "");
    CAF_CHECK_EQUAL(encode(kernel, {"f"}), "Zg==");
    CAF_CHECK_EQUAL(encode(kernel, {"fo"}), "Zm8=");
    CAF_CHECK_EQUAL(encode(kernel, {"foo"}), "Zm9v");
    CAF_CHECK_EQUAL(encode(kernel, {"foob"}), "Zm9vYg==");
    CAF_CHECK_EQUAL(encode(kernel, {"fooba"}), "Zm9vYmE=");
    CAF_CHECK_EQUAL(encode(kernel, {"foobar"}), "Zm9vYmFy");
  });
}

CAF_TEST(a writer without a kernel takes the first of them) {
  const std::string data(1000, 'x');
  std::string out(base64_size(data.size()), '#');
  base64_writer writer{out.data()};
  writer.write(data);
  CAF_CHECK(writer.finish() == out.data() + out.size());
  CAF_CHECK_EQUAL(out, plain_base64(data));
}

CAF_TEST(every kernel is there once and the portable one is the last) {
  const auto kernels = base64_kernels();
  CAF_REQUIRE(!kernels.empty());
  CAF_CHECK(kernels.back().kernel == &dispatch::base64_portable);
  for (std::size_t i = 0; i + 1 < kernels.size(); ++i)
    CAF_CHECK(kernels[i].name != kernels[i + 1].name && kernels[i].kernel != kernels[i + 1].kernel);
}

// -- compared with others ---------------------------------------------------------------------------------------------

CAF_TEST(every group of three bytes becomes the right characters) {
  // All 2^24 of them, a first byte at a time: 65536 groups with each.
  for_each_kernel([](base64_kernel kernel) {
    auto wrong = 0;
    for (unsigned first = 0; first < 256; ++first) {
      std::string data;
      for (unsigned rest = 0; rest < 65'536; ++rest)
        data.append({static_cast<char>(first), static_cast<char>(rest >> 8), static_cast<char>(rest)});
      wrong += encode(kernel, {data}) != openssl_base64(data) ? 1 : 0;
    }
    CAF_CHECK_EQUAL(wrong, 0);
  });
}

CAF_TEST(every length at every alignment is as the references say) {
  std::mt19937_64 random{1};
  const auto bytes = random_bytes(random, 400);
  for_each_kernel([&](base64_kernel kernel) {
    for (std::size_t length = 0; length <= 300; ++length)
      for (std::size_t offset = 0; offset < 64; ++offset) {
        const auto data = std::string_view{bytes}.substr(offset, length);
        const auto text = encode(kernel, {data});
        if (text != plain_base64(data) || text != openssl_base64(data))
          CAF_FAIL("length " << length << ", offset " << offset << ": " << text);
      }
  });
}

CAF_TEST(every length can be written to every alignment) {
  std::mt19937_64 random{2};
  const auto bytes = random_bytes(random, 300);
  for_each_kernel([&](base64_kernel kernel) {
    for (std::size_t length = 0; length <= bytes.size(); ++length)
      for (std::size_t offset = 0; offset < 64; ++offset) {
        std::string out(offset + base64_size(length), '#');
        base64_writer writer{out.data() + offset, kernel};
        writer.write({bytes.data(), length});
        if (writer.finish() != out.data() + out.size()
            || out != std::string(offset, '#') + openssl_base64({bytes.data(), length}))
          CAF_FAIL("length " << length << ", offset " << offset);
      }
  });
}

CAF_TEST(two cuts anywhere change nothing) {
  std::mt19937_64 random{3};
  const auto bytes = random_bytes(random, 140);
  const std::string_view data{bytes};
  const auto expected = plain_base64(data);
  for_each_kernel([&](base64_kernel kernel) {
    for (std::size_t first = 0; first <= data.size(); ++first)
      for (std::size_t second = first; second <= data.size(); ++second)
        if (encode(kernel, {data.substr(0, first), data.substr(first, second - first), data.substr(second)})
            != expected)
          CAF_FAIL("cut at " << first << " and " << second);
  });
}

CAF_TEST(random data in random pieces is as the references say) {
  constexpr std::uint64_t seed = 30;
  for_each_kernel([&](base64_kernel kernel) {
    std::mt19937_64 random{seed};
    for (auto round = 0; round < 3000; ++round) {
      const auto data = random_bytes(random, random() % (round % 100 == 0 ? 200'000 : 1000));
      const std::size_t longest = std::vector<std::size_t>{1, 2, 3, 7, 100, 16'384}[random() % 6];
      const auto text = encode(kernel, cut(random, data, longest));
      if (text != openssl_base64(data) || text != plain_base64(data))
        CAF_FAIL("seed " << seed << ", round " << round);
    }
  });
}

// -- what it touches --------------------------------------------------------------------------------------------------

CAF_TEST(nothing beside the data is read and nothing beside the text is written) {
  const lonely_page in;
  const lonely_page out;
  for_each_kernel([&](base64_kernel kernel) {
    for (std::size_t length = 0; length <= 300; ++length)
      for (auto* data : {in.first(), in.last(length)})
        for (auto* text : {out.first(), out.last(base64_size(length))}) {
          std::fill_n(data, length, static_cast<char>(length));
          base64_writer writer{text, kernel};
          writer.write({data, length});
          CAF_REQUIRE(writer.finish() == text + base64_size(length));
          CAF_REQUIRE(std::string_view(text, base64_size(length)) == plain_base64({data, length}));
        }
  });
}
