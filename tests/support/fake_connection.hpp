#pragma once

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "messages/connection.hpp"

namespace dispatch::test {

/// What a connection without a socket was told.
struct connection_record {
  /// Messages, whole.
  std::vector<std::string> lines;
  connection_owner_actor owner;
  /// How many messages count as having left when the unsent ones are dropped.
  std::size_t left = 0;
  std::size_t input_allowed = 0;
  bool dropped = false;
  bool finished = false;
  bool aborted = false;

  /// All that would have been sent.
  std::string text() const {
    std::string result;
    for (const auto& line : lines)
      result += line;
    return result;
  }

  void add(const pieces& messages) {
    auto begins = true;
    for (const auto& next : messages) {
      if (begins)
        lines.emplace_back();
      lines.back().append(next.bytes.view());
      begins = next.ends_message;
    }
  }

  unsent_dropped drop() {
    dropped = true;
    if (finished && lines.size() <= left)
      return {lines.size(), true};
    lines.resize(std::min(lines.size(), left));
    finished = false;
    return {lines.size(), false};
  }
};

using connection_record_ptr = std::shared_ptr<connection_record>;

/// Takes everything and reports nothing: the test says when something has left or the peer is gone.
inline connection_actor::behavior_type fake_connection(connection_actor::pointer self, connection_record_ptr record) {
  return {
    [record](const attach_owner& request) { record->owner = request.owner; },
    [record](const send_pieces& request) { record->add(request.pieces); },
    [record](const allow_input& request) { record->input_allowed += request.bytes; },
    [record](drop_unsent) { return record->drop(); },
    [](check_peer) {},
    [record](finish_sending) { record->finished = true; },
    [self, record](abort_connection) {
      record->aborted = true;
      self->quit();
    },
  };
}

} // namespace dispatch::test
