#define CAF_SUITE classic_codec

#include "wire/classic_codec.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/batches.hpp"
#include "tests/support/plain_base64.hpp"

using dispatch::client_id_of;
using dispatch::encode_classic_error;
using dispatch::encode_classic_tail;
using dispatch::encode_classic_text;
using dispatch::failure;
using dispatch::received_batch;
using dispatch::received_bytes;
using dispatch::status_code;
using dispatch::test::classic_text;
using dispatch::test::plain_base64;
using nlohmann::ordered_json;

namespace {

/// A whole line as a client gets it.
std::string line_of(std::int32_t index, std::string_view data, const std::string& client_id, bool last) {
  return classic_text(index, std::string{data}) + encode_classic_tail(client_id, last);
}

/// A decoder that shares nothing with the encoder: strict about the alphabet, the padding and the unused bits.
std::string decode_base64(const std::string& text) {
  static const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0)
    throw std::runtime_error("the length is no multiple of 4");
  std::string data;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t bits = 0;
    auto padding = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto c = text[at + i];
      const auto value = alphabet.find(c);
      if (c == '=' && at + 4 == text.size() && i >= 2)
        ++padding;
      else if (value == std::string::npos || padding > 0)
        throw std::runtime_error("not base64");
      bits = bits * 64 + (c == '=' ? 0 : static_cast<std::uint32_t>(value));
    }
    if ((bits & ((1u << (8 * padding)) - 1)) != 0)
      throw std::runtime_error("unused bits are set");
    for (auto i = 0; i < 3 - padding; ++i)
      data.push_back(static_cast<char>(bits >> (16 - 8 * i)));
  }
  return data;
}

bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1 && text.find('\r') == std::string::npos;
}

std::vector<std::string> keys_of(const ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items())
    keys.push_back(item.key());
  return keys;
}

using keys = std::vector<std::string>;

} // namespace

// -- byte for byte ----------------------------------------------------------------------------------------------------

CAF_TEST(a line has the bytes that clients rely on) {
  CAF_CHECK_EQUAL(line_of(0, std::string_view{"\0\0\0", 3}, "client_127.0.0.1:53412", false),
                  "{\"batch_id\":0,\"batch_index\":0,\"batch_data\":[\"AAAA\"],"
                  "\"client_id\":\"client_127.0.0.1:53412\",\"EOF\":false}\n");
  CAF_CHECK_EQUAL(line_of(333, "Man", "client_[::1]:40000", true),
                  "{\"batch_id\":333,\"batch_index\":333,\"batch_data\":[\"TWFu\"],"
                  "\"client_id\":\"client_[::1]:40000\",\"EOF\":true}\n");
}

CAF_TEST(everything that consumers are sent begins with the same bytes) {
  const auto size = dispatch::classic_beginning.size();
  CAF_CHECK_EQUAL(classic_text(0, "abc").substr(0, size), dispatch::classic_beginning);
  CAF_CHECK_EQUAL(encode_classic_error(0, "c", {status_code::internal, "why"}).substr(0, size),
                  dispatch::classic_beginning);
}

CAF_TEST(every length of the last group is padded) {
  // The test vectors of RFC 4648.
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [data, encoded] : vectors)
    CAF_CHECK_EQUAL(classic_text(7, data), "{\"batch_id\":7,\"batch_index\":7,\"batch_data\":[\"" + encoded + "\"]");
}

CAF_TEST(all byte values are encoded in the standard alphabet) {
  std::string all;
  for (auto i = 0; i < 256; ++i)
    all.push_back(static_cast<char>(i));
  CAF_CHECK_EQUAL(
    classic_text(1, all),
    "{\"batch_id\":1,\"batch_index\":1,\"batch_data\":[\""
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJT"
    "VFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaan"
    "qKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7"
    "/P3+/w==\"]");
}

CAF_TEST(the largest index is written whole) {
  CAF_CHECK_EQUAL(line_of(std::numeric_limits<std::int32_t>::max(), "", "client_a:1", false),
                  "{\"batch_id\":2147483647,\"batch_index\":2147483647,\"batch_data\":[\"\"],"
                  "\"client_id\":\"client_a:1\",\"EOF\":false}\n");
}

CAF_TEST(a client is named after its peer) {
  CAF_CHECK_EQUAL(client_id_of("127.0.0.1:53412"), "client_127.0.0.1:53412");
  CAF_CHECK_EQUAL(client_id_of("[2001:db8::1]:443"), "client_[2001:db8::1]:443");
}

CAF_TEST(every index is written out) {
  for (const auto index :
       {0, 9, 10, 333, std::numeric_limits<std::int32_t>::max(), -1, std::numeric_limits<std::int32_t>::min()}) {
    const auto number = std::to_string(index);
    CAF_CHECK_EQUAL(classic_text(index, "abc"),
                    "{\"batch_id\":" + number + ",\"batch_index\":" + number + ",\"batch_data\":[\"YWJj\"]");
  }
}

CAF_TEST(an error line has the bytes that clients rely on) {
  CAF_CHECK_EQUAL(encode_classic_error(3, "client_127.0.0.1:53412", {status_code::not_found, "no dataset named 'x'"}),
                  "{\"batch_id\":3,\"batch_index\":3,\"batch_data\":[],\"client_id\":\"client_127.0.0.1:53412\","
                  "\"EOF\":false,\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no dataset named 'x'\"}}\n");
}

