#define CAF_SUITE group_ledger

#include "actors/policy/group/group_ledger.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "tests/actors/policy/group/group_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using policy::group_ledger;

namespace {

constexpr batch_mask all = ~batch_mask{0};

group_sync want(const std::string& dispatcher, std::int64_t batches) {
  group_sync result;
  result.group = "run";
  result.dispatcher = dispatcher;
  result.wanted = batches;
  return result;
}

held_lease holding(const run_lease& lease) {
  return {lease.token, lease.touched, {}, 0, {}};
}

group_sync ack(const std::string& dispatcher, group_run run, batch_mask batches) {
  auto result = want(dispatcher, 0);
  result.acked = {{run, batches}};
  return result;
}

struct fixture {
  store_time now{1000s};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(group_ledger_tests, fixture)

CAF_TEST(a lease is renewed when a third of its time is gone and when a clock was set back) {
  auto state = state_of(spec_of(64));
  group_ledger ledger{state};
  auto said = want("a", 1);
  said.lease_ttl = 9s;
  said.leases = {holding(ledger.sync(said, now).granted.at(0))};
  const auto expires_at = [&] { return state.leases.begin()->second.expires_at; };
  const auto granted_until = now + 9s;
  ledger.sync(said, now + 3s);
  CAF_CHECK(expires_at() == granted_until);
  ledger.sync(said, now + 4s);
  CAF_CHECK(expires_at() == now + 13s);
  ledger.sync(said, now - 1h);
  CAF_CHECK(expires_at() == now - 1h + 9s);
}

CAF_TEST(runs are given out in their order and to one dispatcher each) {
  auto state = state_of(spec_of(200));
  group_ledger ledger{state};
  const auto first = ledger.sync(want("a", 65), now);
  CAF_REQUIRE_EQUAL(first.granted.size(), 2u);
  CAF_CHECK((first.granted[0].run == group_run{0, 0}));
  CAF_CHECK((first.granted[1].run == group_run{0, 1}));
  CAF_CHECK_EQUAL(first.granted[0].batches, all);
  const auto second = ledger.sync(want("b", 1000), now);
  CAF_REQUIRE_EQUAL(second.granted.size(), 2u);
  CAF_CHECK((second.granted[0].run == group_run{0, 2}));
  // 200 = 3 * 64 + 8
  CAF_CHECK_EQUAL(second.granted[1].batches, batch_mask{0xff});
}

CAF_TEST(a lease is given again to its own dispatcher when the answer was lost) {
  auto state = state_of(spec_of(200));
  group_ledger ledger{state};
  const auto lost = ledger.sync(want("a", 1), now);
  const auto again = ledger.sync(want("a", 1), now);
  CAF_REQUIRE_EQUAL(again.granted.size(), 1u);
  CAF_CHECK_EQUAL(again.granted[0].token, lost.granted[0].token);
}

CAF_TEST(what a crash of the store has taken back is given again and marked as delivered) {
  auto state = state_of(spec_of(100));
  group_ledger{state}.sync(want("a", 64), now);
  auto after = state;
  group_ledger{after}.sync(ack("a", {0, 0}, all), now);
  CAF_CHECK(after.leases.empty());
  const auto again = group_ledger{state}.sync(want("a", 1), now);
  CAF_REQUIRE_EQUAL(again.granted.size(), 1u);
  CAF_CHECK_EQUAL(again.granted[0].touched, all);
}

CAF_TEST(acknowledged batches count once) {
  auto state = state_of(spec_of(100));
  group_ledger ledger{state};
  ledger.sync(want("a", 64), now);
  ledger.sync(ack("a", {0, 0}, 0b111), now);
  CAF_CHECK_EQUAL(ledger.sync(ack("b", {0, 0}, 0b1110), now).progress.acked, 4u);
  CAF_CHECK_EQUAL(ledger.sync(ack("a", {0, 0}, all), now).progress.acked, 64u);
  CAF_CHECK(state.leases.empty());
  // What is settled whole is not there any more.
  CAF_CHECK_EQUAL(ledger.sync(ack("a", {0, 0}, all), now).progress.acked, 64u);
}

CAF_TEST(a lease that has expired goes to who wants it and is marked as delivered) {
  auto state = state_of(spec_of(64));
  group_ledger ledger{state};
  const auto lease = ledger.sync(want("a", 64), now).granted.at(0);
  ledger.sync(ack("a", {0, 0}, 0b1), now);
  CAF_CHECK(ledger.sync(want("b", 1), now + 9s).granted.empty());
  const auto taken = ledger.sync(want("b", 1), now + 11s);
  CAF_REQUIRE_EQUAL(taken.granted.size(), 1u);
  CAF_CHECK_NOT_EQUAL(taken.granted[0].token, lease.token);
  CAF_CHECK_EQUAL(taken.granted[0].settled, batch_mask{1});
  CAF_CHECK_EQUAL(taken.granted[0].touched, all & ~batch_mask{1});
  auto late = ack("a", {0, 0}, 0b10);
  late.leases = {holding(lease)};
  const auto answer = ledger.sync(late, now + 12s);
  CAF_CHECK_EQUAL(answer.lost, std::vector<std::int64_t>{lease.token});
  CAF_CHECK_EQUAL(answer.progress.acked, 2u);
}

CAF_TEST(a lease that has expired stays where it is until another dispatcher wants it) {
  auto state = state_of(spec_of(64));
  group_ledger ledger{state};
  const auto lease = ledger.sync(want("a", 64), now).granted.at(0);
  auto late = want("a", 0);
  late.leases = {holding(lease)};
  CAF_CHECK(ledger.sync(late, now + 60s).lost.empty());
  CAF_CHECK(ledger.sync(want("b", 1), now + 61s).granted.empty());
}

CAF_TEST(a part of a lease can be given back) {
  auto state = state_of(spec_of(64));
  group_ledger ledger{state};
  const auto lease = ledger.sync(want("a", 64), now).granted.at(0);
  auto some = want("a", 0);
  some.leases = {holding(lease)};
  some.leases[0].touched = 0b11;
  some.leases[0].returned = all & ~batch_mask{1};
  ledger.sync(some, now);
  // Said twice.
  ledger.sync(some, now);
  CAF_CHECK_EQUAL(state.leases.size(), 2u);
  const auto taken = ledger.sync(want("b", 1), now).granted.at(0);
  CAF_CHECK_EQUAL(taken.batches, all & ~batch_mask{1});
  CAF_CHECK_EQUAL(taken.touched, batch_mask{0b10});
}

CAF_TEST(an epoch with a barrier begins when the one before is settled) {
  auto spec = spec_of(64, 2);
  spec.has_barrier = true;
  auto state = state_of(spec);
  group_ledger ledger{state};
  CAF_CHECK_EQUAL(ledger.sync(want("a", 1000), now).granted.size(), 1u);
  const auto none = ledger.sync(want("b", 1), now);
  CAF_CHECK(none.granted.empty());
  CAF_CHECK_EQUAL(none.progress.open_epoch, 0u);
  CAF_REQUIRE_EQUAL(none.elsewhere.size(), 1u);
  CAF_CHECK_EQUAL(none.elsewhere[0].dispatcher, "a");
  CAF_CHECK_EQUAL(ledger.sync(ack("a", {0, 0}, all), now).progress.open_epoch, 1u);
  CAF_CHECK_EQUAL(ledger.sync(want("b", 1), now).granted.size(), 1u);
  CAF_CHECK(ledger.sync(ack("b", {1, 0}, all), now).progress.is_over);
}

CAF_TEST(without a barrier members go on into the next epoch) {
  auto state = state_of(spec_of(64, 2));
  group_ledger ledger{state};
  CAF_CHECK_EQUAL(ledger.sync(want("a", 1000), now).granted.size(), 2u);
  CAF_CHECK_EQUAL(ledger.sync(ack("a", {1, 0}, all), now).progress.open_epoch, 0u);
}

CAF_TEST(a dispatcher is told that another one is short) {
  auto state = state_of(spec_of(64));
  group_ledger ledger{state};
  const auto lease = ledger.sync(want("a", 64), now).granted.at(0);
  CAF_CHECK(!ledger.sync(want("b", 1), now).is_short);
  auto said = want("a", 0);
  said.leases = {holding(lease)};
  CAF_CHECK(ledger.sync(said, now).is_short);
  // The shortage is over when the other one does not say so any more.
  CAF_CHECK(!ledger.sync(want("b", 0), now + 1s).is_short);
  CAF_CHECK(!ledger.sync(said, now + 1s).is_short);
}

CAF_TEST(a seek begins a new generation) {
  auto state = state_of(spec_of(200, 3));
  group_ledger ledger{state};
  ledger.sync(want("a", 64), now);
  ledger.seek(1, 40);
  auto of_old = ack("a", {1, 0}, all);
  CAF_CHECK_EQUAL(ledger.sync(of_old, now).progress.generation, 2);
  CAF_CHECK_EQUAL(ledger.progress().acked, 0u);
  auto said = want("a", 1000);
  said.generation = 2;
  const auto granted = ledger.sync(said, now).granted;
  // 160 batches are left of epoch 1.
  CAF_REQUIRE_EQUAL(granted.size(), 7u);
  CAF_CHECK((granted[0].run == group_run{1, 0}));
  CAF_CHECK_EQUAL(granted[2].batches, first_batches(32));
}

CAF_TEST(parked batches are settled) {
  auto state = state_of(spec_of(2));
  group_ledger ledger{state};
  ledger.sync(want("a", 2), now);
  auto said = ack("a", {0, 0}, 0b1);
  said.parked = {{{0, 1}, 5, "m"}};
  const auto answer = ledger.sync(said, now);
  CAF_CHECK(answer.progress.is_over);
  CAF_CHECK_EQUAL(answer.progress.parked, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
