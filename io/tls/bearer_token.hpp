#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "io/tls/pem_files.hpp"

namespace dispatch::tls {

/// The token that a file's content holds: the content without blanks and line ends around it.
/// @throws std::invalid_argument where it is empty or has bytes that do not belong in a header. what() is a phrase that
/// says what is wrong with the file and has nothing of the token
std::string token_in(const std::string& content);

/// A bearer token that is kept in a file, where another program renews it.
class bearer_token {
public:
  using clock = std::chrono::steady_clock;

  /// A token that was read so long ago is read again.
  static constexpr std::chrono::seconds read_again_after{1};

  /// Reads the file.
  /// @throws file_error
  explicit bearer_token(file_option file);

  /// The token. A file that cannot be used when it is read again leaves the token as it was. In any thread.
  std::string current(clock::time_point now = clock::now());

private:
  std::string read() const;

  file_option file_;
  std::mutex mutex_;
  std::string token_;
  clock::time_point read_at_;
};

} // namespace dispatch::tls
