#pragma once

#include <caf/fwd.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <tuple>

namespace dispatch::test {

/// What some actor is about to do: its name, and the type of the message that it has got. The answer to a request is
/// `reply` and the type, what was delayed is `timer`.
struct fault_point {
  std::string actor;
  std::string message;

  friend bool operator<(const fault_point& a, const fault_point& b) {
    return std::tie(a.actor, a.message) < std::tie(b.actor, b.message);
  }
};

/// What an actor dies of.
class injected_fault : public std::runtime_error {
public:
  explicit injected_fault(const fault_point& where)
    : std::runtime_error("injected fault in " + where.actor + " at " + where.message) {}
};

/// Lets actors throw at a chosen message, in programs that are linked with `dispatch_fault_switch`: the linker puts it
/// around what makes an actor's handlers (`--wrap`), so that the actors are the very ones that are shipped. Used from
/// all threads.
///
/// The environment's `DISPATCHER_FAULT=ACTOR:MESSAGE:N` arms it from the start.
class fault_switch {
public:
  static fault_switch& instance();

  /// From now on the `occurrence`-th message there throws, once.
  /// @param occurrence from 1
  void arm(const fault_point& where, std::uint64_t occurrence);

  /// Whether what was armed last has thrown.
  bool has_thrown() const;

  /// How often each point was reached since the last call.
  std::map<fault_point, std::uint64_t> take_counts();

  /// Called before each handler. Throws where it is time.
  void reach(const fault_point& where);

  /// Actors that run in the latest actor system, the hidden ones left out.
  std::size_t running_actors() const;

  /// Notes the latest actor system.
  void note(caf::actor_system& system) { system_ = &system; }

private:
  fault_switch();

  mutable std::mutex mutex_;
  std::map<fault_point, std::uint64_t> counts_;
  fault_point armed_;
  /// How many occurrences are left until it throws; 0: none is armed.
  std::uint64_t left_ = 0;
  std::atomic<caf::actor_system*> system_{nullptr};
};

} // namespace dispatch::test
