#pragma once

#include <caf/test/unit_test.hpp>

#include "messages/store_backend.hpp"
#include "tests/actors/policy/group/group_fixture.hpp"

/// @file
/// What each store has to do, whatever it keeps things in.

namespace dispatch::test {

inline kept_group full_group(const std::string& name) {
  kept_group result = state_of(spec_of(1000, 3));
  auto& group = result.group;
  group.name = name;
  group.generation = 4;
  group.spec.start.order.shuffle = shuffle_spec{~std::uint64_t{0}, 7};
  group.spec.start.skips = {{1, {0, 10}}};
  group.spec.ends = epoch_end::drop;
  group.spec.has_barrier = true;
  group.spec.max_deliver = 5;
  group.spec.asked_block = 10;
  group.next = {1, 17};
  group.next_token = 12;
  group.acked = 900;
  group.parked = 2;
  group.redelivered = 3;
  group.short_dispatcher = "b";
  group.short_until = store_time{std::chrono::milliseconds{1'764'500'000'123}};
  lease_record lease;
  lease.lease = {11, {1, 16}, ~batch_mask{0}, 0b101, mask_of(63) | 1, {{0, 3}, {63, 2}}};
  lease.dispatcher = "a";
  lease.expires_at = group.short_until;
  lease.members = "'m': 3";
  result.leases[11] = lease;
  return result;
}

inline void check_same(const kept_group& a, const kept_group& b) {
  CAF_CHECK_EQUAL(a.group.generation, b.group.generation);
  CAF_CHECK(a.group.spec.start == b.group.spec.start);
  CAF_CHECK_EQUAL(a.group.spec.batch_size, b.group.spec.batch_size);
  CAF_CHECK_EQUAL(a.group.spec.asked_block, b.group.spec.asked_block);
  CAF_CHECK(a.group.spec.ends == b.group.spec.ends);
  CAF_CHECK(a.group.spec.end_epoch == b.group.spec.end_epoch);
  CAF_CHECK_EQUAL(a.group.spec.has_barrier, b.group.spec.has_barrier);
  CAF_CHECK(a.group.spec.ack_wait == b.group.spec.ack_wait);
  CAF_CHECK_EQUAL(a.group.spec.max_deliver, b.group.spec.max_deliver);
  CAF_CHECK((a.group.next == b.group.next));
  CAF_CHECK_EQUAL(a.group.next_token, b.group.next_token);
  CAF_CHECK_EQUAL(a.group.acked, b.group.acked);
  CAF_CHECK_EQUAL(a.group.parked, b.group.parked);
  CAF_CHECK_EQUAL(a.group.redelivered, b.group.redelivered);
  CAF_CHECK_EQUAL(a.group.short_dispatcher, b.group.short_dispatcher);
  CAF_CHECK((a.group.short_until == b.group.short_until));
  CAF_REQUIRE_EQUAL(a.leases.size(), b.leases.size());
  for (const auto& [token, lease] : a.leases) {
    const auto& other = b.leases.at(token);
    CAF_CHECK((lease.lease.run == other.lease.run));
    CAF_CHECK_EQUAL(lease.lease.batches, other.lease.batches);
    CAF_CHECK_EQUAL(lease.lease.settled, other.lease.settled);
    CAF_CHECK_EQUAL(lease.lease.touched, other.lease.touched);
    CAF_CHECK((lease.lease.deliveries == other.lease.deliveries));
    CAF_CHECK_EQUAL(lease.dispatcher, other.dispatcher);
    CAF_CHECK((lease.expires_at == other.expires_at));
    CAF_CHECK_EQUAL(lease.members, other.members);
  }
}

/// @param name of a group that is not there
inline kept_group make_group(store_backend& store, const std::string& name) {
  auto group = full_group(name);
  store.begin();
  store.create_group(group.group);
  auto before = group;
  before.leases.clear();
  store.save_group(before, group);
  store.commit(true);
  return group;
}

inline kept_group load(store_backend& store, const std::string& name) {
  store.begin();
  const auto found = store.load_group(name);
  store.commit(false);
  CAF_REQUIRE(found);
  return *found;
}

inline void check_groups(store_backend& store) {
  auto group = make_group(store, "it's a \"group\"\n");
  check_same(load(store, group.group.name), group);
  auto after = group;
  after.leases.erase(11);
  after.leases[12].lease = {12, {2, 0}, 0b1, 0, 0, {}};
  after.group.next = {2, 1};
  after.group.spec.end_epoch.reset();
  store.begin();
  store.save_group(group, after);
  store.add_parked(after.group.name, 4, {{1, 17}, 5, "m"});
  store.add_parked(after.group.name, 4, {{1, 17}, 9, "again"});
  store.add_parked(after.group.name, 4, {{0, 3}, 1, ""});
  store.commit(false);
  check_same(load(store, after.group.name), after);
  store.begin();
  const auto parked = store.load_parked(after.group.name, 4);
  CAF_REQUIRE_EQUAL(parked.size(), 2u);
  CAF_CHECK((parked[0].batch == group_batch{0, 3}));
  CAF_CHECK_EQUAL(parked[1].deliveries, 5u);
  CAF_CHECK(store.load_parked(after.group.name, 5).empty());
  // One that is there already stays.
  store.create_group(full_group(after.group.name).group);
  CAF_CHECK((store.load_group(after.group.name)->group.next == group_run{2, 1}));
  const auto listed = store.load_groups();
  CAF_REQUIRE_EQUAL(listed.size(), 1u);
  CAF_CHECK_EQUAL(listed[0].group.name, after.group.name);
  CAF_CHECK_EQUAL(listed[0].leases, after.leases.size());
  store.delete_group(after.group.name);
  CAF_CHECK(!store.load_group(after.group.name));
  CAF_CHECK(store.load_parked(after.group.name, 4).empty());
  store.commit(true);
}

inline void check_positions(store_backend& store) {
  store.begin();
  CAF_CHECK(!store.load_position("n"));
  store.create_position("n");
  store.save_position({"n", "cursor=1", 3, "session"});
  store.create_position("n");
  store.commit(true);
  store.begin();
  const auto found = store.load_position("n");
  store.commit(false);
  CAF_REQUIRE(found);
  CAF_CHECK_EQUAL(found->cursor, "cursor=1");
  CAF_CHECK_EQUAL(found->token, 3);
  CAF_CHECK_EQUAL(found->session, "session");
}

inline void check_roll_back(store_backend& store) {
  const auto group = make_group(store, "rolled back");
  auto after = group;
  after.group.acked = 1;
  store.begin();
  store.save_group(group, after);
  store.roll_back();
  check_same(load(store, "rolled back"), group);
  store.begin();
  store.delete_group("rolled back");
  store.commit(false);
}

inline void check_clock(store_backend& store) {
  store.begin();
  const auto first = store.now();
  CAF_CHECK((store.now() >= first));
  store.commit(false);
}

} // namespace dispatch::test
