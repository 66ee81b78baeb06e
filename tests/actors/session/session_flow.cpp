#define CAF_SUITE session_flow

#include "actors/session/session_port.hpp"

#include <algorithm>

#include "tests/actors/session/session_fixture.hpp"
#include "tests/support/batches.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// Bytes that a client may send ahead of what was read of them.
constexpr std::size_t most_ahead = 2 * longest_client_line;

struct fixture : test::session_fixture {
  fixture() { blocks->dataset.samples = 10'000; }

  std::ptrdiff_t count_of(const std::string& type) const {
    const auto all = types();
    return std::count(all.begin(), all.end(), type);
  }

  static std::string pings(int count) {
    std::string result;
    for (; count > 0; --count)
      result += "{\"type\":\"ping\"}\n";
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_flow_tests, fixture)

// -- batches ----------------------------------------------------------------------------------------------------------

CAF_TEST(nothing is asked for on behalf of a client that does not read) {
  open();
  for (const auto i : {0, 1, 2})
    give_block(i);
  pass_with_ticks(200s);
  CAF_CHECK(blocks->requested().empty());
  CAF_CHECK_EQUAL(count_of("batch"), 3);
  // The welcome is no batch.
  written(1);
  CAF_CHECK(blocks->requested().empty());
  written(1);
  CAF_CHECK_EQUAL(blocks->requested(), (indices{3}));
  written(2);
  CAF_CHECK_EQUAL(blocks->requested(), (indices{3, 4, 5}));
}

CAF_TEST(no more batches are put together than a client may have ahead) {
  options.window = {4, 4};
  open(fours_hello);
  for (const auto ticket : tickets())
    give_rows(ticket);
  pass_with_ticks(200s);
  CAF_CHECK(tickets().empty());
  CAF_CHECK_EQUAL(count_of("batch"), 4);
  written(3);
  CAF_CHECK_EQUAL(tickets().size(), 2u);
}

CAF_TEST(part of a message makes no room) {
  open();
  for (const auto i : {0, 1, 2})
    give_block(i);
  written(1);
  written(0);
  CAF_CHECK(blocks->requested().empty());
}

CAF_TEST(a client chooses how far ahead it is) {
  open(R"({"type":"hello","window":5})");
  CAF_CHECK_EQUAL(blocks->wanted.size(), 5u);
}

CAF_TEST(a client may be ahead by 64 MiB at most) {
  start();
  say(R"({"type":"hello","window":100})");
  // Ten samples of a MiB.
  describe({"numbers", 10'000, {1 << 20}, "uint8"});
  give_block(0, test::make_batch(0, false, std::string(std::size_t{10} << 20, 'x')));
  CAF_CHECK_EQUAL(blocks->wanted.size(), 6u);
}

CAF_TEST(a client may have one batch however large it is) {
  start();
  say(R"({"type":"hello","window":100})");
  describe({"numbers", 10'000, {10 << 20}, "uint8"});
  give_block(0, test::make_batch(0, false, std::string(std::size_t{100} << 20, 'x')));
  CAF_CHECK_EQUAL(blocks->wanted.size(), 1u);
}

CAF_TEST(a client that keeps up is given more ahead) {
  options.window = {2, 16};
  blocks->has_all = true;
  open();
  for (auto i = 0; i < 8; ++i)
    written(static_cast<std::uint32_t>(report().window.unsent) + (i == 0 ? 1 : 0));
  CAF_CHECK_EQUAL(report().window.size, 16u);
  CAF_CHECK_EQUAL(report().window.unsent, 16u);
}

// -- input ------------------------------------------------------------------------------------------------------------

CAF_TEST(a client that does not read its answers is not read either) {
  open();
  written(1);
  send_bytes(pings(100));
  CAF_CHECK_EQUAL(count_of("pong"), 64);
  pass_with_ticks(1s);
  CAF_CHECK_EQUAL(count_of("pong"), 64);
  written(1);
  CAF_CHECK_EQUAL(count_of("pong"), 65);
  written(64);
  CAF_CHECK_EQUAL(count_of("pong"), 100);
}

CAF_TEST(a client that does not read may send only so much) {
  start();
  say(plain_hello);
  CAF_CHECK_EQUAL(sent->input_allowed, most_ahead);
  describe();
  give_block(0);
  const auto lines = pings(64);
  while (input + lines.size() <= sent->input_allowed)
    send_bytes(lines);
  // What was read of it are the lines that are answered.
  CAF_CHECK(sent->input_allowed <= most_ahead + lines.size() + 64);
  const auto allowed = sent->input_allowed;
  pass_with_ticks(5s);
  CAF_CHECK_EQUAL(sent->input_allowed, allowed);
  for (auto i = 0; i < 200; ++i)
    written(64);
  CAF_CHECK(sent->input_allowed > allowed);
}

CAF_TEST(a client that reads may send without end) {
  open();
  for (auto i = 0; i < 250; ++i) {
    send_bytes(pings(60));
    written(100);
    CAF_CHECK(sent->input_allowed - input <= most_ahead);
    CAF_CHECK(sent->input_allowed - input > longest_client_line / 2);
  }
  CAF_CHECK_EQUAL(count_of("pong"), 15'000);
}

CAF_TEST(batches wait for room and pongs do not wait for batches) {
  open();
  for (const auto i : {0, 1, 2})
    give_block(i);
  send_bytes(pings(2));
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "batch", "batch", "pong", "pong"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
