#define CAF_SUITE session_checker

#include "apps/pull/session/session_checker.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace dispatch::pull;
using dispatch::session_cursor;

namespace {

/// An epoch of 100 samples, in batches of 40.
struct fixture {
  session_request asked;
  session_cursor place;

  fixture() {
    place.dataset = "d";
    place.order = {100, 10, {}};
  }

  std::string cursor(std::uint64_t epoch, std::int64_t position) const {
    auto at = place;
    at.epoch = epoch;
    at.position = position;
    return to_text(at);
  }

  welcome_line welcome(std::uint64_t epochs = 1) const {
    welcome_line result;
    result.dataset = "d";
    result.samples = 100;
    result.batches = 3;
    result.batch_size = 40;
    result.epochs = epochs;
    result.columns = {{"x", "uint8", std::vector<std::int64_t>{}}};
    result.cursor = to_text(place);
    return result;
  }

  batch_line batch(std::uint64_t seq, std::uint64_t epoch, std::int64_t position, std::int64_t samples) const {
    batch_line result;
    result.seq = seq;
    result.epoch = epoch;
    result.position = position;
    result.samples = samples;
    result.cursor = cursor(epoch, position + samples);
    return result;
  }

  epoch_line end(std::uint64_t epoch, std::uint64_t batches, std::uint64_t samples) const {
    return {epoch, {batches, samples, 0, 0, 0}, cursor(epoch + 1, 0)};
  }

  session_checker opened(std::uint64_t epochs = 1) const {
    session_checker result{asked};
    CAF_REQUIRE_EQUAL(said(result, welcome(epochs)), "");
    return result;
  }

  /// A checker that has seen the batches of an epoch.
  session_checker after_batches(std::uint64_t epochs = 1) const {
    auto result = opened(epochs);
    CAF_REQUIRE_EQUAL(said(result, batch(0, 0, 0, 40)), "");
    CAF_REQUIRE_EQUAL(said(result, batch(1, 0, 40, 40)), "");
    CAF_REQUIRE_EQUAL(said(result, batch(2, 0, 80, 20)), "");
    return result;
  }

