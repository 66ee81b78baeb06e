#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "actors/policy/order/epoch_order.hpp"
#include "actors/session/assembler.hpp"
#include "tests/actors/session/session_fakes.hpp"
#include "tests/support/actor_fixture.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch::test {

/// What a taker of batches has got, by its tickets.
struct taker_record {
  std::map<std::uint64_t, rows_ptr> rows;
  std::map<std::uint64_t, failure> failures;
};

inline rows_taker_actor::behavior_type fake_taker(rows_taker_actor::pointer, std::shared_ptr<taker_record> record) {
  return {
    [record](const rows_arrived& arrived) {
      for (const auto& each : arrived.batches)
        if (!record->rows.emplace(each.ticket, each.rows).second)
          CAF_FAIL("batch " << each.ticket << " came twice");
    },
    [record](const rows_failed& failed) {
      if (!record->failures.emplace(failed.ticket, failed.reason).second)
        CAF_FAIL("batch " << failed.ticket << " failed twice");
    },
  };
}

struct test_taker {
  rows_taker_actor actor;
  std::shared_ptr<taker_record> got = std::make_shared<taker_record>();

  bool has(std::uint64_t ticket) const { return got->rows.count(ticket) > 0; }
};

/// Takers of batches, and the blocks that these are made from. The order has three windows of two blocks.
struct assembler_fixture : actor_fixture<> {
  using indices = std::vector<std::int32_t>;
  using numbers = std::vector<std::int64_t>;

  block_record_ptr blocks = std::make_shared<block_record>();
  order_spec order{60, 10, shuffle_spec{7, 2}};
  assembler_options options;
  batch_provider source;
  assembler_actor assembler;
  test_taker a, b, c;

  assembler_fixture() {
    blocks->dataset = {60, 10};
    source = sys.spawn(fake_blocks, blocks);
    for (auto* each : {&a, &b, &c})
      each->actor = sys.spawn(fake_taker, each->got);
  }

  order_key key() const { return {"numbers", fingerprint_of(blocks->dataset.description()), 10, order}; }

  void start() {
    assembler = sys.spawn<assembler_impl>(options, key(), blocks->dataset.columns(), source);
    sched.run();
  }

  // -- batches --------------------------------------------------------------------------------------------------------

  void ask(const test_taker& who, std::vector<wanted_rows> wanted, deadline until = no_deadline) {
    anon_send(assembler, want_rows{who.actor, std::move(wanted), until});
    sched.run();
  }

  /// For positions [from, to) of the first epoch.
  void ask(const test_taker& who, std::uint64_t ticket, std::int64_t from, std::int64_t to,
           deadline until = no_deadline) {
    ask(who, {{ticket, 0, {{from, to}}}}, until);
  }

  void join(const test_taker& who) {
    anon_send(assembler, join_order{who.actor});
    sched.run();
  }

  void leave(const test_taker& who) {
    anon_send_exit(who.actor, caf::exit_reason::kill);
    sched.run();
  }

  deadline in(std::chrono::seconds time) { return sched.clock().now() + time; }

  static numbers rows_of(const test_taker& who, std::uint64_t ticket) { return numbers_of(*who.got->rows.at(ticket)); }

  /// What the order has at positions [from, to).
  numbers due(std::int64_t from, std::int64_t to, std::uint64_t epoch = 0) const {
    const policy::epoch_order samples{order, epoch};
    numbers result;
    for (auto at = from; at < to; ++at)
      result.push_back(samples.sample_at(at));
    return result;
  }

  // -- blocks ---------------------------------------------------------------------------------------------------------

  /// The blocks that hold the samples at positions [from, to), sorted.
  indices blocks_at(std::int64_t from, std::int64_t to) const {
    indices result;
    for (const auto sample : due(from, to))
      result.push_back(static_cast<std::int32_t>(sample / order.block));
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }

  /// The blocks that are asked for and have not come.
  indices requested() const { return blocks->requested(); }

  std::optional<batch_taker_actor> take(std::int32_t index) {
    auto taker = blocks->take(index);
    if (!taker)
      CAF_FAIL("block " << index << " was not asked for");
    return taker;
  }

  void give_block(std::int32_t index, const batch_ptr& block) {
    anon_send(*take(index), batches_arrived{{block}});
    sched.run();
  }

  void give_block(std::int32_t index) { give_block(index, blocks->dataset.block_at(index)); }

  void give_blocks(const indices& all) {
    for (const auto each : all)
      give_block(each);
  }

  void fail_block(std::int32_t index, status_code code) {
    anon_send(*take(index), batch_failed{index, {code, "for the test"}});
    sched.run();
  }

  ~assembler_fixture() override {
    for (const auto& handle : {caf::actor_cast<caf::actor>(assembler), caf::actor_cast<caf::actor>(source),
                               caf::actor_cast<caf::actor>(a.actor), caf::actor_cast<caf::actor>(b.actor),
                               caf::actor_cast<caf::actor>(c.actor)})
      anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
    *blocks = {};
  }
};

} // namespace dispatch::test
