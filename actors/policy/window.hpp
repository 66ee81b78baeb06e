#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "actors/policy/pass_position.hpp"

namespace dispatch::policy {

/// What one consumer has asked for and has not sent yet: at most `capacity` batches are requested, buffered or waiting
/// in its connection; one more only where a batch cannot be placed without the one behind it. Answers come in any order
/// and leave in that of their pass.
///
/// @tparam Batch what is delivered
/// @tparam Failure why something cannot be
template <class Batch, class Failure>
class window {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A batch that may go out now, and whether it ends the pass.
  struct delivery {
    Batch batch;
    bool last = false;
  };

  /// @param capacity at least 1
  window(std::size_t capacity, pass_position start) : capacity_(capacity), position_(start) {}

  /// From now on at most `capacity` batches, at least 1; what is there already stays.
  void resize(std::size_t capacity) noexcept { capacity_ = capacity; }

  /// From now on the number of batches is certain.
  void settle_total(std::int32_t total) noexcept { position_.settle_total(total); }

  const policy::pass_position& position() const noexcept { return position_; }

  /// The next batch to ask for, which then counts as asked for at `now`; nothing while there is no room or no need.
  std::optional<std::int32_t> ask(time_point now) {
    const auto index = std::int64_t{position_.index()} + static_cast<std::int64_t>(slots_.size());
    const auto is_wanted = position_.may_exist(index) || (slots_.size() == 1 && front_waits());
    if (blocked_ || !is_wanted || !has_room())
      return std::nullopt;
    slots_.push_back(slot{now, awaited{}});
    return static_cast<std::int32_t>(index);
  }

  /// Takes the answer for batch `index`. Returns false where none is awaited: it is late, or unknown.
  bool arrived(std::int32_t index, Batch batch, batch_signs signs) {
    auto* found = find_awaited(index);
    if (found == nullptr)
      return false;
    found->content = ready{std::move(batch), signs};
    return true;
  }

  /// Takes a failure as the answer for batch `index`. Nothing behind it is asked for any more.
  /// @param out_of_range whether the failure means that there is no such batch
  bool failed(std::int32_t index, Failure reason, bool out_of_range) {
    auto* found = find_awaited(index);
    if (found == nullptr)
      return false;
    found->content = broken{std::move(reason), out_of_range};
    blocked_ = true;
    return true;
  }

  /// Whether everything else waits for batch `index`: it is the next, or the next cannot be placed without it.
  bool is_next(std::int32_t index) const {
    return index == position_.index() || (front_waits() && index == std::int64_t{position_.index()} + 1);
  }

  /// Batch `index` is asked for once more at `now`. Returns false where it is not awaited.
  bool ask_again(std::int32_t index, time_point now) {
    auto* found = find_awaited(index);
    if (found == nullptr)
      return false;
    found->asked_at = now;
    return true;
  }

  /// The first batch that was asked for at or before `limit` and is still awaited.
  std::optional<std::int32_t> awaited_since(time_point limit) const {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (std::holds_alternative<awaited>(slots_[i].content) && slots_[i].asked_at <= limit)
        return position_.index() + static_cast<std::int32_t>(i);
    return std::nullopt;
  }

  /// When the batch that is next was asked for; nothing where it is not awaited.
  std::optional<time_point> next_asked_at() const {
    const auto is_awaited = !slots_.empty() && std::holds_alternative<awaited>(slots_.front().content);
    return is_awaited ? std::optional{slots_.front().asked_at} : std::nullopt;
  }

  /// What to do next: a batch to send, which then counts as unsent until `written`; or the failure that ends the
  /// pass; or nothing yet.
  std::optional<std::variant<delivery, Failure>> next() {
    if (slots_.empty() || position_.done())
      return std::nullopt;
    if (auto* reason = std::get_if<broken>(&slots_.front().content))
      return reason->reason;
    auto* front = std::get_if<ready>(&slots_.front().content);
    if (front == nullptr)
      return std::nullopt;
    const auto placed = position_.place(front->signs.marked_last, second());
    if (!placed)
      return std::nullopt;
    delivery result{std::move(front->batch), *placed == placement::last};
    slots_.pop_front();
    position_.advance(*placed);
    ++unsent_;
    return result;
  }

  /// Batches that `next` gave out have left.
  void written(std::size_t batches) noexcept { unsent_ -= batches < unsent_ ? batches : unsent_; }

  std::size_t unsent() const noexcept { return unsent_; }

  /// How many batches were asked for and were not given out yet.
  std::size_t requested() const noexcept { return slots_.size(); }

private:
  struct awaited {};

  struct ready {
    Batch batch;
    batch_signs signs;
  };

  struct broken {
    Failure reason;
    bool out_of_range;
  };

  struct slot {
    time_point asked_at;
    std::variant<awaited, ready, broken> content;
  };

  bool has_room() const {
    if (slots_.size() + unsent_ < capacity_)
      return true;
    // A batch that cannot be placed before its successor is known must not wait for room to ask for it. One more than
    // the capacity is enough: where more is unsent, what is written makes room.
    return slots_.size() == 1 && unsent_ < capacity_ && front_waits();
  }

  /// Whether the next batch is there and cannot be placed before the answer for the one behind it.
  bool front_waits() const {
    const auto* front = slots_.empty() ? nullptr : std::get_if<ready>(&slots_.front().content);
    return front != nullptr && !position_.place(front->signs.marked_last, successor::unknown);
  }

  slot* find_awaited(std::int32_t index) {
    const auto offset = std::int64_t{index} - position_.index();
    if (offset < 0 || offset >= static_cast<std::int64_t>(slots_.size()))
      return nullptr;
    auto& found = slots_[static_cast<std::size_t>(offset)];
    return std::holds_alternative<awaited>(found.content) ? &found : nullptr;
  }

  successor second() const {
    if (slots_.size() < 2)
      return successor::unknown;
    const auto& content = slots_[1].content;
    if (const auto* found = std::get_if<ready>(&content))
      return found->signs.empty && found->signs.marked_last ? successor::empty_last : successor::exists;
    if (const auto* reason = std::get_if<broken>(&content))
      return reason->out_of_range ? successor::out_of_range : successor::failed;
    return successor::unknown;
  }

  std::size_t capacity_;
  policy::pass_position position_;
  std::deque<slot> slots_;
  std::size_t unsent_ = 0;
  bool blocked_ = false;
};

} // namespace dispatch::policy
