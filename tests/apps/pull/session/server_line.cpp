#define CAF_SUITE server_line

#include "apps/pull/session/server_line.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <variant>

#include "wire/session/server_lines.hpp"

using namespace dispatch::pull;

namespace {

/// A line that the dispatcher's encoder has written.
template <class Line>
Line parsed(const std::string& text) {
  CAF_REQUIRE_EQUAL(text.back(), '\n');
  auto result = parse_server_line(std::string_view{text}.substr(0, text.size() - 1));
  if (const auto* bad = std::get_if<malformed_line>(&result))
    CAF_FAIL(bad->reason);
  CAF_REQUIRE(std::holds_alternative<Line>(result));
  return std::get<Line>(result);
}

std::string problem(const std::string& text) {
  const auto result = parse_server_line(text);
  const auto* bad = std::get_if<malformed_line>(&result);
  return bad != nullptr ? bad->reason : "";
}

} // namespace

CAF_TEST(a welcome of the dispatcher) {
  dispatch::welcome said;
  said.session = "client_1";
  said.dataset = "mnist";
  said.fingerprint = dispatch::fingerprint{0x1f};
  said.samples = 60000;
  said.batches = 469;
  said.batch_size = 64;
  said.epochs = 3;
  said.order = {60000, 30, dispatch::shuffle_spec{18446744073709551615u, 713}};
  said.shard = {1, 2};
  said.columns = {{"image", {}, "uint8", {28, 28}, 784}, {"label", "label", "int64", {}, 8}};
  said.cursor = "cursor=1";
  const auto got = parsed<welcome_line>(dispatch::encode_welcome(said));
  CAF_CHECK_EQUAL(got.session, "client_1");
  CAF_CHECK_EQUAL(got.fingerprint, "000000000000001f");
  CAF_CHECK_EQUAL(got.samples.value(), 60000);
  CAF_CHECK_EQUAL(got.batches.value(), 469);
  CAF_CHECK_EQUAL(got.epochs.value(), 3u);
  CAF_CHECK_EQUAL(got.shuffle.value().seed, 18446744073709551615u);
  CAF_CHECK_EQUAL(got.shuffle.value().window, 713);
  CAF_CHECK_EQUAL(got.shard_index, 1);
  CAF_CHECK_EQUAL(got.shard_count, 2);
  CAF_REQUIRE_EQUAL(got.columns.size(), 2u);
  CAF_CHECK_EQUAL(got.columns[0].row_bytes(), 784u);
  CAF_CHECK_EQUAL(got.columns[1].row_bytes(), 8u);
}

CAF_TEST(a welcome of a dataset that cannot be counted) {
  dispatch::welcome said;
  said.columns = {{"data", {}, "", {}, 0}};
  const auto got = parsed<welcome_line>(dispatch::encode_welcome(said));
  CAF_CHECK(!got.samples && !got.batches && !got.epochs && !got.shuffle);
  CAF_CHECK_EQUAL(got.columns.front().row_bytes(), 0u);
}

CAF_TEST(other lines of the dispatcher) {
  const auto over = parsed<epoch_line>(dispatch::encode_epoch(4, {1, 2, 3, 5, 6}, "c"));
  CAF_CHECK_EQUAL(over.epoch, 4u);
  CAF_CHECK_EQUAL(over.given.batches, 1u);
  CAF_CHECK_EQUAL(over.given.samples, 2u);
  CAF_CHECK_EQUAL(over.given.padded, 3u);
  CAF_CHECK_EQUAL(over.given.dropped, 5u);
  CAF_CHECK_EQUAL(over.given.skipped, 6u);
  CAF_CHECK_EQUAL(parsed<eof_line>(dispatch::encode_eof({7, 8, 0, 0, 0}, "c")).given.samples, 8u);
  const auto wait =
    parsed<wait_line>(dispatch::encode_wait({"upstream", std::chrono::milliseconds{1500}, "it is slow"}));
  CAF_CHECK_EQUAL(wait.on, "upstream");
  CAF_CHECK_EQUAL(wait.seconds, 1.5);
  CAF_CHECK_EQUAL(wait.why, "it is slow");
  CAF_CHECK_EQUAL(parsed<drain_line>(dispatch::encode_drain("SIGTERM", "c")).cursor, "c");
  const auto error = parsed<error_line>(dispatch::encode_session_error({dispatch::status_code::not_found, "no"}, ""));
  CAF_CHECK_EQUAL(error.code, "NOT_FOUND");
  CAF_CHECK_EQUAL(error.cursor, "");
  parsed<pong_line>(dispatch::encode_pong());
}

CAF_TEST(a batch) {
  const auto got = parsed<batch_line>(R"({"type":"batch","seq":2,"epoch":1,"position":64,"samples":32,"cursor":"c",)"
                                      R"("columns":[{"name":"x","offset":0,"bytes":30},{"name":"y","offset":64,)"
                                      R"("bytes":4}],"payload_bytes":68,"crc32":4294967295,"new":[1]})"
                                      "\n");
  CAF_CHECK_EQUAL(got.seq, 2u);
  CAF_CHECK_EQUAL(got.samples.value(), 32);
  CAF_REQUIRE_EQUAL(got.columns.size(), 2u);
  CAF_CHECK_EQUAL(got.columns[1].offset, 64u);
  CAF_CHECK_EQUAL(got.payload_bytes, 68u);
  CAF_CHECK_EQUAL(got.crc32.value(), 4294967295u);
}

CAF_TEST(lines that are malformed) {
  CAF_CHECK_EQUAL(problem("nonsense\x01"), R"(it is not JSON: "nonsense\x01")");
  CAF_CHECK_EQUAL(problem("[]"), "it is not a JSON object");
  CAF_CHECK_EQUAL(problem("{}"), R"("type" is missing)");
  CAF_CHECK_EQUAL(problem(R"({"type":"other"})"), R"("type" is "other", which is not known)");
  CAF_CHECK_EQUAL(problem(R"({"type":"batch","seq":-1})"), R"("seq" is -1, and not a whole number)");
  CAF_CHECK_EQUAL(problem(R"({"type":"batch"})"), R"("seq" is missing)");
  CAF_CHECK_EQUAL(problem(R"({"type":"drain","message":3})"), R"("message" is 3, and not a string)");
  CAF_CHECK_EQUAL(problem(R"({"type":"welcome","version":2})"), R"("version" is 2, and this program knows 1)");
  CAF_CHECK_EQUAL(problem(R"({"type":"epoch","epoch":18446744073709551616})"),
                  R"("epoch" is 1.8446744073709552e+19, and not a whole number)");
}
