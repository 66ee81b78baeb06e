#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/session/session_judge.hpp"

namespace dispatch::chaos {

/// What a dispatcher says in one session over a dataset of 11 samples, by docs/protocol.md, for tests of who judges it.
class said_session {
public:
  /// By default: two epochs of a shuffled order, in batches of 3, from the beginning.
  struct options {
    options();

    team_plan team;
    stint_plan stint;
    std::int64_t rank = 0;
    std::optional<order_place> from;
  };

  explicit said_session(options opts);

  static const known_samples& known();

  /// What was asked for.
  session_wish wish() const;

  /// To be changed. A batch has its samples as `samples of`; with `damage`, its first byte is another.
  std::vector<nlohmann::json>& messages() { return messages_; }

  /// What is on the wire.
  std::string text() const;

private:
  session_cursor cursor_at(order_place place) const;
  std::string cursor_text(order_place place) const { return to_text(cursor_at(place)); }
  void say_welcome(order_place from);
  void say_epoch(std::uint64_t epoch, std::int64_t from, nlohmann::json& sums);
  std::string batch_text(nlohmann::json batch) const;

  options options_;
  std::uint64_t seq_ = 0;
  std::vector<nlohmann::json> messages_;
};

} // namespace dispatch::chaos
