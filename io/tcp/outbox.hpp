#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/tcp/gather_send.hpp"
#include "wire/frame.hpp"

namespace dispatch::io {

/// What waits to be sent on one connection: references to shared frames, and how far the first has been taken. Nothing
/// is copied, so that a peer that does not read costs references only.
class outbox {
public:
  /// What has been taken out whole.
  struct tally {
    std::uint32_t frames = 0;
    std::uint64_t bytes = 0;
  };

  /// @param begun bytes of the first item that have left before it is known
  explicit outbox(std::size_t begun = 0) : taken_(begun) {}

  void push(frame_ptr body, frame_tail_ptr tail);

  /// Adds a line that is not counted as a frame.
  void push_line(std::string line);

  /// Whether there is anything of which nothing was taken yet.
  bool has_untouched() const noexcept { return items_.size() > touched(); }

  /// Drops what nothing was taken of yet.
  /// @returns the index of the first frame that was dropped; nothing where there was none
  std::optional<std::int32_t> drop_untouched();

  bool empty() const noexcept { return items_.empty(); }

  /// The next bytes, at most `limit`, as far as the list has room for pieces; none only if all is empty. Valid until
  /// the next call that is not const.
  gather_list peek(std::size_t limit) const;

  /// Takes out the first `bytes` of what was peeked.
  void consume(std::size_t bytes);

  /// How many frames and lines are in it, the one that was taken in part included.
  std::size_t size() const noexcept { return items_.size(); }

  /// How many frames were taken whole since the last call of `take_finished`.
  std::size_t finished() const noexcept { return finished_.frames; }

  /// Frames whose last byte was taken since the last call, and the bytes taken with them.
  tally take_finished() noexcept;

private:
  /// How many items have begun to leave: the first, or none.
  std::size_t touched() const noexcept { return taken_ > 0 && !items_.empty() ? 1 : 0; }

  struct item {
    frame_ptr body; // null for a line
    frame_tail_ptr tail;
  };

  std::deque<item> items_;
  /// How much of the first item was taken, over body and tail.
  std::size_t taken_ = 0;
  tally finished_;
};

} // namespace dispatch::io
