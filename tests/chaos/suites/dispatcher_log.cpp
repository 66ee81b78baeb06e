#define CAF_SUITE dispatcher_log

#include "tests/chaos/dispatcher_log.hpp"

#include <caf/test/unit_test.hpp>

#include <fstream>

#include "tests/chaos/log_tail.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace dispatch::chaos;

CAF_TEST(a line has a time a level an event and fields) {
  const auto* line = "2026-01-02T03:04:05.678Z info client_end client=client_127.0.0.1:4711 outcome=complete batches=7";
  CAF_CHECK_EQUAL(event_of(line), "client_end");
  CAF_CHECK_EQUAL(field_of(line, "outcome"), "complete");
  CAF_CHECK_EQUAL(field_of(line, "batches"), "7");
  CAF_CHECK_EQUAL(field_of(line, "bytes"), "");
  CAF_CHECK_EQUAL(event_of("nothing"), "");
  CAF_CHECK_EQUAL(event_of(""), "");
}

CAF_TEST(events are counted) {
  dispatcher_log log;
  for (auto i = 0; i < 3; ++i)
    log.take("t warning fetcher_failed upstream=127.0.0.1:1 fetcher=0");
  CAF_CHECK_EQUAL(log.count("fetcher_failed"), 3u);
  CAF_CHECK_EQUAL(log.count("upstream_down"), 0u);
}

CAF_TEST(a report is there when it is whole) {
  dispatcher_log log;
  log.take("t info client_counts clients=3 accepted=20 refused=0");
  log.take("t info cache_counts hits=3");
  log.take("t info upstream_counts upstream=a:1 calls=7 calls_in_flight=2 live_fetchers=2 queued=5");
  log.take("t info upstream_counts upstream=b:1 calls=7 calls_in_flight=1 live_fetchers=1 queued=5");
  CAF_CHECK_EQUAL(log.reports(), 0u);
  log.take("t info actor_counts running=12");
  CAF_CHECK_EQUAL(log.reports(), 1u);
  const auto& report = log.last_report();
  CAF_CHECK_EQUAL(report.clients, 3u);
  CAF_CHECK_EQUAL(report.calls_in_flight, 3u);
  CAF_CHECK_EQUAL(report.live_fetchers, 3u);
  CAF_CHECK_EQUAL(report.queued, 5u);
  CAF_CHECK_EQUAL(report.actors, 12u);
}

CAF_TEST(a log file is read from where it was and by whole lines) {
  const dispatch::test::temporary_folder folder;
  std::ofstream file{folder.write("log", "old\n"), std::ios::app};
  log_tail tail{folder.at("log")};
  CAF_CHECK(tail.new_lines().empty());
  file << "one\ntw" << std::flush;
  CAF_CHECK(tail.new_lines() == std::vector<std::string>{"one"});
  file << "o\n\nthree\n" << std::flush;
  CAF_CHECK((tail.new_lines() == std::vector<std::string>{"two", "", "three"}));
}
