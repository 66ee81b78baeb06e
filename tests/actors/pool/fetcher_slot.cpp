#define CAF_SUITE fetcher_slot

#include "actors/pool/fetcher_slot.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <optional>

using namespace std::chrono_literals;
using dispatch::pool::fetcher_slot;

namespace {

const fetcher_slot::time_point start{1h};

/// A slot with incarnation 1, which has been ready since the start and has made so many calls.
fetcher_slot ready_slot(int calls = 0) {
  fetcher_slot result{0, 3, {}};
  result.fill({}, 1, start);
  result.become_ready(start);
  for (; calls > 0; --calls)
    result.count_call();
  return result;
}

} // namespace

CAF_TEST(a fetcher starts and is ready and leaves the slot to the next one) {
  fetcher_slot slot{2, 3, {}};
  CAF_CHECK(slot.is_paused());
  CAF_CHECK_EQUAL(slot.report(start).state, "paused");
  slot.fill({}, 7, start);
  CAF_CHECK(slot.is_filled_by(7) && !slot.is_filled_by(8));
  CAF_CHECK_EQUAL(slot.report(start).state, "starting");
  CAF_CHECK(!slot.become_ready(start + 1s));
  CAF_CHECK(slot.is_ready());
  CAF_CHECK_EQUAL(slot.report(start + 3s).state, "up");
  CAF_CHECK(slot.report(start + 3s).up_for == 2s);
  const auto leaving = slot.renew();
  CAF_CHECK_EQUAL(leaving.id, 7u);
  CAF_CHECK(leaving.ready_for(start + 5s) == 4s);
  CAF_CHECK(!slot.is_filled_by(7));
}

CAF_TEST(only a fetcher that follows one that failed nothing renews the connection) {
  auto slot = ready_slot();
  slot.renew();
  slot.fill({}, 2, start);
  CAF_CHECK(slot.become_ready(start));
  slot.renew();
  slot.fill({}, 3, start);
  slot.fail("gone");
  slot.fill({}, 4, start);
  CAF_CHECK(!slot.become_ready(start));
}

CAF_TEST(calls are counted once over all fetchers) {
  auto slot = ready_slot(2);
  CAF_CHECK_EQUAL(slot.report(start).calls, 2u);
  slot.fail("gone");
  CAF_CHECK_EQUAL(slot.report(start).calls, 2u);
  CAF_CHECK_EQUAL(slot.report(start).last_failure, "gone");
  slot.fill({}, 2, start);
  slot.become_ready(start);
  slot.count_call();
  CAF_CHECK_EQUAL(slot.report(start).calls, 3u);
}

CAF_TEST(a pause ends once and not when another one has taken its place) {
  auto slot = ready_slot();
  slot.fail("gone");
  slot.begin_pause(1, start + 5s);
  CAF_CHECK(slot.report(start).next_attempt_in == 5s);
  slot.begin_pause(2, start);
  CAF_CHECK(!slot.end_pause(1));
  CAF_CHECK(slot.end_pause(2) == true);
  slot.fill({}, 2, start);
  CAF_CHECK(!slot.end_pause(2));
  CAF_CHECK_EQUAL(slot.report(start).restarts, 1u);
}

CAF_TEST(a renewal is no restart) {
  auto slot = ready_slot();
  slot.renew();
  slot.begin_pause(1, start);
  CAF_CHECK(slot.end_pause(1) == false);
  CAF_CHECK_EQUAL(slot.report(start).restarts, 0u);
}

CAF_TEST(pauses grow with failures in a row) {
  auto slot = ready_slot();
  auto last = 0ms;
  for (auto failures = 1; failures <= 3; ++failures) {
    const auto pause = slot.pause_after(slot.fail("gone"), 0.99, start);
    CAF_CHECK(pause > last);
    CAF_CHECK_EQUAL(slot.failures(), failures);
    last = pause;
    slot.fill({}, 2, start);
  }
}

CAF_TEST(a closed slot gives its fetcher away and is in no pause) {
  auto slot = ready_slot();
  CAF_CHECK(slot.close());
  CAF_CHECK(slot.is_closed());
  CAF_CHECK(!slot.is_paused());
  CAF_CHECK(!slot.close());
  auto paused = ready_slot();
  paused.fail("gone");
  paused.begin_pause(1, start);
  CAF_CHECK(!paused.close());
  CAF_CHECK(!paused.end_pause(1));
}
