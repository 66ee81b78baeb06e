#pragma once

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/connection.hpp"

namespace dispatch::test {

/// What a connection without a socket was told.
struct connection_record {
  std::vector<std::string> lines;
  client_actor client;
  std::optional<failure> cut;
  bool finished = false;
  bool aborted = false;

  /// All that would have been sent.
  std::string text() const {
    std::string result;
    for (const auto& line : lines)
      result += line;
    return result;
  }
};

using connection_record_ptr = std::shared_ptr<connection_record>;

/// Takes everything and reports nothing: the test says when something was written or the peer is gone.
inline connection_actor::behavior_type fake_connection(connection_actor::pointer self, connection_record_ptr record) {
  return {
    [record](const attach_client& request) { record->client = request.client; },
    [record](const write_frames& request) {
      for (const auto& frame : request.frames)
        record->lines.push_back(std::string{frame.body->encoded()} + *frame.tail);
    },
    [record](const write_line& request) { record->lines.push_back(request.line); },
    [record](const cut_short& request) {
      record->cut = failure{request.code, request.message};
    },
    [](look_at_peer) {},
    [record](finish_stream) { record->finished = true; },
    [self, record](abort_connection) {
      record->aborted = true;
      self->quit();
    },
  };
}

} // namespace dispatch::test
