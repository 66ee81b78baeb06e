#define CAF_SUITE refusal_text

#include "io/grpc/refusal_text.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::io::refusal_text;

CAF_TEST(a short text is left as it is) {
  CAF_CHECK_EQUAL(refusal_text(""), "");
  CAF_CHECK_EQUAL(refusal_text("there is only d"), "there is only d");
  CAF_CHECK_EQUAL(refusal_text("gibt es nicht: \xC3\xBC \xE2\x82\xAC \xF0\x9F\x8D\x8C"),
                  "gibt es nicht: \xC3\xBC \xE2\x82\xAC \xF0\x9F\x8D\x8C");
  CAF_CHECK_EQUAL(refusal_text(std::string(1000, 'x')), std::string(1000, 'x'));
}

CAF_TEST(a long text keeps its beginning and its end and says what is left out) {
  const auto text = refusal_text("Traceback: " + std::string(20000, 'x') + " KeyError: 'd'");
  CAF_CHECK_EQUAL(text.substr(0, 20), "Traceback: xxxxxxxxx");
  CAF_CHECK_EQUAL(text.substr(text.size() - 14), " KeyError: 'd'");
  CAF_CHECK(text.find("x ... (19075 bytes left out) ... x") != std::string::npos);
  CAF_CHECK_LESS(text.size(), 1000u);
}

CAF_TEST(a text is not cut in the middle of a character) {
  std::string euros;
  for (auto i = 0; i < 5000; ++i)
    euros += "\xE2\x82\xAC";
  for (const auto* before : {"", "a", "ab"}) {
    const auto text = refusal_text(before + euros);
    // Nothing in it was mended when it was read again.
    CAF_CHECK_EQUAL(refusal_text(text), text);
    CAF_CHECK_EQUAL(text.find('?'), std::string::npos);
  }
}

CAF_TEST(a text becomes one line) {
  CAF_CHECK_EQUAL(refusal_text("one\ntwo\r\n\tthree\x1B[31m\x7F"), "one two   three [31m ");
  CAF_CHECK_EQUAL(refusal_text(std::string("a\0b", 3)), "a b");
}

CAF_TEST(what is not UTF 8 is replaced byte by byte) {
  CAF_CHECK_EQUAL(refusal_text("\xFF\xFE ok"), "?? ok");
  CAF_CHECK_EQUAL(refusal_text("cut \xE2\x82"), "cut ??");
  CAF_CHECK_EQUAL(refusal_text("overlong \xC0\xAF \xE0\x80\x80"), "overlong ?? ???");
  CAF_CHECK_EQUAL(refusal_text("surrogate \xED\xA0\x80"), "surrogate ???");
  CAF_CHECK_EQUAL(refusal_text("beyond \xF4\x90\x80\x80"), "beyond ????");
  CAF_CHECK_EQUAL(refusal_text("lost \x80 tail"), "lost ? tail");
}
