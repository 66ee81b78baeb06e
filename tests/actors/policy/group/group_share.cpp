#define CAF_SUITE group_share

#include "actors/policy/group/group_share.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "actors/policy/group/group_ledger.hpp"
#include "tests/actors/policy/group/group_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using policy::group_ledger;
using policy::group_share;

namespace {

using batches = std::vector<group_batch>;

struct fixture {
  explicit fixture(std::int64_t samples = 200) : state(state_of(spec_of(samples))) {}

  group_share share_of(const std::string& dispatcher, std::uint32_t max_deliver = 0) const {
    return group_share{"run", 1, {dispatcher, 10s, 30s, max_deliver}};
  }

  group_synced sync(group_share& share) {
    const auto answer = group_ledger{state}.sync(share.say(), store_now);
    share.synced(answer, now);
    return answer;
  }

  /// What a member is given that wants `count`, if the store has to be asked or not.
  batches take(group_share& share, member_id who, std::size_t count) {
    share.want(who, count);
    sync(share);
    batches result;
    for (const auto& each : share.hand_out(now)) {
      CAF_CHECK_EQUAL(each.to, who);
      for (const auto& handed : each.batches)
        result.push_back(handed.batch);
    }
    return result;
  }

  kept_group state;
  store_time store_now{1000s};
  group_share::time_point now{1000s};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(group_share_tests, fixture)

CAF_TEST(members get batches in their order) {
  auto share = share_of("a");
  const auto first = share.join("first", now);
  const auto second = share.join("second", now);
  CAF_CHECK((take(share, first, 2) == batches{{0, 0}, {0, 1}}));
  CAF_CHECK((take(share, second, 2) == batches{{0, 2}, {0, 3}}));
  CAF_CHECK_EQUAL(share.out(), 4u);
}

CAF_TEST(leases last from the time when they were asked for) {
  auto share = share_of("a");
  const auto member = share.join("m", now);
  share.want(member, 1);
  CAF_CHECK(share.is_short());
  CAF_CHECK(!share.has_leases(now));
  CAF_CHECK(share.hand_out(now).empty());
  sync(share);
  CAF_CHECK(share.has_leases(now + 6s));
  CAF_CHECK(!share.has_leases(now + 7s));
  CAF_CHECK_EQUAL(share.hand_out(now).size(), 1u);
}

CAF_TEST(what is left is divided among the members) {
  auto share = share_of("a");
  std::vector<member_id> members;
  for (int i = 0; i < 4; ++i) {
    members.push_back(share.join("m", now));
    share.want(members.back(), 64);
  }
  sync(share);
  // 256 wanted, 200 there.
  const auto given = share.hand_out(now);
  std::vector<std::size_t> counts(4);
  for (const auto& each : given)
    counts[each.to - members.front()] += each.batches.size();
  for (const auto each : counts)
    CAF_CHECK_GREATER_OR_EQUAL(each, 30u);
}

CAF_TEST(a member that leaves gives its batches back and those that it was sent are marked) {
  auto share = share_of("a");
  const auto gone = share.join("gone", now);
  take(share, gone, 3);
  share.ack(gone, {{0, 0}});
  share.leave(gone, {{0, 2}});
  const auto next = share.join("next", now);
  share.want(next, 2);
  const auto given = share.hand_out(now);
  CAF_REQUIRE_EQUAL(given.size(), 1u);
  CAF_CHECK((given[0].batches[0].batch == group_batch{0, 1}));
  CAF_CHECK(given[0].batches[0].is_redelivered);
  CAF_CHECK((given[0].batches[1].batch == group_batch{0, 2}));
  CAF_CHECK(!given[0].batches[1].is_redelivered);
  CAF_CHECK_EQUAL(share.redelivered(), 1u);
}

CAF_TEST(a batch without a sign of life goes to another member and a late acknowledgement counts) {
  auto share = share_of("a");
  const auto slow = share.join("slow", now);
  const auto quick = share.join("quick", now);
  take(share, slow, 1);
  now += 29s;
  sync(share);
  share.note_alive(slow, now);
  now += 29s;
  CAF_CHECK(share.take_back_overdue(now).empty());
  now += 1s;
  const auto overdue = share.take_back_overdue(now);
  CAF_REQUIRE_EQUAL(overdue.size(), 1u);
  CAF_CHECK_EQUAL(overdue[0].member, slow);
  CAF_CHECK((take(share, quick, 1) == batches{{0, 0}}));
  CAF_CHECK_EQUAL(share.ack(slow, {{0, 0}}), 1u);
  CAF_CHECK_EQUAL(share.ack(quick, {{0, 0}}), 0u);
  CAF_CHECK_EQUAL(share.out(), 0u);
  CAF_CHECK_EQUAL(sync(share).progress.acked, 1u);
}

CAF_TEST(a batch that comes back too often is parked) {
  auto share = share_of("a", 2);
  for (int i = 0; i < 2; ++i) {
    const auto member = share.join("m" + std::to_string(i), now);
    CAF_CHECK((take(share, member, 1) == batches{{0, 0}}));
    share.leave(member, {});
  }
  const auto parked = share.take_parked();
  CAF_REQUIRE_EQUAL(parked.size(), 1u);
  CAF_CHECK_EQUAL(parked[0].deliveries, 2u);
  CAF_CHECK_EQUAL(parked[0].member, "m1");
  CAF_CHECK_EQUAL(sync(share).progress.parked, 1u);
}

CAF_TEST(batches that waited behind the one that was tried are not parked) {
  auto share = share_of("a", 2);
  for (int i = 0; i < 2; ++i) {
    const auto member = share.join("m", now);
    CAF_CHECK((take(share, member, 3) == batches{{0, 0}, {0, 1}, {0, 2}}));
    share.leave(member, {});
  }
  const auto parked = share.take_parked();
  CAF_REQUIRE_EQUAL(parked.size(), 1u);
  CAF_CHECK((parked[0].batch == group_batch{0, 0}));
  // A member may have had them all the same.
  const auto next = share.join("next", now);
  share.want(next, 2);
  const auto again = share.hand_out(now);
  for (const auto& each : again.at(0).batches)
    CAF_CHECK(each.is_redelivered);
  // Another dispatcher is told that they were not tried.
  sync(share);
  CAF_CHECK((state.leases.begin()->second.lease.deliveries == std::vector<delivery_count>{}));
}

CAF_TEST(all batches of a member that acknowledges in no order were tried) {
  auto share = share_of("a", 2);
  for (int i = 0; i < 2; ++i) {
    const auto member = share.join("m", now, false);
    take(share, member, 3);
    share.leave(member, {});
  }
  CAF_CHECK_EQUAL(share.take_parked().size(), 3u);
}

CAF_TEST(a batch that was not sent is as it was before) {
  auto share = share_of("a", 3);
  const auto first = share.join("first", now);
  take(share, first, 2);
  share.leave(first, {{0, 0}});
  const auto second = share.join("second", now);
  share.want(second, 2);
  const auto given = share.hand_out(now).at(0).batches;
  CAF_CHECK(!given.at(0).is_redelivered);
  CAF_CHECK(given.at(1).is_redelivered);
  share.leave(second, {{0, 0}, {0, 1}});
  const auto third = share.join("third", now);
  share.want(third, 2);
  const auto again = share.hand_out(now).at(0).batches;
  CAF_CHECK(!again.at(0).is_redelivered);
  CAF_CHECK(again.at(1).is_redelivered);
}

CAF_TEST(deliveries are counted across dispatchers) {
  auto first = share_of("a", 3);
  for (int i = 0; i < 2; ++i) {
    const auto member = first.join("m", now);
    take(first, member, 1);
    first.leave(member, {});
  }
  sync(first);
  auto second = share_of("b", 3);
  const auto member = second.join("m", now);
  CAF_CHECK((take(second, member, 1) == batches{{0, 0}}));
  second.leave(member, {});
  CAF_CHECK_EQUAL(second.take_parked().size(), 1u);
}

CAF_TEST(a dispatcher without members gives its leases back) {
  auto share = share_of("a");
  const auto member = share.join("m", now);
  take(share, member, 1);
  share.leave(member, {{0, 0}});
  sync(share);
  CAF_CHECK(share.is_clean());
  auto other = share_of("b");
  CAF_CHECK_EQUAL(take(other, other.join("m", now), 64).size(), 64u);
  CAF_CHECK_EQUAL(other.redelivered(), 0u);
}

CAF_TEST(acknowledgements of an answer that was lost are said again) {
  auto share = share_of("a");
  const auto member = share.join("m", now);
  take(share, member, 3);
  share.ack(member, {{0, 0}});
  share.say();
  share.ack(member, {{0, 1}});
  share.not_synced();
  CAF_CHECK_EQUAL(sync(share).progress.acked, 2u);
}

CAF_TEST(a dispatcher that is short gets what others have not handed out) {
  auto first = share_of("a");
  auto second = share_of("b");
  const auto slow = first.join("slow", now);
  take(first, slow, 1);
  while (take(first, slow, 64).size() < 64)
    ;
  // 200 batches: 65 are out, the rest is given back when the other one wants it.
  const auto idle = second.join("idle", now);
  std::size_t got = take(second, idle, 200).size();
  for (int i = 0; i < 20; ++i) {
    sync(first);
    sync(second);
    for (const auto& each : second.hand_out(now))
      got += each.batches.size();
  }
  CAF_CHECK_EQUAL(got, 135u);
}

CAF_TEST(members are reported with what they hold) {
  auto share = share_of("a");
  const auto member = share.join("worker", now);
  take(share, member, 2);
  const auto began = now;
  now += 5s;
  share.ack(member, {{0, 0}});
  const auto reports = share.member_reports();
  CAF_REQUIRE_EQUAL(reports.size(), 1u);
  CAF_CHECK_EQUAL(reports[0].held, 1u);
  CAF_CHECK_EQUAL(reports[0].acked, 1u);
  CAF_CHECK((reports[0].since == began));
  CAF_CHECK((reports[0].oldest == group_batch{0, 1}));
  sync(share);
  CAF_CHECK_EQUAL(state.leases.begin()->second.members, "worker: 1");
}

CAF_TEST_FIXTURE_SCOPE_END()
