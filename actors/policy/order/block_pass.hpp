#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "actors/policy/lookahead.hpp"
#include "actors/policy/order/session_pass.hpp"
#include "actors/policy/pass.hpp"
#include "wire/dataset_description.hpp"

namespace dispatch::policy {

/// A session over a dataset whose samples cannot be counted: its blocks, whole and in order. Each epoch is a `pass`,
/// which knows how to find the end. Positions count blocks.
class block_pass : public session_pass {
public:
  struct options {
    dataset_description description;
    /// Samples that the dataset service is asked to put into a block.
    std::int32_t asked_block = 30;
    /// The first epoch that is not given; nothing: there is none.
    std::optional<std::uint64_t> end_epoch;
    lookahead::options window;
  };

  /// @param epoch, position where it begins
  block_pass(options opts, std::uint64_t epoch, std::int64_t position);

  std::optional<wanted> ask(time_point now) override;
  bool block_arrived(const batch_ptr& block) override;
  bool block_failed(std::int32_t index, const failure& reason) override;
  bool rows_arrived(std::uint64_t, content) override { return false; }
  bool rows_failed(std::uint64_t, const failure&) override { return false; }
  std::vector<wanted> ask_again(time_point) override { return {}; }
  std::optional<wanted> ask_again(std::uint64_t, time_point) override { return std::nullopt; }
  bool ask_block_again(std::int32_t index, time_point now) override { return pass_.ask_again(index, now); }
  bool is_next_block(std::int32_t index) const override { return pass_.is_next(index); }
  bool is_next(std::uint64_t) const override { return false; }
  std::optional<time_point> waits_since() const override;
  std::optional<departure> depart() override;
  void written(time_point now, std::size_t messages, std::uint64_t bytes) override;
  std::size_t requested() const noexcept override { return pass_.requested(); }
  std::size_t unsent() const noexcept override { return unsent_; }
  std::size_t lookahead_size() const noexcept override { return pass_.lookahead_size(); }
  std::int64_t batch_index() const noexcept override { return pass_.position(); }
  std::optional<std::int64_t> batches() const noexcept override { return pass_.total(); }

private:
  pass new_pass(std::int32_t first) const;
  /// Has what the pass gives depart.
  void take_departures();
  void end_epoch();
  bool is_over() const noexcept { return options_.end_epoch && epoch_ >= *options_.end_epoch; }

  options options_;
  std::uint64_t epoch_;
  std::int32_t first_;
  pass pass_;
  /// Asked of the pass, and not given out by `ask` yet.
  pass::range to_ask_;
  std::deque<departure> ready_;
  std::size_t unsent_ = 0;
  session_tally epoch_tally_;
  session_tally total_;
};

} // namespace dispatch::policy
