#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/unique_fd.hpp"
#include "tests/chaos/poll_set.hpp"
#include "tests/chaos/session/session_judge.hpp"

namespace dispatch::chaos {

/// One connection of a team: a session that behaves as planned, and the judgement of what it is told.
class session_reader {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How a connection ended.
  enum class ending {
    none,     ///< it goes on
    complete, ///< `eof` came, and the end was in order
    enough,   ///< the rank has come as far as it should in this stint
    left,     ///< it broke off as planned, or was told to
    refused,  ///< the dispatcher ended it, and had to
    cut,      ///< the dispatcher was killed
    wrong,
  };

  /// Connects.
  /// @param known must outlive the reader, as what the wish points to
  session_reader(std::uint16_t port, const known_samples& known, const session_wish& wish, time_point now);

  void watch(poll_set& set, time_point now);

  /// @param buffer memory that all share
  void serve(const poll_set& set, time_point now, std::vector<char>& buffer);

  /// Has the connection end now.
  void leave();

  /// The dispatcher was killed: the connection may end at any byte.
  void allow_cut() noexcept { may_be_cut_ = true; }

  /// The dispatcher was told to stop.
  void allow_draining() noexcept { judge_.allow_draining(); }

  /// Ends a connection that would have gone on.
  /// @param why what is wrong, in one sentence
  void give_up(std::string why) { fail(std::move(why)); }

  ending how() const noexcept { return ending_; }
  bool over() const noexcept { return ending_ != ending::none; }
  const session_judge& judge() const noexcept { return judge_; }
  const std::optional<std::string>& problem() const noexcept { return problem_; }
  std::uint64_t bytes() const noexcept { return received_; }

  /// When a message last came, or it did not want one.
  time_point served_at() const noexcept { return served_at_; }

private:
  std::uint64_t room(time_point now) const;
  void on_connected(const poll_set& set);
  void send();
  void read(time_point now, std::vector<char>& buffer);
  void on_end(const std::string& how);
  void act_if_due(time_point now);
  void act();
  void end(ending how);
  void fail(std::string why);

  reader_plan plan_;
  io::unique_fd socket_;
  session_judge judge_;
  std::string to_send_; // the front of it is next
  time_point came_at_;
  time_point served_at_;
  std::optional<time_point> stopped_at_; // since when it does not read for a while
  std::uint64_t messages_ = 0;           // that had come at `served_at_`
  std::uint64_t received_ = 0;
  std::uint64_t next_ping_at_ = 0; // bytes
  poll_set::slot slot_ = poll_set::none;
  bool connected_ = false;
  bool acted_ = false;
  bool may_be_cut_ = false;
  ending ending_ = ending::none;
  std::optional<std::string> problem_;
};

} // namespace dispatch::chaos
