#include "apps/pull/admin_answers.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "apps/pull/printable_text.hpp"
#include "io/host_port.hpp"

namespace dispatch::pull {

namespace {

using nlohmann::json;

constexpr std::size_t longest_text = 1000;

std::string joined(const std::string& before, const std::string& separator, const std::string& text) {
  return before + (before.empty() ? "" : separator) + text;
}

std::string calls_under_way(const json& upstreams) {
  std::string result;
  for (const auto& upstream : upstreams)
    if (const auto count = upstream.at("calls_in_flight").get<std::int64_t>(); count > 0)
      result = joined(result, ", ",
                      std::to_string(count) + (count == 1 ? " call to " : " calls to ")
                        + upstream.at("address").get<std::string>());
  return result;
}

bool reads_stream(const json& actors) {
  return std::any_of(actors.begin(), actors.end(), [](const json& actor) {
    return actor.at("name") == "batch_stream" && actor.at("state") == "reading";
  });
}

std::string what_it_waits_for(const json& status) {
  const auto& readiness = status.at("ready");
  if (!readiness.at("ready").get<bool>()) {
    std::string reasons;
    for (const auto& reason : readiness.at("reasons"))
      reasons = joined(reasons, "; ", reason.get<std::string>());
    return "the dispatcher is not ready: " + reasons;
  }
  auto calls = calls_under_way(status.at("upstreams"));
  if (reads_stream(status.at("actors")))
    calls = joined(calls, ", ", "a StreamBatches call");
  if (calls.empty())
    return "the dispatcher is ready, and waits for no call to its dataset service; `dispatcher status` shows more";
  return "the dispatcher waits for its dataset service: " + calls + " under way";
}

} // namespace

std::optional<dispatcher_state> parse_status(std::string_view body) {
  try {
    const auto status = json::parse(body);
    const auto listen = io::parse_host_port(status.at("config").at("listen").get<std::string>());
    return dispatcher_state{listen ? listen->port : std::uint16_t{0},
                            printable_text(what_it_waits_for(status), longest_text)};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::optional<sample_format> parse_preview(std::string_view body) {
  try {
    const auto preview = json::parse(body);
    auto text = preview.at("data_type").get<std::string>();
    text.erase(0, text.rfind('.') + 1); // `torch.uint8`, `np.int64`; npos + 1 is 0
    const auto& shape = preview.at("sample_shape");
    for (std::size_t i = 0; i < shape.size(); ++i)
      text.append(i == 0 ? ":" : "x").append(std::to_string(shape[i].get<std::int64_t>()));
    // A service that leaves the shape out looks like one whose samples are single numbers.
    return shape.empty() ? std::nullopt : parse_sample_format(text);
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

} // namespace dispatch::pull
