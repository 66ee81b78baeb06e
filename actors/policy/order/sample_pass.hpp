#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "actors/policy/lookahead.hpp"
#include "actors/policy/order/epoch_steps.hpp"
#include "actors/policy/order/session_pass.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch::policy {

/// A session over a dataset whose samples are counted: any order, batch size and shard. The batches of an epoch are
/// known (`epoch_steps`), so the next epoch is asked for while the last batches of the one before are still awaited.
class sample_pass : public session_pass {
public:
  struct options {
    order_spec order;
    std::vector<skipped_range> skips;
    epoch_steps::options steps;
    /// The first epoch that is not given; nothing: there is none.
    std::optional<std::uint64_t> end_epoch;
    lookahead::options window;
  };

  /// @param epoch, position where it begins
  sample_pass(options opts, std::uint64_t epoch, std::int64_t position);

  std::optional<wanted> ask(time_point now) override;
  bool block_arrived(const batch_ptr& block) override;
  bool block_failed(std::int32_t index, const failure& reason) override;
  bool rows_arrived(std::uint64_t ticket, content rows) override;
  bool rows_failed(std::uint64_t ticket, const failure& reason) override;
  std::vector<wanted> ask_again(time_point now) override;
  std::optional<wanted> ask_again(std::uint64_t ticket, time_point now) override;
  bool ask_block_again(std::int32_t index, time_point now) override;
  bool is_next_block(std::int32_t index) const override;
  bool is_next(std::uint64_t ticket) const override;
  std::optional<time_point> waits_since() const override;
  std::optional<departure> depart() override;
  void written(time_point now, std::size_t messages, std::uint64_t bytes) override;
  std::size_t requested() const noexcept override { return slots_.size(); }
  std::size_t unsent() const noexcept override { return unsent_; }
  std::size_t lookahead_size() const noexcept override { return lookahead_.size(); }
  std::int64_t batch_index() const noexcept override { return batches_departed_; }
  std::optional<std::int64_t> batches() const noexcept override { return epoch_batches_; }

private:
  struct asked {
    time_point at;
  };

  /// A batch, the end of an epoch, or that of all.
  struct slot {
    std::uint64_t ticket = 0;
    std::uint64_t epoch = 0;
    shard_batch batch;
    std::optional<std::int32_t> block;
    std::variant<asked, content, failure, epoch_over, all_over> what;
  };

  static wanted wanted_of(const slot& of);
  bool has_room() const noexcept { return slots_.size() + unsent_ < lookahead_.size(); }
  /// Appends what is next, and returns it.
  slot& append_next(time_point now);
  slot& append(decltype(slot::what) what);
  std::optional<std::int32_t> block_of(const shard_batch& batch) const;
  const slot* find_awaited(std::uint64_t ticket) const;
  /// The first that awaits this block.
  const slot* find_awaiting(std::int32_t block) const;
  bool settle(const slot* found, decltype(slot::what) what);
  void note_departed(const shard_batch& batch);

  options options_;
  lookahead lookahead_;
  // Where the next batch to ask for is:
  std::uint64_t epoch_ = 0;
  epoch_steps steps_;
  std::int64_t next_batch_ = 0;
  bool is_asked_whole_ = false;
  std::uint64_t next_ticket_ = 0;
  std::deque<slot> slots_;
  std::size_t unsent_ = 0;
  std::uint64_t written_bytes_ = 0;
  bool is_over_ = false;
  /// Of the epoch that departs, and of all.
  std::int64_t batches_departed_ = 0;
  std::int64_t epoch_batches_ = 0;
  session_tally epoch_tally_;
  session_tally total_;
};

} // namespace dispatch::policy
