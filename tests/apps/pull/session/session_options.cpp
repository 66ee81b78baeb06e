#define CAF_SUITE session_options

#include "apps/pull/session/session_options.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <variant>
#include <vector>

#include "wire/session/cursor.hpp"

using namespace dispatch::pull;

namespace {

std::variant<options, early_exit> parsed(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "dispatcher-pull");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

options taken(std::vector<const char*> arguments) {
  auto result = parsed(std::move(arguments));
  if (const auto* early = std::get_if<early_exit>(&result))
    CAF_FAIL(early->text);
  return std::get<options>(std::move(result));
}

/// Without the program's name in front, and what is said behind it.
std::string refused(std::vector<const char*> arguments) {
  const auto result = parsed(std::move(arguments));
  const auto* early = std::get_if<early_exit>(&result);
  CAF_REQUIRE(early != nullptr);
  CAF_CHECK_EQUAL(early->code, exit_usage);
  const std::string name = "dispatcher-pull: ";
  CAF_REQUIRE_EQUAL(early->text.substr(0, name.size()), name);
  const auto text = early->text.substr(name.size(), early->text.size() - name.size() - 1);
  return text.substr(0, text.find(" (see --help)"));
}

} // namespace

CAF_TEST(a pass is no session) {
  const auto got = taken({});
  CAF_CHECK(!got.session);
  CAF_CHECK_EQUAL(got.server.port, 8080);
}

CAF_TEST(where sessions are served) {
  CAF_CHECK_EQUAL(taken({"--session"}).server.port, 8090);
  CAF_CHECK_EQUAL(taken({"--session", "--connect", "gpu7"}).server.port, 8090);
  CAF_CHECK_EQUAL(taken({"--session", "--connect", "gpu7"}).server.host, "gpu7");
  CAF_CHECK_EQUAL(taken({"--session", "--connect", "gpu7:8080"}).server.port, 8080);
}

CAF_TEST(what is asked for goes into the hello) {
  CAF_CHECK_EQUAL(hello_text(*taken({"--session"}).session),
                  "{\"type\":\"hello\",\"version\":1,\"payload\":\"raw\"}\n");
  const auto got = taken({"--session",
                          "--dataset",
                          "d",
                          "--batch-size",
                          "64",
                          "--shuffle",
                          "18446744073709551615",
                          "--shuffle-window",
                          "5",
                          "--shard",
                          "1/4",
                          "--epochs",
                          "0",
                          "--ends",
                          "pad",
                          "--columns",
                          "a,b",
                          "--checksum",
                          "--client",
                          "me"});
  CAF_CHECK_EQUAL(hello_text(*got.session),
                  R"({"type":"hello","version":1,"payload":"raw","client":"me","dataset":"d","batch_size":64,)"
                  R"("shuffle":{"seed":18446744073709551615,"window":5},"shard":{"index":1,"count":4},"epochs":0,)"
                  R"("ends":"pad","columns":["a","b"],"checksum":"crc32"})"
                  "\n");
}

CAF_TEST(a cursor is checked before anything else happens) {
  const auto cursor = to_text(dispatch::session_cursor{"d", {}, {100, 10, {}}, 3, 40, {}});
  CAF_CHECK_EQUAL(taken({"--session", "--start", cursor.c_str()}).session->start, cursor);
  CAF_CHECK_EQUAL(refused({"--session", "--start", "abc"}),
                  "--start: this is no cursor: 'abc' does not have the form 'cursor=...,check=...'");
}

CAF_TEST(options of sessions need a session) {
  CAF_CHECK_EQUAL(refused({"--shuffle", "7"}), "--shuffle: is of sessions, and there is no --session");
  CAF_CHECK_EQUAL(refused({"--cursor-file", "c"}), "--cursor-file: is of sessions, and there is no --session");
  CAF_CHECK_EQUAL(refused({"--checksum"}), "--checksum: is of sessions, and there is no --session");
}

CAF_TEST(options of passes make no sense in a session) {
  CAF_CHECK_EQUAL(refused({"--session", "--passes", "2"}),
                  "--passes: makes no sense with --session; a session has --epochs");
  CAF_CHECK_EQUAL(refused({"--session", "--sample", "uint8:2"}),
                  "--sample: makes no sense with --session; a session says itself what a sample is");
  CAF_CHECK_EQUAL(refused({"--session", "--admin", "none"}),
                  "--admin: makes no sense with --session; a session says itself what the dispatcher waits for");
}

CAF_TEST(values that are none) {
  CAF_CHECK_EQUAL(refused({"--session", "--shard", "4/4"}),
                  "--shard: got '4/4', takes I/N with I from 0 to N - 1, such as 0/4");
  CAF_CHECK_EQUAL(refused({"--session", "--shard", "x"}),
                  "--shard: got 'x', takes I/N with I from 0 to N - 1, such as 0/4");
  CAF_CHECK_EQUAL(refused({"--session", "--ends", "now"}), "--ends: got 'now', takes uneven, drop or pad");
  CAF_CHECK_EQUAL(refused({"--session", "--columns", "a,,b"}),
                  "--columns: got 'a,,b', takes names that differ, such as image,label");
  CAF_CHECK_EQUAL(refused({"--session", "--columns", "a,b,a"}),
                  "--columns: got 'a,b,a', takes names that differ, such as image,label");
  CAF_CHECK_EQUAL(refused({"--session", "--shuffle-window", "5"}), "--shuffle-window: takes --shuffle SEED beside it");
}
