#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/metrics.hpp"
#include "actors/policy/lru_store.hpp"
#include "actors/policy/order/block_reader.hpp"
#include "actors/policy/order/held_windows.hpp"
#include "messages/assembler.hpp"
#include "messages/batch_provider.hpp"
#include "messages/run_clock.hpp"
#include "wire/session/row_gather.hpp"

namespace dispatch {

struct assembler_options {
  /// How many bytes of batches that were put together are kept for other takers at least: more where the blocks of two
  /// windows take less than two windows may, because the dataset has no more.
  std::size_t least_kept = std::size_t{16} << 20;
  /// How many blocks may be under way that no batch waits for yet.
  std::size_t blocks_ahead = 16;
  /// How long the batch provider may take for one of these, as for what sessions ask for; zero: without a limit.
  std::chrono::milliseconds give_up_after{60'000};
  /// Deadlines are kept in time that was run; null: all was.
  run_clock_ptr ran = nullptr;
};

/// See `assembler_actor`. Which two windows are kept is decided by `policy::held_windows`. A batch from another window
/// asks the batch cache for the blocks that it needs, and keeps them no longer than it needs them.
class assembler_state {
public:
  static inline const char* name = "assembler";

  assembler_state(assembler_actor::pointer self, assembler_options options, order_key key,
                  std::vector<session_column> columns, batch_provider source);

  assembler_actor::behavior_type make_behavior();

private:
  using time_point = std::chrono::steady_clock::time_point;
  using block_ptr = std::shared_ptr<const received_batch>;

  /// Names a batch among those of the order.
  struct batch_name {
    std::uint64_t epoch = 0;
    std::vector<position_range> positions;

    friend bool operator==(const batch_name& a, const batch_name& b) {
      return a.epoch == b.epoch && a.positions == b.positions;
    }
  };

  struct batch_name_hash {
    std::size_t operator()(const batch_name& name) const noexcept;
  };

  struct waiting_taker {
    rows_taker_actor taker;
    std::uint64_t ticket = 0;
  };

  /// A batch whose blocks are not all there.
  struct job {
    batch_name name;
    std::vector<policy::block_rows> rows;
    /// Those that the rows are in, each once.
    std::set<std::int64_t> blocks;
    std::vector<waiting_taker> takers;
    /// Blocks that are missing.
    std::size_t missing = 0;
    deadline until;
    /// It is finished, or no taker waits for it any more.
    bool is_over = false;
  };

  using job_ptr = std::shared_ptr<job>;

  /// A block that is there, or that a batch waits for.
  struct block {
    /// Null: it is not there.
    block_ptr content;
    /// How many batches need it that are not finished.
    std::size_t users = 0;
    std::vector<job_ptr> waiting;
  };

  void on_join(const rows_taker_actor& taker);
  void on_want(const want_rows& request);
  void on_blocks(const batches_arrived& arrived);
  void on_block_failed(const batch_failed& failed);
  void on_taker_down(const caf::down_msg& msg);

  /// Gives out a batch at once, or lets its taker wait for it.
  void take_order(const want_rows& request, const wanted_rows& wanted, rows_arrived& at_hand);
  /// Starts a batch that its taker has to wait for.
  void start(const want_rows& request, const wanted_rows& wanted, std::vector<policy::block_rows> rows);
  bool is_there(const std::vector<policy::block_rows>& rows) const;
  rows_ptr assemble(const batch_name& name, const std::vector<policy::block_rows>& rows);
  void finish(const job_ptr& done);
  void fail(const job_ptr& failed, const failure& reason);
  /// A batch needs its blocks no more.
  void release(const job_ptr& over);

  void request(std::int64_t index, deadline until);
  void on_block(const batch_ptr& arrived);
  /// Drops a block that no batch needs and that is in none of the windows that are kept.
  void drop_if_unneeded(std::int64_t index);

  /// Other windows are to be kept from now on.
  void on_windows_changed();
  bool is_in_window(std::int64_t index);
  /// Asks for blocks of the kept windows that no batch waits for yet.
  void read_ahead();

  deadline now() const;

  assembler_actor::pointer self_;
  assembler_options options_;
  order_key key_;
  std::vector<session_column> columns_;
  batch_provider source_;
  policy::block_reader reader_;
  policy::held_windows<caf::actor_id> windows_;
  std::unordered_map<std::int64_t, block> blocks_;
  /// Blocks that were asked for, and whether that was ahead of any batch that needs them.
  std::unordered_map<std::int64_t, bool> requested_;
  std::size_t requested_ahead_ = 0;
  /// What is still to be asked for ahead, the last first.
  std::vector<std::int64_t> to_read_;
  std::unordered_map<batch_name, job_ptr, batch_name_hash> jobs_;
  policy::lru_store<batch_name, rows_ptr, batch_name_hash> ready_;
  std::set<caf::actor_id> takers_;
  order_metrics metrics_;
  time_point started_at_;
};

using assembler_impl = assembler_actor::stateful_impl<assembler_state>;

} // namespace dispatch
