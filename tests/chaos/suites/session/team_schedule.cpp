#define CAF_SUITE team_schedule

#include "tests/chaos/session/team_schedule.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "tests/chaos/session/kill_schedule.hpp"
#include "tests/chaos/session/session_hello.hpp"
#include "wire/session/client_message.hpp"

using namespace dispatch;
using namespace dispatch::chaos;
using namespace std::chrono_literals;

namespace {

constexpr int many = 2000;

std::vector<team_plan> teams_of(std::uint64_t seed, int count) {
  team_schedule schedule{seed, {}};
  std::vector<team_plan> result;
  for (auto i = 0; i < count; ++i)
    result.push_back(schedule.next());
  return result;
}

std::vector<stint_plan> stints_of(const team_plan& team, int count) {
  stint_schedule schedule{team, {}};
  std::vector<stint_plan> result;
  for (auto i = 0; i < count; ++i)
    result.push_back(schedule.next());
  return result;
}

std::vector<std::string> lines_of(std::uint64_t seed) {
  std::vector<std::string> result;
  for (const auto& team : teams_of(seed, 20)) {
    result.push_back(describe(team));
    for (const auto& stint : stints_of(team, 20))
      result.push_back(describe(stint));
  }
  return result;
}

} // namespace

CAF_TEST(a seed always makes the same teams and stints) {
  for (const std::uint64_t seed : {0, 1, 27})
    CAF_CHECK(lines_of(seed) == lines_of(seed));
  CAF_CHECK(lines_of(1) != lines_of(2));
}

CAF_TEST(every kind of reader and every form comes) {
  std::set<reader_kind> kinds;
  std::set<std::pair<epoch_end, payload_form>> forms;
  std::set<std::int64_t> ranks;
  for (const auto& stint : stints_of(teams_of(3, 1).front(), many)) {
    forms.emplace(stint.ends, stint.payload);
    ranks.insert(stint.ranks());
    for (const auto& reader : stint.readers)
      kinds.insert(reader.kind);
  }
  CAF_CHECK_EQUAL(kinds.size(), all_reader_kinds.size());
  CAF_CHECK_EQUAL(forms.size(), 6u);
  CAF_CHECK_EQUAL(ranks.size(), 4u);
}

CAF_TEST(one reader at most breaks off some of the stints) {
  auto broken = 0;
  for (const auto& stint : stints_of(teams_of(4, 1).front(), many)) {
    auto breaking = 0;
    for (const auto& reader : stint.readers)
      breaking += reader.breaks_off() ? 1 : 0;
    CAF_CHECK(breaking <= 1);
    broken += breaking;
  }
  CAF_CHECK(broken > many / 3);
  CAF_CHECK(broken < many * 2 / 3);
}

CAF_TEST(the last stint goes on to the end) {
  stint_schedule schedule{teams_of(5, 1).front(), {}};
  for (auto i = 0; i < many; ++i) {
    const auto stint = schedule.last();
    CAF_CHECK(!stint.steps && !stint.to_epoch_end);
    for (const auto& reader : stint.readers)
      CAF_CHECK(reader.kind == reader_kind::fast && !reader.breaks_off());
  }
}

CAF_TEST(the dispatcher understands every hello) {
  for (const auto& team : teams_of(6, 300))
    for (const auto& stint : stints_of(team, 3))
      for (std::int64_t rank = 0; rank < stint.ranks(); ++rank) {
        auto line = hello_of({&team, &stint, rank, std::nullopt});
        CAF_CHECK_EQUAL(line.back(), '\n');
        line.pop_back();
        const auto parsed = parse_client_message(line);
        CAF_REQUIRE(std::holds_alternative<client_message>(parsed));
        const auto& said = std::get<hello>(std::get<client_message>(parsed));
        CAF_CHECK_EQUAL(said.batch_size.value_or(0), stint.batch_size);
        CAF_CHECK_EQUAL(said.shard.index, rank);
        CAF_CHECK_EQUAL(said.shard.count, stint.ranks());
        CAF_CHECK_EQUAL(said.epochs.value_or(0), team.epochs);
        CAF_CHECK(said.ends == stint.ends);
        CAF_CHECK(said.payload == stint.payload);
        CAF_CHECK(said.skips == team.skips);
        CAF_CHECK(said.window == stint.window);
        CAF_CHECK_EQUAL(said.shuffle.has_value(), team.shuffle.has_value());
      }
}

CAF_TEST(the dispatcher understands no rubbish) {
  for (const auto& stint : stints_of(teams_of(7, 1).front(), many))
    for (const auto& reader : stint.readers) {
      const auto end = reader.rubbish.find('\n');
      CAF_CHECK(end != std::string::npos || reader.rubbish.size() > longest_client_line);
      if (end == std::string::npos)
        continue;
      const auto parsed = parse_client_message(reader.rubbish.substr(0, end));
      CAF_CHECK(std::holds_alternative<failure>(parsed));
    }
}

CAF_TEST(the dispatcher is killed again and again and is back each time) {
  kill_schedule schedule{1};
  kill_schedule same{1};
  milliseconds free_at{0};
  for (auto i = 0; i < many; ++i) {
    const auto event = schedule.next();
    CAF_CHECK(event.at >= free_at + 300ms);
    CAF_CHECK(event.away <= 500ms);
    CAF_CHECK(same.next().at == event.at);
    free_at = event.at + event.away;
  }
  CAF_CHECK(free_at < many * 3500ms);
}
