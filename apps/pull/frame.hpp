#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dispatch::pull {

/// Why a server ended its stream before its end.
struct stream_error {
  std::string code;    ///< gRPC's name of it, such as NOT_FOUND
  std::string message; ///< in words
};

/// One line of the classic client protocol, decoded.
struct frame {
  std::int64_t batch_id = 0;
  std::int64_t batch_index = 0; ///< the same number as `batch_id`
  std::string data;             ///< the samples' raw bytes; empty in an error frame
  std::string client_id;
  bool eof = false;
  std::optional<stream_error> error; ///< set in an error frame only
};

/// What is wrong with a line that is no frame.
struct malformed_frame {
  std::string reason; ///< a clause such as "batch_id is missing"; one line of printable ASCII
};

} // namespace dispatch::pull
