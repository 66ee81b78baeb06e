#pragma once

#include <memory>
#include <string>

#include "apps/dispatcher/config.hpp"
#include "messages/event_log.hpp"

namespace dispatch {

/// A log that can be told while it runs which events it writes.
class level_log : public event_log {
public:
  /// @param level the least level that is written: debug, info, warning or error
  virtual void set_level(const std::string& level) = 0;
};

/// A log on stderr: a time (UTC), a level, the event's name, then its fields.
/// @param level as above
std::shared_ptr<level_log> make_log(log_format format, const std::string& level);

/// Writes an event's name and fields as `name key=value key="value with blanks"`.
std::string to_text(std::string_view event, event_fields fields);

/// Writes an event's name and fields as the inside of a JSON object: `"event":"name","key":1`.
std::string to_json_members(std::string_view event, event_fields fields);

} // namespace dispatch
