#define CAF_SUITE session_cutter

#include "bench/stream/session_cutter.hpp"

#include <caf/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

using dispatch::bench::session_cutter;

namespace {

using strings = std::vector<std::string>;

/// The line of a batch, without its end.
std::string head(std::size_t payload_bytes, const std::string& behind = "}") {
  return R"({"type":"batch","seq":0,"columns":[],"payload_bytes":)" + std::to_string(payload_bytes) + behind;
}

std::string batch(const std::string& payload) {
  return head(payload.size()) + "\n" + payload + "\n";
}

/// Cuts all of `pieces`, each in memory of its own that is gone afterwards.
strings cut(session_cutter& cutter, const strings& pieces) {
  strings result;
  for (const auto& piece : pieces) {
    const std::vector<char> memory(piece.begin(), piece.end());
    std::string_view rest{memory.data(), memory.size()};
    while (const auto line = cutter.next(rest))
      result.emplace_back(*line);
    CAF_CHECK(rest.empty());
  }
  return result;
}

strings in_pieces(const std::string& all, std::size_t size) {
  strings result;
  for (std::size_t at = 0; at < all.size(); at += size)
    result.push_back(all.substr(at, size));
  return result;
}

} // namespace

CAF_TEST(lines without payloads) {
  session_cutter cutter;
  CAF_CHECK_EQUAL(cut(cutter, {"{\"a\":1}\n{}\n{\"b"}), (strings{"{\"a\":1}", "{}"}));
  CAF_CHECK_EQUAL(cut(cutter, {"\":2}", "\n"}), (strings{"{\"b\":2}"}));
}

CAF_TEST(a payload is skipped whatever its bytes are) {
  session_cutter cutter;
  const auto all = batch("\n{\"type\":\"eof\"}\n\"payload_bytes\":7") + "{}\n";
  CAF_CHECK_EQUAL(cut(cutter, {all}), (strings{head(33), "{}"}));
}

CAF_TEST(members behind the size of a payload) {
  session_cutter cutter;
  const auto line = head(3, ",\"crc32\":123}");
  CAF_CHECK_EQUAL(cut(cutter, {line + "\nabc\n"}), (strings{line}));
}

CAF_TEST(a payload of no bytes) {
  session_cutter cutter;
  CAF_CHECK_EQUAL(cut(cutter, {batch("") + batch("x")}), (strings{head(0), head(1)}));
}

CAF_TEST(a line comes when its payload and its end have) {
  session_cutter cutter;
  CAF_CHECK_EQUAL(cut(cutter, {head(4) + "\nab", "cd"}), strings{});
  CAF_CHECK_EQUAL(cut(cutter, {"\n"}), (strings{head(4)}));
}

CAF_TEST(the pieces make no difference) {
  std::mt19937 random{7};
  std::string all = "{\"type\":\"welcome\"}\n";
  strings expected{"{\"type\":\"welcome\"}"};
  for (auto i = 0; i < 20; ++i) {
    std::string payload(random() % 500, ' ');
    for (auto& byte : payload)
      byte = static_cast<char>(random());
    all += batch(payload);
    expected.push_back(head(payload.size()));
  }
  for (const std::size_t size : {1, 2, 3, 7, 50, 64, 300, 1000, 100'000}) {
    session_cutter cutter;
    CAF_CHECK_EQUAL(cut(cutter, in_pieces(all, size)), expected);
    CAF_CHECK(!cutter.broken());
  }
}

CAF_TEST(no end behind a payload) {
  session_cutter cutter;
  CAF_CHECK_EQUAL(cut(cutter, {head(2) + "\nabc{}\n"}), strings{});
  CAF_CHECK(cutter.broken());
  CAF_CHECK_EQUAL(cut(cutter, {"{}\n"}), strings{});
}

CAF_TEST(a line without an end) {
  session_cutter cutter;
  CAF_CHECK_EQUAL(cut(cutter, {std::string(session_cutter::longest_line, 'x')}), strings{});
  CAF_CHECK(!cutter.broken());
  CAF_CHECK_EQUAL(cut(cutter, {"x"}), strings{});
  CAF_CHECK(cutter.broken());
}
