#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace dispatch::bench {

/// What a message broker or its client library says is wrong.
class peer_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Puts frames into a broker. Belongs to one thread.
class publisher {
public:
  virtual ~publisher() = default;

  /// Sends a frame; returns when the kernel has it.
  /// @throws peer_error
  virtual void publish(std::string_view frame) = 0;

  /// Returns when the broker has all that was published.
  /// @throws peer_error
  virtual void finish() = 0;
};

/// Has frames from a broker, by a socket that one loop watches for all consumers. Belongs to one thread.
class consumer {
public:
  /// Takes a frame; its bytes are gone when that returns.
  using frame_sink = std::function<void(std::string_view)>;

  virtual ~consumer() = default;

  /// Its socket, to be watched for what can be read.
  virtual int fd() const = 0;

  /// Asks for the frames of a pass, where a broker has to be asked.
  /// @throws peer_error
  virtual void begin_pass() = 0;

  /// Takes what has come, and does not wait for more.
  /// @throws peer_error
  virtual void read(const frame_sink& take) = 0;
};

/// A message broker, by its own client library.
class peer {
public:
  virtual ~peer() = default;

  /// @throws peer_error
  virtual std::unique_ptr<publisher> make_publisher() = 0;

  /// Makes a consumer that has whatever is published from then on.
  /// @throws peer_error
  virtual std::unique_ptr<consumer> make_consumer() = 0;
};

} // namespace dispatch::bench
