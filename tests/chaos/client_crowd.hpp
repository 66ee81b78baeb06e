#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <vector>

#include "io/unique_fd.hpp"
#include "tests/chaos/chaos_client.hpp"
#include "tests/chaos/client_schedule.hpp"
#include "tests/chaos/client_tally.hpp"
#include "tests/chaos/expected_pass.hpp"
#include "tests/chaos/poll_set.hpp"

namespace dispatch::chaos {

/// The consumers of a run: who comes, who is there, and what became of those who were.
class client_crowd {
public:
  using time_point = chaos_client::time_point;

  /// What bounds the crowd.
  struct limits {
    std::size_t present = 120;          ///< at a time; who comes when it is full waits
    std::chrono::seconds patience{120}; ///< how long one that wants to read may get nothing

    /// For how long the sockets of those who have vanished stay; longer than anybody waits for the dispatcher to
    /// notice.
    std::chrono::seconds vanished() const { return 3 * patience; }
  };

  /// @param expected must outlive the crowd
  client_crowd(client_schedule arrivals, const expected_pass& expected, limits most);

  /// Lets those connect who are due.
  /// @param port the dispatcher's
  /// @param elapsed since the start of the schedule
  void admit(std::uint16_t port, milliseconds elapsed, time_point now);

  /// Lets one connect who is not in the schedule.
  void add(const client_plan& plan, std::uint16_t port, time_point now);

  /// The dispatcher was told to stop: from now on streams may end with an error frame that says so, and those who do
  /// not read may be reset.
  void allow_draining() noexcept { draining_ = true; }

  void watch(poll_set& set, time_point now);
  void serve(const poll_set& set, time_point now);

  std::size_t present() const noexcept { return clients_.size(); }

  /// How many of the schedule have come.
  std::uint64_t came() const noexcept { return next_.number; }

  const client_tally& tally() const noexcept { return tally_; }

private:
  struct vanished_client {
    io::unique_fd socket;
    time_point since;
  };

  void forget_vanished(time_point now);
  bool was_drained(const chaos_client& client) const;

  client_schedule arrivals_;
  const expected_pass& expected_;
  limits most_;
  client_plan next_;
  std::list<chaos_client> clients_;
  std::deque<vanished_client> vanished_; ///< those who vanished first are first
  std::vector<char> buffer_;
  client_tally tally_;
  bool draining_ = false;
};

} // namespace dispatch::chaos
