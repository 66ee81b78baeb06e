#define CAF_SUITE group_view

#include "actors/policy/group/group_view.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>

#include "actors/policy/group/group_epochs.hpp"
#include "actors/policy/group/group_ledger.hpp"
#include "tests/actors/policy/group/group_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// Batches of three from sample 9 on, in two epochs of 100.
group_spec middle_of_an_epoch() {
  auto result = spec_of(100, 2);
  result.batch_size = 3;
  result.start.position = 9;
  return result;
}

struct fixture {
  kept_group state = state_of(middle_of_an_epoch());
  store_time now{1000s};

  group_synced say(std::int64_t wanted, std::vector<run_batches> acked = {}) {
    group_sync said;
    said.group = "run";
    said.dispatcher = "a";
    said.wanted = wanted;
    said.acked = std::move(acked);
    said.lease_ttl = 10s;
    for (const auto& [token, each] : state.leases)
      said.leases.push_back({token, 0b111, {}, 0, "one: 3"});
    return policy::group_ledger{state}.sync(said, now);
  }

  group_summary listed() const { return policy::summary_of({state.group, state.leases.size()}); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(group_view_tests, fixture)

CAF_TEST(places are in samples) {
  CAF_CHECK_EQUAL(listed().position, 9);
  say(1);
  const auto seen = policy::view_of(state, {{{0, 2}, 5, "m"}}, now);
  // All 31 batches of the epoch are one run.
  CAF_CHECK_EQUAL(seen.summary.epoch, 1u);
  CAF_CHECK_EQUAL(seen.summary.position, 0);
  CAF_REQUIRE_EQUAL(seen.out.size(), 1u);
  CAF_CHECK_EQUAL(seen.out[0].epoch, 0u);
  CAF_CHECK_EQUAL(seen.out[0].position, 9);
  CAF_CHECK_EQUAL(seen.out[0].batches, 31);
  CAF_CHECK_EQUAL(seen.out[0].dispatcher, "a");
  CAF_CHECK(seen.out[0].expires_in == 10s);
  CAF_REQUIRE_EQUAL(seen.parked.size(), 1u);
  CAF_CHECK_EQUAL(seen.parked[0].position, 15);
}

CAF_TEST(what is out begins behind what is settled) {
  say(1);
  say(0, {{{0, 0}, 0b1}});
  now += 4s;
  const auto seen = policy::view_of(state, {}, now);
  CAF_REQUIRE_EQUAL(seen.out.size(), 1u);
  CAF_CHECK_EQUAL(seen.out[0].position, 12);
  CAF_CHECK_EQUAL(seen.out[0].batches, 30);
  CAF_CHECK_EQUAL(seen.out[0].touched, 2);
  CAF_CHECK(seen.out[0].expires_in == 6s);
  CAF_CHECK_EQUAL(seen.out[0].members, "one: 3");
  CAF_CHECK_EQUAL(seen.open_epoch, 0u);
}

CAF_TEST(a group is over when nothing is out behind its last epoch) {
  say(64);
  CAF_CHECK(!listed().is_over);
  for (const auto run : {group_run{0, 0}, group_run{1, 0}})
    say(64, {{run, ~batch_mask{0}}});
  CAF_CHECK(listed().is_over);
  CAF_CHECK_EQUAL(listed().acked, 31u + 34u);
  CAF_CHECK(policy::view_of(state, {}, now).out.empty());
}

CAF_TEST(a batch is found by each position that it has) {
  const policy::group_epochs epochs{middle_of_an_epoch()};
  CAF_CHECK((epochs.batch_at(0, 9) == group_batch{0, 0}));
  CAF_CHECK((epochs.batch_at(0, 14) == group_batch{0, 1}));
  CAF_CHECK((epochs.batch_at(1, 14) == group_batch{1, 4}));
  CAF_CHECK(!epochs.batch_at(0, 8));
  CAF_CHECK(!epochs.batch_at(0, 100));
  CAF_CHECK(!epochs.batch_at(2, 0));
}

CAF_TEST_FIXTURE_SCOPE_END()
