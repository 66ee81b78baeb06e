#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dispatch::test {

/// A consumer's socket on the loopback, blocking. All waits are bounded.
class tcp_client {
public:
  /// How long one read may take.
  static constexpr std::chrono::seconds timeout{60};

  /// Connects; throws `std::system_error` when nobody listens.
  /// @param receive_buffer bytes that the kernel may hold for us; 0: its default
  explicit tcp_client(std::uint16_t port, int receive_buffer = 0);

  ~tcp_client();

  tcp_client(tcp_client&& other) noexcept;
  tcp_client& operator=(tcp_client&&) = delete;

  /// The client's own port.
  std::uint16_t local_port() const;

  void send(std::string_view bytes);

  /// Says that nothing more will be sent.
  void half_close();

  /// Closes with a reset.
  void reset();

  /// The next line without its end; nothing at the end of the stream. Throws `std::system_error` for a reset and for a
  /// read that takes too long.
  std::optional<std::string> read_line();

  /// The next bytes of the stream, at least 1 and at most `most`; none at its end. Throws as `read_line`.
  std::string read_some(std::size_t most);

  /// Sends as much as the kernel takes without waiting.
  /// @returns how many bytes that were
  std::size_t send_some(std::string_view bytes);

  /// What is left of the stream, up to its orderly end. Throws as `read_line`.
  std::string read_all();

private:
  std::size_t fill();

  int fd_;
  std::string buffer_;
  std::size_t taken_ = 0;
};

/// A port of the loopback at which nobody listens.
std::uint16_t unused_port();

} // namespace dispatch::test
