#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/load_client.hpp"
#include "bench/load/options.hpp"
#include "bench/load/server_addresses.hpp"
#include "bench/load/tally.hpp"
#include "bench/stream/group_account.hpp"
#include "io/unique_fd.hpp"

namespace dispatch::bench {

/// What the threads of a run share.
struct run_state {
  load_client::clock::time_point started;
  std::atomic<bool> stop{false};        ///< ends the run as if its time were over
  std::atomic<std::uint64_t> frames{0}; ///< so far, for those who watch
  std::atomic<std::uint64_t> bytes{0};  ///< so far
};

/// Runs some of the clients in one thread: one epoll loop, one buffer.
class worker {
public:
  /// Its part of the clients.
  struct share {
    std::size_t first;   ///< the number of its first one
    std::size_t clients; ///< how many are its own
    std::size_t slow;    ///< how many of these are slow
  };

  worker(const load_options& options, const std::vector<server_address>& servers, run_state& run, share own);

  /// Returns when all clients that are not slow have made their passes, or when the time is over.
  void work();

  const tally& normal() const noexcept { return normal_; }

  const tally& slow() const noexcept { return slow_; }

  /// What its members of a group were given.
  const group_account& group() const noexcept { return group_; }

  /// When the last thing happened that counts.
  load_client::clock::time_point ended() const noexcept { return ended_; }

private:
  using time_point = load_client::clock::time_point;

  tally& counts_of(const load_client& client) { return client.slow() ? slow_ : normal_; }

  void start_due(time_point now);
  void start_pass(load_client& client);
  void serve(load_client& client, time_point now);
  void watch(load_client& client, int operation);
  load_client::state speak(load_client& client);
  void pause(load_client& client);
  void resume_paused(time_point now);
  void try_next_address(load_client& client);
  void end_pass(load_client& client);
  void fail(load_client& client, const std::string& why);
  void finish(load_client& client);
  void wait_and_serve();
  void cut_open_passes();
  void publish();
  std::unique_ptr<stream_check> make_check();
  std::size_t start_limit(time_point now) const;

  const load_options& options_;
  const std::vector<server_address>& servers_;
  run_state& run_;
  io::unique_fd epoll_;
  std::vector<char> buffer_;
  std::vector<load_client> clients_;
  std::size_t started_ = 0;
  std::size_t finished_ = 0;
  std::size_t slow_unfinished_ = 0;
  bool all_slow_;
  std::size_t paused_ = 0;
  time_point next_resume_{};
  bool limit_reached_ = false;
  tally normal_;
  tally slow_;
  group_account group_;
  std::uint64_t frames_published_ = 0;
  std::uint64_t bytes_published_ = 0;
  time_point ended_;
};

} // namespace dispatch::bench
