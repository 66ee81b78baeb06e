#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "actors/policy/lookahead.hpp"
#include "actors/policy/order/epoch_steps.hpp"
#include "actors/policy/order/session_pass.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch::policy {

/// What is the same in all sessions whose samples are counted, however their batches are chosen: batches leave in the
/// order in which they were asked for. What to ask for next is decided by the classes made from this one.
class slot_pass : public session_pass {
public:
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
  std::int64_t batch_index() const noexcept override;

protected:
  slot_pass(const order_spec& order, lookahead::options window) : order_(order), lookahead_(window) {}

  /// Batches and ends that could be asked for now.
  std::size_t room() const noexcept;

  /// Appends a batch that is asked for, and returns that.
  wanted append(time_point now, std::uint64_t epoch, shard_batch batch, bool is_redelivered = false);

  /// Appends the end of an epoch. `dropped` and `skipped` count the samples that no shard gets.
  void append_epoch_end(std::uint64_t epoch, std::int64_t dropped, std::int64_t skipped);

  /// Appends the end of all. Nothing follows it.
  void append_end();

  /// The epoch of what departs next, as far as that is known; nothing before anything has departed.
  std::optional<std::uint64_t> departing_epoch() const noexcept { return departing_epoch_; }

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
    bool is_redelivered = false;
    std::variant<asked, content, failure, epoch_over, all_over> what;
  };

  static wanted wanted_of(const slot& of);
  slot& append(std::uint64_t epoch, decltype(slot::what) what);
  std::optional<std::int32_t> block_of(const shard_batch& batch) const;
  const slot* find_awaited(std::uint64_t ticket) const;
  /// The first that awaits this block.
  const slot* find_awaiting(std::int32_t block) const;
  bool settle(const slot* found, decltype(slot::what) what);
  ready_batch depart(slot&& next, content&& rows);
  epoch_over depart(epoch_over&& end);

  order_spec order_;
  lookahead lookahead_;
  std::uint64_t next_ticket_ = 0;
  std::deque<slot> slots_;
  std::size_t unsent_ = 0;
  std::uint64_t written_bytes_ = 0;
  bool is_over_ = false;
  std::optional<std::uint64_t> departing_epoch_;
  /// Of what has departed of each epoch that is not over.
  std::map<std::uint64_t, session_tally> tallies_;
  session_tally total_;
};

} // namespace dispatch::policy
