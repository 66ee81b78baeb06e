#include "apps/dispatcher/log_sink.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace dispatch {

namespace {

using json = nlohmann::ordered_json;

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Whether text can stand in a line as it is: nothing in it ends the value, and nothing is there that a terminal obeys.
bool is_plain(std::string_view text) {
  const auto is_plain_char = [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_plain_char);
}

/// A value as JSON. A real number has three digits after the point, which is exact enough for a log.
std::string to_json(const event_field::value_type& value) {
  if (const auto* real = std::get_if<double>(&value); real != nullptr && std::isfinite(*real))
    return fmt::format("{:.3f}", *real);
  return dump(std::visit([](const auto& x) { return json(x); }, value));
}

spdlog::level::level_enum to_spdlog(severity level) {
  switch (level) {
  case severity::debug:
    return spdlog::level::debug;
  case severity::info:
    return spdlog::level::info;
  case severity::warning:
    return spdlog::level::warn;
  case severity::error:
    break;
  }
  return spdlog::level::err;
}

class spdlog_event_log : public level_log {
public:
  spdlog_event_log(log_format format, const std::string& level)
    : format_(format),
      logger_("dispatcher", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_pattern(format == log_format::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                                   : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                        spdlog::pattern_time_type::utc);
    spdlog_event_log::set_level(level);
    logger_.flush_on(spdlog::level::debug);
  }

  void write(severity level, std::string_view event, event_fields fields) override {
    const auto spdlog_level = to_spdlog(level);
    if (logger_.should_log(spdlog_level))
      logger_.log(spdlog_level, format_ == log_format::json ? to_json_members(event, fields) : to_text(event, fields));
  }

  void set_level(const std::string& level) override { logger_.set_level(spdlog::level::from_str(level)); }

private:
  log_format format_;
  spdlog::logger logger_;
};

} // namespace

std::shared_ptr<level_log> make_log(log_format format, const std::string& level) {
  return std::make_shared<spdlog_event_log>(format, level);
}

std::string to_text(std::string_view event, event_fields fields) {
  std::string line{event};
  for (const auto& field : fields) {
    line.append(" ").append(field.key).append("=");
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (text != nullptr && is_plain(*text))
      line.append(*text);
    else
      line.append(to_json(field.value));
  }
  return line;
}

std::string to_json_members(std::string_view event, event_fields fields) {
  auto members = R"("event":)" + dump(event);
  for (const auto& field : fields)
    members.append(",").append(dump(field.key)).append(":").append(to_json(field.value));
  return members;
}

} // namespace dispatch
