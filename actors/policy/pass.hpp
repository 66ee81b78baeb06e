#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "actors/policy/lookahead.hpp"
#include "actors/policy/window.hpp"
#include "wire/batch.hpp"
#include "wire/batch_layout.hpp"
#include "wire/dataset_description.hpp"
#include "wire/fingerprint.hpp"
#include "wire/status_code.hpp"

namespace dispatch::policy {

/// One pass of a consumer over a dataset: which batches to ask for, which may leave, and how it ends. Puts
/// together where it stands (`pass_position`), what is under way (`window`), how far that is ahead of the socket
/// (`lookahead`), and what each batch has to hold (`batch_layout`).
class pass {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct options {
    /// Samples in a batch, at least 1.
    std::int32_t batch_size = 30;
    lookahead::options window;
  };

  using batch_window = window<batch_ptr, failure>;

  /// Batches whose indices follow each other.
  struct range {
    std::int32_t first = 0;
    std::int32_t count = 0;
  };

  /// What may leave now, and what comes after it.
  struct departures {
    std::vector<batch_window::delivery> batches;
    /// Whether the last of them ends the pass.
    bool is_end = false;
    /// Why the pass ends behind them before its time.
    std::optional<failure> broken;
  };

  explicit pass(options opts) : options_(opts), lookahead_(opts.window) {}

  /// What the dataset is, for a pass that has not begun.
  void describe(const dataset_description& description);

  /// Begins at batch `first`, with what is known of the dataset by now.
  void begin(std::int32_t first = 0);

  bool has_begun() const noexcept { return window_.has_value(); }

  // The rest is for a pass that has begun.

  /// The next batches to ask for, which then count as asked for at `now`; nothing while there is no room or no need.
  std::optional<range> ask(time_point now);

  /// Takes a batch, or what is wrong with its size. Returns false where it is not awaited.
  bool arrived(const batch_ptr& next);

  /// Takes a failure as the answer for a batch. Returns false where it is not awaited.
  bool failed(std::int32_t index, const failure& reason);

  /// Whether everything else waits for this batch.
  bool is_next(std::int32_t index) const { return window_->is_next(index); }

  /// The batch is asked for once more at `now`. Returns false where it is not awaited.
  bool ask_again(std::int32_t index, time_point now) { return window_->ask_again(index, now); }

  /// The batch that everything else waits for, where it was asked for at or before `limit`.
  std::optional<std::int32_t> overdue(time_point limit) const;

  /// When the batch that is next was asked for; nothing where it is not awaited.
  std::optional<time_point> next_asked_at() const { return window_->next_asked_at(); }

  /// Takes the batches that may leave; they then count as unsent until they are written.
  departures depart();

  /// Batches have left for the kernel.
  void written(time_point now, std::size_t batches, std::uint64_t bytes);

  std::size_t unsent() const noexcept { return window_->unsent(); }

  /// How many batches were asked for and have not departed.
  std::size_t requested() const noexcept { return window_->requested(); }

  /// The batch that departs next.
  std::int32_t position() const noexcept { return window_->position().index(); }

  /// Number of batches, as far as it is known.
  std::optional<std::int32_t> total() const noexcept { return window_->position().total(); }

  /// How many batches it may be ahead of its socket.
  std::size_t lookahead_size() const noexcept { return lookahead_.size(); }

  /// Of the dataset of the whole pass.
  dispatch::fingerprint fingerprint() const noexcept { return fingerprint_; }

private:
  /// Learns from batch 0 how the dataset is cut into batches.
  void learn_layout(const batch& first);
  /// The failure of the batch that is next, in the words of the pass.
  failure explained(failure reason) const;

  options options_;
  lookahead lookahead_;
  dataset_description description_;
  dispatch::fingerprint fingerprint_;
  batch_layout layout_;
  /// Nothing before the pass begins.
  std::optional<batch_window> window_;
};

} // namespace dispatch::policy
