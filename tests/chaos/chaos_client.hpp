#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/unique_fd.hpp"
#include "tests/chaos/client_schedule.hpp"
#include "tests/chaos/expected_pass.hpp"
#include "tests/chaos/poll_set.hpp"
#include "tests/chaos/stream_judge.hpp"

namespace dispatch::chaos {

/// One consumer that behaves as planned, and the judgement of what it gets.
class chaos_client {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Connects.
  /// @param port the dispatcher's
  /// @param expected must outlive the client
  chaos_client(const client_plan& plan, std::uint16_t port, const expected_pass& expected, time_point now);

  /// Waits for what it can do now.
  void watch(poll_set& set, time_point now);

  /// Does it.
  /// @param buffer memory that all clients share
  void serve(const poll_set& set, time_point now, std::vector<char>& buffer);

  /// Ends a client that would have gone on.
  /// @param why what is wrong, in one sentence
  void give_up(std::string why) { fail(std::move(why)); }

  /// The socket of one that has vanished; none of any other. As long as it is open, nobody is told.
  io::unique_fd take_vanished() noexcept { return std::exchange(vanished_, {}); }

  /// Whether its connection is over, one way or another.
  bool over() const noexcept { return !socket_; }

  const client_plan& plan() const noexcept { return plan_; }

  /// What is wrong with what it got, in one sentence.
  const std::optional<std::string>& problem() const noexcept { return problem_; }

  /// Whether it has got the whole pass, and its end was in order.
  bool complete() const noexcept { return complete_; }

  std::int64_t batches() const { return judge_.batches(); }
  std::uint64_t bytes() const noexcept { return received_; }

  /// When it last got something, or asked for nothing.
  time_point served_at() const noexcept { return served_at_; }

private:
  std::uint64_t room(time_point now) const;
  void on_connected(const poll_set& set);
  void leave_if_due(time_point now);
  void leave();
  io::unique_fd vanish();
  void read(time_point now, std::vector<char>& buffer);
  void send();
  void end_of_stream();
  void fail(std::string why);

  client_plan plan_;
  io::unique_fd socket_;
  io::unique_fd vanished_;
  stream_judge judge_;
  time_point came_at_;
  time_point served_at_;
  std::optional<time_point> stopped_at_; // since when it does not read for a while
  bool connected_ = false;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  poll_set::slot slot_ = poll_set::none;
  std::optional<std::string> problem_;
  bool complete_ = false;
};

} // namespace dispatch::chaos
