#pragma once

#include <chrono>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/dispatcher/repeat_filter.hpp"
#include "messages/event_log.hpp"

namespace dispatch {

/// Stands before the log and leaves out warnings that only repeat (`repeat_filter`). One that follows such has the
/// field `repeated`: how many were left out since the last equal one that was logged.
class folding_log : public event_log {
public:
  /// @param next gets what is not left out
  explicit folding_log(event_log_ptr next) : next_(std::move(next)) {}

  void write(severity level, std::string_view event, event_fields fields) override {
    const auto left_out = pass(level, event, fields);
    if (!left_out)
      return;
    if (*left_out == 0)
      return next_->write(level, event, fields);
    std::vector<event_field> with_count(fields.begin(), fields.end());
    with_count.emplace_back("repeated", *left_out);
    next_->write(level, event, with_count);
  }

private:
  std::optional<std::uint64_t> pass(severity level, std::string_view event, event_fields fields) {
    const std::lock_guard guard{mutex_};
    return filter_.pass(level, event, fields, std::chrono::steady_clock::now());
  }

  event_log_ptr next_;
  std::mutex mutex_;
  repeat_filter filter_;
};

} // namespace dispatch