  template <class Line>
  static std::string said(session_checker& checker, const Line& line) {
    return checker.accept(line).value_or("");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_checker_tests, fixture)

CAF_TEST(a session that is right) {
  auto checker = after_batches(2);
  CAF_CHECK_EQUAL(said(checker, end(0, 3, 100)), "");
  CAF_CHECK_EQUAL(said(checker, batch(3, 1, 0, 40)), "");
  CAF_CHECK_EQUAL(said(checker, batch(4, 1, 40, 40)), "");
  CAF_CHECK_EQUAL(said(checker, batch(5, 1, 80, 20)), "");
  CAF_CHECK_EQUAL(said(checker, end(1, 3, 100)), "");
  CAF_CHECK(!checker.complete());
  CAF_CHECK_EQUAL(said(checker, eof_line{{6, 200, 0, 0, 0}, cursor(2, 0)}), "");
  CAF_CHECK(checker.complete());
  CAF_CHECK_EQUAL(checker.sums().samples, 200u);
}

CAF_TEST(a session that goes on within an epoch) {
  place.position = 80;
  asked.start = to_text(place);
  auto checker = opened();
  CAF_CHECK_EQUAL(said(checker, batch(0, 0, 80, 20)), "");
  CAF_CHECK_EQUAL(said(checker, end(0, 1, 20)), "");
}

CAF_TEST(batches that do not follow) {
  auto checker = opened();
  CAF_CHECK_EQUAL(said(checker, batch(1, 0, 0, 40)), "seq 1 came where 0 was due");
  CAF_CHECK_EQUAL(said(checker, batch(0, 0, 40, 40)), "it is at position 40, and 0 was due");
  CAF_CHECK_EQUAL(said(checker, batch(0, 1, 0, 40)), "it is of epoch 1, and one of epoch 0 was due");
  CAF_CHECK_EQUAL(said(checker, batch(0, 0, 0, 41)), "it has 41 samples, and 1 to 40 (batch_size) are due");
}

CAF_TEST(positions that are skipped leave gaps) {
  place.skips = {{0, {0, 10}}};
  auto checker = opened();
  CAF_CHECK_EQUAL(said(checker, batch(0, 0, 10, 40)), "");
  CAF_CHECK_EQUAL(said(checker, batch(1, 0, 40, 40)), "it is at position 40, and 50 was due");
}

CAF_TEST(cursors that are wrong) {
  auto checker = opened();
  auto next = batch(0, 0, 0, 40);
  next.cursor = "cursor=1";
  CAF_CHECK(said(checker, next).find("its cursor is bad: ") == 0);
  next.cursor = cursor(0, 0);
  CAF_CHECK_EQUAL(said(checker, next),
                  "its cursor is at epoch 0, position 0, which is not behind position 0 of epoch 0");
  auto other = place;
  other.order.block = 11;
  other.position = 40;
  next.cursor = to_text(other);
  CAF_CHECK(said(checker, next).find("its cursor is of another order: cursor=1,order=1,dataset=d,samples=100,block=11")
            == 0);
}

CAF_TEST(ends of epochs that do not count what came) {
  auto checker = after_batches();
  CAF_CHECK_EQUAL(said(checker, end(1, 3, 100)), "epoch 1 is said to be over, and epoch 0 is due");
  CAF_CHECK_EQUAL(said(checker, end(0, 2, 100)), "epoch 0 says 2 batches, and 3 came");
  CAF_CHECK_EQUAL(said(checker, end(0, 3, 99)), "epoch 0 says 99 samples, and 100 came");
  auto over = end(0, 3, 100);
  over.given.dropped = 5;
  CAF_CHECK_EQUAL(said(checker, over),
                  "epoch 0 has 105 samples (without 0 padded, with 5 dropped), and welcome said 100");
  over = end(0, 3, 100);
  over.cursor = cursor(0, 100);
  CAF_CHECK_EQUAL(said(checker, over),
                  "epoch 0 is over, and its cursor is at epoch 0, position 100 and not at the next one's beginning");
}

CAF_TEST(an epoch that lacks batches) {
  auto checker = opened();
  CAF_CHECK_EQUAL(said(checker, batch(0, 0, 0, 40)), "");
  CAF_CHECK_EQUAL(said(checker, end(0, 1, 40)), "epoch 0 has 1 batches, and welcome said 3");
}

CAF_TEST(an epoch of what cannot be counted has batches all the same) {
  place.order.samples = 0;
  session_checker checker{asked};
  auto line = welcome();
  line.samples.reset();
  line.batches.reset();
  line.cursor = to_text(place);
  CAF_REQUIRE_EQUAL(said(checker, line), "");
  CAF_CHECK_EQUAL(said(checker, end(0, 0, 0)),
                  "epoch 0 has 0 batches from its beginning to its end, and 1 or more are due");
  auto next = batch(0, 0, 0, 1);
  next.samples.reset();
  CAF_CHECK_EQUAL(said(checker, next), "");
  CAF_CHECK_EQUAL(said(checker, end(0, 1, 0)), "");
}

CAF_TEST(an eof that comes too early or counts wrong) {
  auto checker = after_batches(2);
  const eof_line over{{3, 100, 0, 0, 0}, cursor(1, 0)};
  CAF_CHECK_EQUAL(said(checker, over), "eof came after 3 batches of epoch 0, and before the end of that epoch");
  CAF_REQUIRE_EQUAL(said(checker, end(0, 3, 100)), "");
  CAF_CHECK_EQUAL(said(checker, over), "eof came before epoch 1, and welcome said 2 epochs");
  auto single = after_batches();
  CAF_REQUIRE_EQUAL(said(single, end(0, 3, 100)), "");
  CAF_CHECK_EQUAL(said(single, eof_line{{4, 100, 0, 0, 0}, cursor(1, 0)}), "eof says 4 batches, and 3 came");
  CAF_CHECK_EQUAL(said(single, eof_line{{3, 90, 0, 0, 0}, cursor(1, 0)}), "eof says 90 samples, and 100 came");
  CAF_CHECK_EQUAL(said(single, eof_line{{3, 100, 1, 0, 0}, cursor(1, 0)}), "eof says 1 padded samples, and 0 came");
}

CAF_TEST(a welcome that is not what was asked for) {
  const auto welcomed = [this](const welcome_line& line) {
    session_checker checker{asked};
    return said(checker, line);
  };
  asked.batch_size = 30;
  CAF_CHECK_EQUAL(welcomed(welcome()), "welcome has batch_size 40, and 30 was asked for");
  asked = {};
  asked.seed = 7;
  CAF_CHECK_EQUAL(welcomed(welcome()), "welcome has seed none, and 7 was asked for");
  asked = {};
  asked.shard_count = 2;
  CAF_CHECK_EQUAL(welcomed(welcome()), "welcome has shard 0/1, and 0/2 was asked for");
  asked = {};
  asked.columns = {"y"};
  CAF_CHECK_EQUAL(welcomed(welcome()), R"(welcome has column "x", and "y" was asked for)");
  asked = {};
  asked.start = cursor(0, 50);
  CAF_CHECK(welcomed(welcome()).find("welcome has cursor ") == 0);
  asked = {};
  auto line = welcome();
  line.samples = 99;
  CAF_CHECK_EQUAL(welcomed(line), "welcome has 99 samples, and its cursor 100");
}

CAF_TEST_FIXTURE_SCOPE_END()
