#define CAF_SUITE session_batches

#include "actors/session/session_port.hpp"

#include "tests/actors/session/session_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/plain_base64.hpp"

using namespace dispatch;
using fixture = test::session_fixture;

CAF_TEST_FIXTURE_SCOPE(session_batches_tests, fixture)

CAF_TEST(batches leave in order whatever the order of the answers) {
  open();
  CAF_CHECK_EQUAL(blocks->requested(), (indices{0, 1, 2}));
  give_block(2);
  give_block(1);
  CAF_CHECK_EQUAL(types(), (words{"welcome"}));
  give_block(0);
  CAF_REQUIRE_EQUAL(types(), (words{"welcome", "batch", "batch", "batch"}));
  written(4);
  CAF_CHECK_EQUAL(blocks->requested(), (indices{3}));
  give_block(3);
  CAF_REQUIRE_EQUAL(types(), (words{"welcome", "batch", "batch", "batch", "batch", "epoch", "eof"}));
  for (std::int64_t i = 0; i < 4; ++i) {
    const auto batch = message(static_cast<std::size_t>(i) + 1);
    CAF_CHECK(batch.at("seq") == i);
    CAF_CHECK(batch.at("epoch") == 0);
    CAF_CHECK(batch.at("position") == 10 * i);
    CAF_CHECK(batch.at("samples") == (i < 3 ? 10 : 5));
    CAF_CHECK(place_of(batch) == std::make_pair(std::uint64_t{0}, std::min<std::int64_t>(10 * i + 10, 35)));
    const auto block = blocks->dataset.received_block(static_cast<std::int32_t>(i));
    CAF_CHECK_EQUAL(batch.at("columns").at(0).at("data"), test::plain_base64(test::data_of(block)));
  }
  const auto epoch = message(5);
  CAF_CHECK(epoch.at("batches") == 4);
  CAF_CHECK(epoch.at("samples") == 35);
  CAF_CHECK(place_of(epoch) == std::make_pair(std::uint64_t{1}, std::int64_t{0}));
  CAF_CHECK(last().at("batches") == 4);
  CAF_CHECK(sent->finished);
}

CAF_TEST(a session whose last message has left is complete) {
  blocks->has_all = true;
  options.window = {9, 9};
  open();
  written(7);
  lose_connection();
  CAF_CHECK_EQUAL(end().fields.at("outcome"), "complete");
  CAF_CHECK_EQUAL(end().fields.at("batches"), "4");
  CAF_CHECK_EQUAL(end().fields.at("bytes"), "700");
}

CAF_TEST(blocks that follow each other are asked for by one question) {
  options.window = {4, 4};
  open();
  CAF_REQUIRE_EQUAL(blocks->questions.size(), 2u);
  CAF_CHECK_EQUAL(blocks->questions[1].first.index, 0);
  CAF_CHECK_EQUAL(blocks->questions[1].count, 4);
}

CAF_TEST(batches that are no blocks come from the assembler of the order) {
  open(fours_hello);
  CAF_CHECK_EQUAL(types(), (words{"welcome"}));
  CAF_CHECK(message(0).at("batches") == 9);
  CAF_CHECK(blocks->requested().empty());
  CAF_REQUIRE_EQUAL(orders->opened.size(), 1u);
  const auto& key = orders->opened[0].key;
  CAF_CHECK_EQUAL(key.dataset, "numbers");
  CAF_CHECK_EQUAL(key.asked_block, 10);
  CAF_CHECK(key.order == (order_spec{35, 10, std::nullopt}));
  CAF_CHECK_EQUAL(orders->opened[0].columns.size(), 2u);
  const auto asked = tickets();
  CAF_REQUIRE_EQUAL(asked.size(), 3u);
  CAF_CHECK(orders->wanted.at(asked[2]).positions == (std::vector<position_range>{{8, 12}}));
  give_rows(asked[1]);
  CAF_CHECK_EQUAL(types(), (words{"welcome"}));
  give_rows(asked[0]);
  CAF_REQUIRE_EQUAL(types(), (words{"welcome", "batch", "batch"}));
  CAF_CHECK(last().at("position") == 4);
  CAF_CHECK_EQUAL(last().at("columns").at(1).at("data"), test::plain_base64("\4\5\6\7"));
}

CAF_TEST(a block of the dataset comes whole also where most batches do not ) {
  open(R"({"type":"hello","batch_size":20,"shard":{"index":1,"count":2},"start":{"sample":10}})");
  // The shard has the last five samples, which are the last block.
  CAF_CHECK_EQUAL(blocks->requested(), (indices{3}));
  CAF_CHECK(orders->opened.empty());
}

CAF_TEST(one epoch follows the other) {
  blocks->has_all = true;
  options.window = {20, 20};
  open(R"({"type":"hello","epochs":2})");
  CAF_REQUIRE_EQUAL(types(), (words{"welcome", "batch", "batch", "batch", "batch", "epoch", "batch", "batch", "batch",
                                    "batch", "epoch", "eof"}));
  CAF_CHECK(message(6).at("epoch") == 1);
  CAF_CHECK(message(6).at("seq") == 4);
  CAF_CHECK(message(6).at("position") == 0);
  CAF_CHECK(last().at("samples") == 70);
}

CAF_TEST(a session goes on at a cursor and need not see the first block) {
  const auto description = blocks->dataset.description();
  const session_cursor cursor{"numbers", fingerprint_of(description), {35, 10, std::nullopt}, 3, 20, {}};
  blocks->has_all = true;
  open(R"({"type":"hello","start":{"cursor":")" + to_text(cursor) + R"("}})");
  CAF_CHECK_EQUAL(blocks->questions.at(0).first.index, 2);
  CAF_CHECK_EQUAL(message(0).at("cursor"), to_text(cursor));
  CAF_CHECK(message(1).at("epoch") == 3);
  CAF_CHECK(message(1).at("position") == 20);
  CAF_CHECK(message(1).at("seq") == 0);
}

CAF_TEST(a dataset whose samples cannot be counted comes in whole blocks) {
  start();
  say(plain_hello);
  fail_description(status_code::unimplemented);
  give_block(0);
  CAF_CHECK(message(0).at("samples").is_null());
  CAF_CHECK(message(0).at("batches").is_null());
  give_block(0);
  give_block(1);
  fail_block(2, status_code::out_of_range);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "batch", "epoch", "eof"}));
  CAF_CHECK(message(1).at("samples").is_null());
  CAF_CHECK(place_of(message(1)) == std::make_pair(std::uint64_t{0}, std::int64_t{1}));
}

CAF_TEST(a client that says raw gets bytes behind the line) {
  open(R"({"type":"hello","payload":"raw"})");
  give_block(0);
  const auto& text = sent->lines.at(1);
  CAF_CHECK(message(1).at("payload_bytes") == 64 + 10);
  CAF_CHECK_EQUAL(text.size() - text.find('\n'), 1u + 74u + 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
