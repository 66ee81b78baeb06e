#define CAF_SUITE frame_damager

#include "tests/chaos/frame_damager.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace dispatch::chaos;

namespace {

constexpr char data_type = 0;
constexpr char headers_type = 1;

std::string frame(char type, char stream, const std::string& payload) {
  std::string result{'\0', '\0', static_cast<char>(payload.size()), type, '\0', '\0', '\0', '\0', stream};
  return result + payload;
}

/// A reply: headers, a message of 30 bytes in two frames, trailers with END_STREAM.
std::string reply(char stream) {
  auto trailers = frame(headers_type, stream, "bye");
  trailers[4] = 1;
  return frame(headers_type, stream, "hello") + frame(data_type, stream, std::string(20, 'a'))
         + frame(data_type, stream, std::string(15, 'b')) + trailers;
}

/// Passes it in pieces of `size` bytes.
std::string pass(frame_damager& damager, std::string bytes, std::size_t size) {
  for (std::size_t at = 0; at < bytes.size(); at += size)
    damager.pass(bytes.data() + at, std::min(size, bytes.size() - at));
  return bytes;
}

} // namespace

CAF_TEST(without a request nothing changes) {
  const auto bytes = reply(1) + reply(3);
  for (std::size_t size = 1; size < 50; ++size) {
    frame_damager damager{0};
    CAF_CHECK(pass(damager, bytes, size) == bytes);
    CAF_CHECK(!damager.done());
  }
}

CAF_TEST(the header of the next frame is damaged and nothing behind it) {
  const auto bytes = reply(1);
  frame_damager damager{0};
  damager.request(damage::settings_on_a_stream);
  auto expected = bytes;
  expected[3] = 4;
  expected[8] = 1;
  CAF_CHECK(pass(damager, bytes, 1000) == expected);
  CAF_CHECK(damager.done());
}

CAF_TEST(a short ping) {
  frame_damager damager{0};
  damager.request(damage::short_ping);
  const auto damaged = pass(damager, reply(1), 1000);
  CAF_CHECK(damaged.substr(0, 9) == std::string({0, 0, 5, 6, 0, 0, 0, 0, 0}));
  CAF_CHECK(damaged.substr(9) == reply(1).substr(9));
}

CAF_TEST(the preface is no frame) {
  const auto bytes = std::string(frame_damager::preface_size, 'P') + reply(1);
  frame_damager damager{frame_damager::preface_size};
  damager.request(damage::short_ping);
  const auto damaged = pass(damager, bytes, 1000);
  CAF_CHECK(damaged.substr(0, 24) == bytes.substr(0, 24));
  CAF_CHECK_EQUAL(static_cast<int>(damaged[27]), 6);
}

CAF_TEST(a message flag is the first byte of the first data) {
  const auto bytes = reply(1);
  for (std::size_t size = 1; size < 60; ++size) {
    frame_damager damager{0};
    damager.request(damage::message_flag);
    auto expected = bytes;
    expected[14 + 9] = 0x7f;
    CAF_CHECK(pass(damager, bytes, size) == expected);
    CAF_CHECK(damager.done());
  }
}

CAF_TEST(a message flag waits for a message to begin) {
  frame_damager damager{0};
  const auto first = reply(1);
  const auto begun = first.substr(0, 14 + 9 + 5);
  CAF_CHECK(pass(damager, begun, 1000) == begun);
  damager.request(damage::message_flag);
  const auto rest = first.substr(begun.size());
  CAF_CHECK(pass(damager, rest, 1000) == rest);
  auto expected = reply(3);
  expected[14 + 9] = 0x7f;
  CAF_CHECK(pass(damager, reply(3), 1000) == expected);
}

CAF_TEST(a header in pieces is not damaged but the next whole one is) {
  const auto bytes = reply(1);
  frame_damager damager{0};
  CAF_CHECK(pass(damager, bytes.substr(0, 4), 4) == bytes.substr(0, 4));
  damager.request(damage::short_ping);
  const auto damaged = pass(damager, bytes.substr(4), 1000);
  CAF_CHECK(damaged.substr(0, 10) == bytes.substr(4, 10));
  CAF_CHECK_EQUAL(static_cast<int>(damaged[10 + 3]), 6);
}