// -- samples in slices ------------------------------------------------------------------------------------------------

CAF_TEST(samples in slices give the text that they give in one) {
  std::mt19937_64 random{31};
  for (auto round = 0; round < 300; ++round) {
    const auto data = std::make_shared<std::string>(random() % (round % 10 == 0 ? 100'000 : 50), '\0');
    for (auto& c : *data)
      c = static_cast<char>(random());
    const std::size_t longest = round % 3 == 0 ? 3 : 20'000;
    std::vector<std::string_view> slices;
    for (std::string_view rest = *data; !rest.empty(); rest.remove_prefix(slices.back().size()))
      slices.push_back(rest.substr(0, random() % longest));
    const auto text = encode_classic_text({round, false, {{{}, received_bytes{std::move(slices), data}}}});
    CAF_REQUIRE(text.view() == classic_text(round, *data));
    CAF_REQUIRE(text.view().find("[\"" + plain_base64(*data) + "\"]") != std::string_view::npos);
    CAF_REQUIRE_EQUAL(text.size(), dispatch::classic_text_size(round, data->size()));
  }
}

CAF_TEST(no samples are an empty text) {
  CAF_CHECK_EQUAL(encode_classic_text(received_batch{}).view(),
                  "{\"batch_id\":0,\"batch_index\":0,\"batch_data\":[\"\"]");
}

CAF_TEST(other columns are no part of a line) {
  const received_batch labelled{
    0, false, {{{}, received_bytes{std::string{"abc"}}}, {"label", received_bytes{std::string{"x"}}}}};
  CAF_CHECK_EQUAL(encode_classic_text(labelled).view(), classic_text(0, "abc"));
}

// -- whatever comes in ------------------------------------------------------------------------------------------------

CAF_TEST(an error line stays one line of JSON whatever its message holds) {
  const std::vector<std::string> messages{
    "",
    "quotes \" and \\ backslashes",
    "two\nlines\r\nand a \t tab",
    std::string{"a \0 zero", 8},
    "\x01\x1f\x7f",
    "\xff\xfe invalid \xc3",
    "overlong \xc0\xaf surrogate \xed\xa0\x80",
    "valid \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
    "\"},\"EOF\":true}\n{",
  };
  for (const auto& message : messages) {
    const auto line = encode_classic_error(3, "client_127.0.0.1:1", {status_code::internal, message});
    CAF_CHECK(is_one_line(line));
    const auto parsed = ordered_json::parse(line);
    CAF_CHECK_EQUAL(keys_of(parsed), (keys{"batch_id", "batch_index", "batch_data", "client_id", "EOF", "error"}));
    CAF_CHECK_EQUAL(keys_of(parsed["error"]), (keys{"code", "message"}));
    CAF_CHECK(parsed["EOF"] == false);
    CAF_CHECK(parsed["error"]["code"] == "INTERNAL");
    CAF_CHECK(parsed["error"]["message"].is_string());
  }
}

CAF_TEST(a message in UTF8 arrives as it was and other bytes are replaced) {
  const auto message_of = [](const std::string& message) {
    const auto line = encode_classic_error(0, "client_a:1", {status_code::unknown, message});
    return ordered_json::parse(line)["error"]["message"].get<std::string>();
  };
  for (const std::string message : {"plain", "two\nlines", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"quoted\\"})
    CAF_CHECK_EQUAL(message_of(message), message);
  CAF_CHECK_EQUAL(message_of("a\xff"
                             "b"),
                  "a\xef\xbf\xbd"
                  "b");
}

CAF_TEST(a tail stays one line whatever the name of the client holds) {
  for (const std::string id : {"client_\"x\"", "client_a\nb", "client_\xff", ""}) {
    const auto line = line_of(0, "abc", id, true);
    CAF_CHECK(is_one_line(line));
    CAF_CHECK(ordered_json::parse(line)["EOF"] == true);
  }
}

CAF_TEST(every batch can be read back) {
  constexpr std::uint64_t seed = 30;
  std::mt19937_64 random{seed};
  for (auto round = 0; round < 1000; ++round) {
    std::string data(random() % (round % 10 == 0 ? 5000 : 50), '\0');
    for (auto& c : data)
      c = static_cast<char>(random());
    const auto index = static_cast<std::int32_t>(random() >> 33);
    const auto last = random() % 2 == 0;
    const auto id = client_id_of("10.0.0." + std::to_string(random() % 256) + ":" + std::to_string(random() % 65536));
    const auto line = line_of(index, data, id, last);
    const auto parsed = ordered_json::parse(line);
    const auto good =
      is_one_line(line) && keys_of(parsed) == keys{"batch_id", "batch_index", "batch_data", "client_id", "EOF"}
      && parsed["batch_id"] == index && parsed["batch_index"] == index && parsed["batch_data"].size() == 1
      && decode_base64(parsed["batch_data"][0]) == data && parsed["client_id"] == id && parsed["EOF"] == last;
    if (!good)
      CAF_FAIL("seed " << seed << ", round " << round << ": " << line);
  }
}
