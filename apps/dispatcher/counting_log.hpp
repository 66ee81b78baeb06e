#pragma once

#include <string_view>
#include <utility>

#include "actors/metrics.hpp"
#include "messages/event_log.hpp"

namespace dispatch {

/// Stands before the log and counts what is written to it.
class counting_log : public event_log {
public:
  /// @param next gets every event
  /// @param metrics of a registry that outlives this
  counting_log(event_log_ptr next, event_metrics metrics) : next_(std::move(next)), metrics_(metrics) {}

  void write(severity level, std::string_view event, event_fields fields) override {
    metrics_.count(level);
    next_->write(level, event, fields);
  }

private:
  event_log_ptr next_;
  event_metrics metrics_;
};

} // namespace dispatch
