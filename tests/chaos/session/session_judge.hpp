#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/policy/order/epoch_order.hpp"
#include "actors/policy/order/epoch_steps.hpp"
#include "apps/pull/session/session_checker.hpp"
#include "tests/chaos/session/known_samples.hpp"
#include "tests/chaos/session/session_hello.hpp"
#include "tests/chaos/session/session_messages.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch::chaos {

/// A place in an order. The end of an epoch and the beginning of the next are two places here, as they are two cursors.
struct order_place {
  std::uint64_t epoch = 0;
  std::int64_t position = 0;

  friend bool operator==(order_place a, order_place b) { return a.epoch == b.epoch && a.position == b.position; }
  friend bool operator!=(order_place a, order_place b) { return !(a == b); }
  friend bool operator<(order_place a, order_place b) {
    return a.epoch != b.epoch ? a.epoch < b.epoch : a.position < b.position;
  }
};

/// A batch that was right.
struct given_batch {
  std::uint64_t epoch = 0;
  order_place behind;
  std::vector<std::int64_t> samples; ///< their numbers, told from their bytes, without those that fill up a last step
};

/// Judges what one session says: each batch has the samples that the order gives to its place, the cursors are those of
/// these places, and what is said to be over is over. The first thing that is wrong stays.
class session_judge {
public:
  /// @param known must outlive the judge, as what the wish points to
  session_judge(const known_samples& known, const session_wish& wish);

  /// Takes the next bytes, in whatever pieces they come. Once the judge has `enough`, it takes no more.
  void take(std::string_view bytes);

  /// From now on an error may come, because the client has said what no session takes.
  void allow_error() noexcept { may_fail_ = true; }

  /// From now on the dispatcher may end the session because it stops.
  void allow_draining() noexcept { may_drain_ = true; }

  /// From now on `count` more pongs are due.
  void expect_pongs(std::uint64_t count) noexcept { pongs_due_ += count; }

  /// What is wrong, in one sentence; nothing while nothing is.
  const std::optional<std::string>& problem() const noexcept { return problem_; }

  /// Whether the stint's plan has this rank stop here.
  bool enough() const noexcept { return enough_; }

  /// Whether `eof` has come.
  bool complete() const { return checker_.complete(); }

  /// Whether the dispatcher has said that the session is over: by `eof`, `drain`, or an `error` that may be.
  bool is_over() const noexcept { return over_; }

  /// The session as `welcome` has it, with the cursor where it began; nothing before.
  const std::optional<session_cursor>& welcome() const noexcept { return welcome_; }

  /// Behind the last message that came.
  order_place place() const noexcept { return place_; }

  const std::vector<given_batch>& batches() const noexcept { return batches_; }

  /// How many samples each epoch that is over has dropped.
  const std::map<std::uint64_t, std::int64_t>& dropped() const noexcept { return dropped_; }

  /// Messages that came, without those that only fill the time.
  std::uint64_t messages() const noexcept { return messages_; }

  /// Bytes of a message whose end has not come.
  std::size_t pending() const noexcept { return input_.pending(); }

private:
  void judge(const session_messages::message& next);
  std::optional<std::string> accept(const pull::welcome_line& said);
  std::optional<std::string> accept(const pull::batch_line& batch, std::string_view payload);
  std::optional<std::string> accept(const pull::epoch_line& over);
  std::optional<std::string> accept_end(const pull::server_line& line);
  std::optional<std::string> check_cursor(const std::string& text) const;
  std::optional<std::string> check_rows(const policy::shard_batch& due, std::string_view rows, given_batch& out) const;
  void begin_epoch(std::uint64_t epoch, std::int64_t from);

  const known_samples& known_;
  session_wish wish_;
  session_messages input_;
  pull::session_checker checker_;
  std::optional<session_cursor> welcome_;
  std::optional<policy::epoch_order> order_;
  std::optional<policy::epoch_steps> steps_; // of the current epoch
  std::int64_t step_ = 0;                    // in it, the next
  order_place place_;
  std::vector<given_batch> batches_;
  std::map<std::uint64_t, std::int64_t> dropped_;
  std::uint64_t messages_ = 0;
  std::uint64_t pongs_due_ = 0;
  bool may_fail_ = false;
  bool may_drain_ = false;
  bool enough_ = false;
  bool over_ = false;
  std::optional<std::string> problem_;
};

} // namespace dispatch::chaos
