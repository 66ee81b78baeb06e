#define CAF_SUITE team_progress

#include "tests/chaos/session/team_progress.hpp"

#include <caf/test/unit_test.hpp>

#include <list>
#include <string>
#include <vector>

#include "tests/chaos/suites/session/said_session.hpp"

using namespace dispatch;
using namespace dispatch::chaos;

namespace {

/// One stint of a team, whose ranks are given as much as a test says.
class stint {
public:
  stint(const team_plan& team, std::int64_t ranks, std::int64_t batch_size, const team_progress& progress) {
    for (std::int64_t rank = 0; rank < ranks; ++rank) {
      said_session::options options;
      options.team = team;
      options.stint.batch_size = batch_size;
      options.stint.readers.resize(static_cast<std::size_t>(ranks));
      options.rank = rank;
      if (progress.cursor())
        options.from = order_place{progress.cursor()->epoch, progress.cursor()->position};
      sessions_.emplace_back(options);
      judges_.emplace_back(said_session::known(), sessions_.back().wish());
    }
  }

  /// Gives the next rank so many messages.
  void give(std::size_t messages) {
    auto session = sessions_.begin();
    auto judge = judges_.begin();
    std::advance(session, given_);
    std::advance(judge, given_);
    ++given_;
    if (messages < session->messages().size())
      session->messages().resize(messages);
    judge->take(session->text());
    CAF_REQUIRE_EQUAL(judge->problem().value_or(""), "");
  }

  std::vector<const session_judge*> judges() const {
    std::vector<const session_judge*> result;
    for (const auto& each : judges_)
      result.push_back(&each);
    return result;
  }

private:
  std::list<said_session> sessions_;
  std::list<session_judge> judges_;
  std::ptrdiff_t given_ = 0;
};

constexpr std::size_t all = 1000;

team_plan two_epochs() {
  return said_session::options{}.team;
}

std::string cursor_of(const team_progress& progress) {
  const auto& at = progress.cursor();
  return at ? std::to_string(at->epoch) + ":" + std::to_string(at->position) : "none";
}

std::string end(team_progress& progress, const stint& over) {
  return progress.end_stint(over.judges()).value_or("");
}

} // namespace

CAF_TEST(one rank in one stint) {
  const auto team = two_epochs();
  team_progress progress{said_session::known().count(), team};
  stint only{team, 1, 3, progress};
  only.give(all);
  CAF_CHECK_EQUAL(end(progress, only), "");
  CAF_CHECK(progress.complete());
  CAF_CHECK_EQUAL(progress.epochs(), 2u);
  CAF_CHECK_EQUAL(progress.samples(), 22u);
}

CAF_TEST(a stint ends where the rank is that has come least far) {
  const auto team = two_epochs();
  team_progress progress{said_session::known().count(), team};
  stint first{team, 2, 2, progress};
  first.give(all); // Position 11, and beyond.
  first.give(2);   // A welcome and one batch.
  CAF_CHECK_EQUAL(end(progress, first), "");
  CAF_CHECK_EQUAL(cursor_of(progress), "0:4");
  CAF_CHECK_EQUAL(progress.samples(), 4u);
  stint second{team, 1, 5, progress};
  second.give(all);
  CAF_CHECK_EQUAL(end(progress, second), "");
  CAF_CHECK(progress.complete());
  CAF_CHECK_EQUAL(progress.epochs(), 2u);
  CAF_CHECK_EQUAL(progress.samples(), 22u);
}

CAF_TEST(a stint in which a rank got nothing brings nothing) {
  const auto team = two_epochs();
  team_progress progress{said_session::known().count(), team};
  stint silent{team, 2, 2, progress};
  silent.give(all);
  silent.give(0);
  CAF_CHECK_EQUAL(end(progress, silent), "");
  CAF_CHECK_EQUAL(cursor_of(progress), "0:0");
  CAF_CHECK_EQUAL(progress.samples(), 0u);
}

CAF_TEST(a stint may end at the last batch of an epoch or behind it) {
  const auto team = two_epochs();
  for (const std::size_t messages : {5, 6}) { // A welcome and four batches; and the end of the epoch.
    team_progress progress{said_session::known().count(), team};
    stint first{team, 1, 3, progress};
    first.give(messages);
    CAF_CHECK_EQUAL(end(progress, first), "");
    CAF_CHECK_EQUAL(cursor_of(progress), messages == 5 ? "0:11" : "1:0");
    CAF_CHECK_EQUAL(progress.epochs(), messages == 5 ? 0u : 1u);
    stint second{team, 3, 1, progress};
    for (auto rank = 0; rank < 3; ++rank)
      second.give(all);
    CAF_CHECK_EQUAL(end(progress, second), "");
    CAF_CHECK(progress.complete());
    CAF_CHECK_EQUAL(progress.epochs(), 2u);
  }
}

CAF_TEST(a sample that comes in two stints is noticed) {
  const auto team = two_epochs();
  team_progress progress{said_session::known().count(), team};
  for (const auto* problem : {"", "came twice in epoch 0"}) {
    const team_progress fresh{said_session::known().count(), team};
    stint same{team, 1, 3, fresh};
    same.give(3);
    CAF_CHECK(end(progress, same).find(problem) != std::string::npos);
  }
}

CAF_TEST(samples that never come are noticed) {
  const auto team = two_epochs();
  team_progress progress{said_session::known().count(), team};
  team_progress elsewhere{said_session::known().count(), team};
  stint first{team, 1, 3, elsewhere};
  first.give(2);
  CAF_CHECK_EQUAL(end(elsewhere, first), "");
  stint second{team, 1, 3, elsewhere};
  second.give(all);
  CAF_CHECK(end(progress, second).find("epoch 0 is over with 8 samples, 0 dropped and 0 skipped") != std::string::npos);
}

CAF_TEST(skipped samples are not missed) {
  auto team = two_epochs();
  team.skips = {{0, {2, 5}}};
  team_progress progress{said_session::known().count(), team};
  stint first{team, 1, 3, progress};
  first.give(2);
  CAF_CHECK_EQUAL(end(progress, first), "");
  CAF_CHECK_EQUAL(cursor_of(progress), "0:6");
  stint second{team, 2, 2, progress};
  second.give(all);
  second.give(all);
  CAF_CHECK_EQUAL(end(progress, second), "");
  CAF_CHECK(progress.complete());
  CAF_CHECK_EQUAL(progress.samples(), 19u);
}
