#pragma once

#include <caf/error.hpp>

#include <string>
#include <utility>
#include <vector>

#include "actors/client_account.hpp"
#include "messages/event_log.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

/// How one consumer's pass or session ends, for metrics and the log. Until something else is said, it is lost.
class consumer_end {
public:
  /// @param account outlives it
  consumer_end(std::string client_id, event_log_ptr log, const client_account& account);

  /// Whether nothing more will be sent.
  bool has_come() const noexcept { return has_come_; }

  /// It ends as it was meant to.
  void come(pass_outcome how);

  /// It ends before its time. That is counted and logged.
  void come(const failure& reason, pass_outcome how);

  /// Its connection has failed.
  void peer_lost(std::string why) { why_lost_ = std::move(why); }

  /// How it has ended, once its connection is down.
  /// @param all_left whether everything that was meant to be sent has left; otherwise it was not complete
  pass_outcome outcome(bool all_left) const noexcept {
    return outcome_ == pass_outcome::complete && !all_left ? pass_outcome::lost : outcome_;
  }

  /// Its connection is down, and with it everything is over. That is counted and logged.
  /// @param reason what the connection failed with, if it did
  /// @param event in the log
  /// @param more fields for the log
  void log(const caf::error& reason, std::string_view event, bool all_left, client_account::time_point now,
           std::vector<event_field> more = {}) const;

private:
  std::string client_id_;
  event_log_ptr log_;
  const client_account& account_;
  bool has_come_ = false;
  pass_outcome outcome_ = pass_outcome::lost;
  /// Empty where the connection has not failed.
  std::string why_lost_;
};

} // namespace dispatch
