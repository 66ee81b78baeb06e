#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/policy/lookahead.hpp"
#include "actors/policy/order/epoch_steps.hpp"
#include "actors/policy/order/slot_pass.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch::policy {

/// A session of its own over a dataset whose samples are counted: any order, batch size and shard. The batches of an
/// epoch are known (`epoch_steps`), so the next epoch is asked for while the last batches of the one before are still
/// awaited.
class sample_pass : public slot_pass {
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
  std::optional<std::int64_t> batches() const noexcept override;

private:
  epoch_steps steps_of(std::uint64_t epoch) const;
  void begin_next_epoch();
  void end_if_over();

  options options_;
  std::uint64_t first_epoch_;
  std::int64_t first_position_;
  // Where the next batch to ask for is:
  std::uint64_t epoch_;
  epoch_steps steps_;
  std::int64_t next_batch_ = 0;
  bool is_asked_whole_ = false;
};

} // namespace dispatch::policy
