#pragma once

#include "io/unique_fd.hpp"
#include "tests/chaos/byte_flow.hpp"
#include "tests/chaos/poll_set.hpp"

namespace dispatch::chaos {

/// A connection of the dispatcher's, and the one to the server that it is led to.
class proxied_connection {
public:
  using time_point = byte_flow::time_point;

  /// @param near accepted from the dispatcher
  /// @param far connecting to the server
  proxied_connection(io::unique_fd near, io::unique_fd far);

  /// Waits for what it can do now.
  void watch(poll_set& set, time_point now, const link_manner& manner);

  /// Does it.
  void serve(const poll_set& set, time_point now, const link_manner& manner);

  /// Cuts it when so many bytes more have come from the server.
  void cut_after(std::uint64_t bytes, bool with_reset);

  /// Damages a frame of the requests or the replies.
  void request_damage(damage what, bool of_requests);

  /// Whether a damage was done.
  bool damaged() const noexcept { return requests_.damager().done() || replies_.damager().done(); }

  /// Ends both sides with a reset.
  void reset();

  /// Whether nothing is left of it.
  bool over() const noexcept { return !near_; }

  /// Bytes that came through, both ways.
  std::uint64_t passed() const noexcept { return requests_.passed() + replies_.passed(); }

private:
  bool move_bytes(const poll_set& set, time_point now, const link_manner& manner);
  void close();

  io::unique_fd near_;
  io::unique_fd far_;
  byte_flow requests_{frame_damager::preface_size};
  byte_flow replies_{0};
  bool cut_with_reset_ = false;
  poll_set::slot near_slot_ = poll_set::none;
  poll_set::slot far_slot_ = poll_set::none;
};

} // namespace dispatch::chaos
