#pragma once

#include <caf/intrusive_ptr.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <mutex>
#include <vector>

namespace dispatch::io {

/// CAF's multiplexer, which runs all brokers, with wake-ups that are joined: all brokers that got messages from other
/// threads run in the multiplexer's next round. CAF's own writes to a pipe for each of them and reads one in each
/// round, and a round takes as long as all that is sent in it: of 64 consumers that come at once, the last would wait
/// for 64 rounds. Given to `actor_system_config::load` with the middleman.
class coalescing_multiplexer : public caf::io::network::default_multiplexer {
public:
  explicit coalescing_multiplexer(caf::actor_system* system);

  ~coalescing_multiplexer() override;

  /// Runs `job` in the multiplexer's thread, in its next round; from any thread. Takes over the caller's reference.
  void exec_later(caf::resumable* job) override;

private:
  using super = caf::io::network::default_multiplexer;

  class wakeup;

  /// Runs in the multiplexer's thread.
  void take_over();

  std::mutex mutex_;
  /// What came from other threads since the last wake-up; not empty: one is on its way. Each is a reference.
  std::vector<caf::resumable*> posted_;
  /// Empty between two rounds; kept for its memory.
  std::vector<caf::resumable*> taken_;
  caf::intrusive_ptr<wakeup> wakeup_;
};

} // namespace dispatch::io
