#define CAF_SUITE event_history

#include "io/admin/event_history.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "io/admin/events_json.hpp"
#include "tests/support/event_recorder.hpp"

using namespace dispatch;
using namespace dispatch::admin;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  event_history history{log};

  void write(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      history.write(severity::info, "e", {{"i", i}});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_history_tests, fixture)

CAF_TEST(every event goes on to the log) {
  history.write(severity::debug, "small", {{"n", 1}});
  history.write(severity::error, "large", {{"n", 2}});
  CAF_CHECK_EQUAL(log->named("small").size(), 1u);
  CAF_CHECK_EQUAL(log->named("large").at(0).fields.at("n"), "2");
}

CAF_TEST(events of level info and above are remembered with numbers from one) {
  history.write(severity::debug, "a", {});
  history.write(severity::info, "b", {});
  history.write(severity::warning, "c", {});
  history.write(severity::error, "d", {});
  const auto events = history.since(0);
  CAF_REQUIRE_EQUAL(events.size(), 3u);
  for (std::size_t i = 0; i < events.size(); ++i)
    CAF_CHECK_EQUAL(events[i].seq, i + 1);
  CAF_CHECK_EQUAL(events[0].name, "b");
  CAF_CHECK(events[2].level == severity::error);
  CAF_CHECK(events[0].time <= events[2].time);
}

CAF_TEST(fields are kept when what they referred to is gone) {
  {
    const std::string text = "a text that is on the heap, for it is long enough for that";
    history.write(severity::info, std::string{"name"}, {{"text", text}, {"flag", true}, {"less", -1}, {"share", 0.5}});
  }
  CAF_CHECK_EQUAL(to_text(to_json(history.since(0).at(0)).at("fields")),
                  R"({"text":"a text that is on the heap, for it is long enough for that","flag":true,"less":-1,)"
                  R"("share":0.5})");
}

CAF_TEST(the oldest go first) {
  write(event_history::capacity + 7);
  const auto events = history.since(0);
  CAF_REQUIRE_EQUAL(events.size(), event_history::capacity);
  CAF_CHECK_EQUAL(events.front().seq, 8u);
  CAF_CHECK_EQUAL(events.back().seq, event_history::capacity + 7);
  CAF_CHECK_EQUAL(history.last_seq(), event_history::capacity + 7);
}

CAF_TEST(what went wrong stays when events of level info come and go) {
  history.write(severity::error, "down", {});
  write(3 * event_history::capacity);
  history.write(severity::warning, "odd", {});
  const auto events = history.since(0);
  CAF_REQUIRE_EQUAL(events.size(), event_history::capacity + 2);
  CAF_CHECK_EQUAL(events.front().name, "down");
  CAF_CHECK_EQUAL(events.back().name, "odd");
  CAF_CHECK_EQUAL(history.since(events.back().seq - 1).size(), 1u);
}

CAF_TEST(only newer events are given) {
  write(3);
  CAF_CHECK_EQUAL(history.since(2).size(), 1u);
  CAF_CHECK_EQUAL(history.since(2).front().seq, 3u);
  CAF_CHECK(history.since(3).empty());
}

CAF_TEST(who has seen more than there was has seen an earlier run) {
  CAF_CHECK(history.since(9).empty());
  CAF_CHECK(!history.wait_for_newer(9, 0ms));
  write(3);
  CAF_CHECK_EQUAL(history.since(9).size(), 3u);
  CAF_CHECK(history.wait_for_newer(9, 0ms));
}

CAF_TEST(who waits is woken by an event) {
  write(1);
  CAF_CHECK(!history.wait_for_newer(1, 1ms));
  auto waiting = std::async(std::launch::async, [&] { return history.wait_for_newer(1, 60s); });
  write(1);
  CAF_CHECK(waiting.get());
}

CAF_TEST(a long text is cut) {
  history.write(severity::info, "e", {{"text", std::string(1'000'000, 'x')}});
  CAF_CHECK_EQUAL(std::get<std::string>(history.since(0).at(0).fields.at(0).second).size(),
                  event_history::longest_text);
}

CAF_TEST(writers in several threads leave no gap) {
  std::vector<std::thread> writers;
  for (auto i = 0; i < 4; ++i)
    writers.emplace_back([&] { write(100); });
  for (auto& writer : writers)
    writer.join();
  const auto events = history.since(0);
  CAF_REQUIRE_EQUAL(events.size(), 400u);
  for (std::size_t i = 0; i < events.size(); ++i)
    CAF_CHECK_EQUAL(events[i].seq, i + 1);
}

CAF_TEST(events as JSON) {
  history.write(severity::warning, "upstream_down", {{"upstream", "a:1"}});
  auto event = to_json(history.since(0).at(0));
  CAF_CHECK_EQUAL(event.at("time").get<std::string>().size(), 24u);
  event["time"] = "t";
  CAF_CHECK_EQUAL(to_text(event),
                  R"({"seq":1,"time":"t","level":"warning","event":"upstream_down","fields":{"upstream":"a:1"}})");
  CAF_CHECK_EQUAL(events_json(history.since(0), 0).at("next").get<int>(), 1);
  CAF_CHECK_EQUAL(to_text(events_json({}, 7)), R"({"next":7,"events":[]})");
}

CAF_TEST(an event of a stream is on one line whatever is in it) {
  history.write(severity::info, "e", {{"text", "a\nb\r\n\n\xff"}});
  const auto text = to_sse(history.since(0).at(0), "abc");
  CAF_CHECK_EQUAL(text.rfind("id: abc-1\ndata: {", 0), 0u);
  CAF_CHECK_EQUAL(std::count(text.begin(), text.end(), '\n'), 3);
  CAF_CHECK_EQUAL(text.substr(text.size() - 3), "}\n\n");
}

CAF_TEST(the id of an event tells one run from another) {
  CAF_CHECK_EQUAL(history.run().size(), 8u);
  CAF_CHECK_NOT_EQUAL(history.run(), event_history{nullptr}.run());
  CAF_CHECK_EQUAL(seen_seq("abc-7", "abc"), 7u);
  CAF_CHECK_EQUAL(seen_seq("abd-7", "abc"), 0u);
  CAF_CHECK_EQUAL(seen_seq("7", "abc"), 7u);
  for (const auto* nonsense : {"", "-", "abc", "abc-", "-7"})
    CAF_CHECK_EQUAL(seen_seq(nonsense, "abc"), 0u);
}

CAF_TEST(a moment is written in UTC with milliseconds) {
  using clock = std::chrono::system_clock;
  CAF_CHECK_EQUAL(moment_text(clock::time_point{}), "1970-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(moment_text(clock::time_point{1'714'555'800s + 7ms + 999us}), "2024-05-01T09:30:00.007Z");
}

CAF_TEST_FIXTURE_SCOPE_END()
