#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "io/tcp/gather_send.hpp"
#include "wire/pieces.hpp"

namespace dispatch::io {

/// What waits to be sent on one connection: references to shared bytes, and how far the first of them was taken.
/// Nothing is copied, so that a peer that does not read costs references only.
class outbox {
public:
  /// Messages whose last byte was taken, and all bytes taken until then.
  struct tally {
    std::uint32_t messages = 0;
    std::uint64_t bytes = 0;
  };

  /// @param begun bytes of the first message that have left before it is known
  explicit outbox(std::size_t begun = 0) : taken_(begun), begun_bytes_(begun) {}

  /// Adds whole messages; at least one.
  void push(pieces messages);

  /// Drops the messages of which nothing was taken yet.
  /// @returns how many
  std::size_t drop_untouched();

  bool empty() const noexcept { return queue_.empty(); }

  /// The next bytes, at most `limit`, as far as the list has room for pieces; none only if all is empty. Valid until
  /// the next call that is not const.
  gather_list peek(std::size_t limit) const;

  /// Takes out the first `bytes` of what was peeked.
  void consume(std::size_t bytes);

  /// How many messages are in it, the one that was taken in part included.
  std::size_t messages() const noexcept { return messages_; }

  /// How many messages were taken whole since the last call of `take_finished`.
  std::size_t finished() const noexcept { return finished_.messages; }

  tally take_finished() noexcept;

private:
  /// Whether a part of the first message was taken.
  bool is_touched() const noexcept { return begun_bytes_ > 0 && !queue_.empty(); }
  const piece& first() const { return queue_.front()[first_]; }
  void drop_first();

  /// As they were pushed. None is empty.
  std::deque<pieces> queue_;
  /// The first piece in the first of them that was not taken whole.
  std::size_t first_ = 0;
  std::size_t messages_ = 0;
  /// How much of the first piece was taken.
  std::size_t taken_;
  /// How much of the first message was taken.
  std::size_t begun_bytes_;
  tally finished_;
};

} // namespace dispatch::io
