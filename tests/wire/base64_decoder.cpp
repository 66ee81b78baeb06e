#define CAF_SUITE base64_decoder

#include "wire/base64_decoder.hpp"
#include "tests/support/plain_base64.hpp"

#include <caf/test/unit_test.hpp>

#include <random>
#include <string>

using dispatch::decode_base64;

namespace {

std::string decoded(std::string_view text) {
  std::string data;
  auto problem = decode_base64(text, data);
  return problem ? "error: " + *problem : data;
}

bool refused(std::string_view text) {
  std::string data;
  return decode_base64(text, data).has_value();
}

} // namespace

CAF_TEST(the vectors of RFC 4648) {
  CAF_CHECK_EQUAL(decoded(""), "");
  CAF_CHECK_EQUAL(decoded("Zg=="), "f");
  CAF_CHECK_EQUAL(decoded("Zm8="), "fo");
  CAF_CHECK_EQUAL(decoded("Zm9v"), "foo");
  CAF_CHECK_EQUAL(decoded("Zm9vYg=="), "foob");
  CAF_CHECK_EQUAL(decoded("Zm9vYmE="), "fooba");
  CAF_CHECK_EQUAL(decoded("Zm9vYmFy"), "foobar");
}

CAF_TEST(all bytes go round at all lengths) {
  std::mt19937 random{11};
  for (std::size_t size = 0; size < 400; ++size) {
    std::string data(size, '\0');
    for (auto& c : data)
      c = static_cast<char>(random());
    CAF_CHECK(decoded(dispatch::test::plain_base64(data)) == data);
  }
}

CAF_TEST(nothing but standard base64 with padding is taken) {
  for (auto text :
       {"Z",    "Zg",   "Zg=",    "Zm9vZg",   "=",    "==",   "===",  "====", "Z===",  "Zg==Zg==", "Zg=v",
        "=m9v", "Zm=v", "Zm9v\n", "Zm9v\r\n", "Zm9 ", " Zm9", "Zm9-", "Zm9_", "Zm\n9", "Zm9v====", "Zg==\n   "})
    CAF_CHECK(refused(text));
}

CAF_TEST(bits left over before the padding are refused) {
  CAF_CHECK_EQUAL(decoded("Zh=="), "error: bits left over before its padding");
  CAF_CHECK_EQUAL(decoded("Zm9="), "error: bits left over before its padding");
}

CAF_TEST(every byte outside the alphabet is found at every place) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int byte = 0; byte < 256; ++byte) {
    auto c = static_cast<char>(byte);
    for (std::size_t place = 0; place < 8; ++place) {
      std::string text = "AAAAAAAAAAAA";
      text[place] = c;
      CAF_CHECK_EQUAL(refused(text), alphabet.find(c) == std::string_view::npos);
    }
  }
}

CAF_TEST(the place of a bad character is told) {
  CAF_CHECK_EQUAL(decoded("Zm9vY?Fy"), "error: a character that is not base64 at position 5");
  CAF_CHECK_EQUAL(decoded("Zg==Zg=="), "error: padding in the middle, at position 2");
  CAF_CHECK_EQUAL(decoded("Zm9vY"), "error: its length of 5 is not a multiple of 4");
}
