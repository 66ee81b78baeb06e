#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "actors/policy/order/epoch_steps.hpp"
#include "wire/batch.hpp"
#include "wire/session/server_lines.hpp"
#include "wire/status_code.hpp"

namespace dispatch::policy {

/// The epochs that one session is given: which batches to ask for, which may leave, and how it ends. Answers come in
/// any order and leave in the right one.
class session_pass {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using content = std::shared_ptr<const received_batch>;

  /// A batch to ask for.
  struct wanted {
    /// Names it among those of the session.
    std::uint64_t ticket = 0;
    std::uint64_t epoch = 0;
    std::vector<position_range> positions;
    /// The block that it is as a whole; nothing where it is to be put together from rows.
    std::optional<std::int32_t> block;
  };

  /// A batch that may leave.
  struct ready_batch {
    std::uint64_t epoch = 0;
    /// Where its step begins, and the next one.
    std::int64_t position = 0;
    std::int64_t next_position = 0;
    /// Nothing where they cannot be counted.
    std::optional<std::int64_t> samples;
    content rows;
    /// Whether a member of the group may have had it before.
    bool is_redelivered = false;
  };

  /// An epoch is over.
  struct epoch_over {
    std::uint64_t epoch = 0;
    session_tally given;
  };

  /// The last epoch is over.
  struct all_over {
    session_tally given;
  };

  using departure = std::variant<ready_batch, epoch_over, all_over, failure>;

  virtual ~session_pass() = default;

  /// The next batch to ask for, which then counts as asked for at `now`; nothing while there is no room or no need.
  virtual std::optional<wanted> ask(time_point now) = 0;

  /// Takes a block that was asked for. Returns whether it was awaited.
  virtual bool block_arrived(const batch_ptr& block) = 0;
  virtual bool block_failed(std::int32_t index, const failure& reason) = 0;

  /// Takes a batch that was put together. Returns whether it was awaited.
  virtual bool rows_arrived(std::uint64_t ticket, content rows) = 0;
  virtual bool rows_failed(std::uint64_t ticket, const failure& reason) = 0;

  /// Those that are awaited, from now on as if they were asked for at `now`.
  virtual std::vector<wanted> ask_again(time_point now) = 0;

  /// The same of one of them; nothing where it is not awaited.
  virtual std::optional<wanted> ask_again(std::uint64_t ticket, time_point now) = 0;

  /// The same of a block. Returns false where it is not awaited.
  virtual bool ask_block_again(std::int32_t index, time_point now) = 0;

  /// Whether everything else waits for this batch.
  virtual bool is_next_block(std::int32_t index) const = 0;
  virtual bool is_next(std::uint64_t ticket) const = 0;

  /// Since when the batch that everything else waits for was asked for; nothing where none is awaited.
  virtual std::optional<time_point> waits_since() const = 0;

  /// What is next to leave, which then counts as unsent; nothing while it is not there, or when all is over. Behind a
  /// failure there is nothing.
  virtual std::optional<departure> depart() = 0;

  /// Messages have left for the kernel.
  virtual void written(time_point now, std::size_t messages, std::uint64_t bytes) = 0;

  virtual std::size_t requested() const noexcept = 0;
  virtual std::size_t unsent() const noexcept = 0;
  virtual std::size_t lookahead_size() const noexcept = 0;

  /// Batches of the present epoch that have departed, and of the whole epoch as far as that is known.
  virtual std::int64_t batch_index() const noexcept = 0;
  virtual std::optional<std::int64_t> batches() const noexcept = 0;
};

} // namespace dispatch::policy
