#include "apps/pull/summary.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace dispatch::pull {

namespace {

double frames_per_second(const summary& x) {
  return x.time.count() > 0 ? static_cast<double>(x.batches) / x.time.count() : 0;
}

template <class T>
nlohmann::json or_null(const std::optional<T>& x) {
  return x ? nlohmann::json(*x) : nlohmann::json(nullptr);
}

double to_thousandths(double x) {
  return std::round(x * 1000) / 1000;
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + (count == 1 ? one : many);
}

std::string samples_text(const summary& x) {
  if (!x.samples)
    return {};
  const auto count = ", " + counted(*x.samples, " sample", " samples");
  if (x.sample.empty() || x.said_by == sample_source::dispatcher)
    return count;
  return count + " of " + x.sample + (x.said_by == sample_source::option ? " as --sample says" : " by default")
         + " (nothing confirms it)";
}

} // namespace

std::string summary_line(const summary& x) {
  auto rate = frames_per_second(x);
  char numbers[120];
  std::snprintf(numbers, sizeof(numbers), ", %.2f MB of samples, %.2f s, %.*f frames/s",
                static_cast<double>(x.bytes) / 1e6, x.time.count(), rate < 10 ? 1 : 0, rate);
  return (x.complete ? "complete: " : "incomplete: ")
         + counted(static_cast<std::uint64_t>(x.batches), " batch", " batches") + samples_text(x) + numbers;
}

std::string summary_json(const summary& x) {
  nlohmann::ordered_json result;
  result["complete"] = x.complete;
  result["batches"] = x.batches;
  result["samples"] = or_null(x.samples);
  result["sample"] = x.sample.empty() ? nlohmann::json(nullptr) : nlohmann::json(x.sample);
  result["sample_confirmed"] = x.said_by == sample_source::dispatcher;
  result["bytes"] = x.bytes;
  result["seconds"] = to_thousandths(x.time.count());
  result["frames_per_second"] = to_thousandths(frames_per_second(x));
  result["first_frame_ms"] = nullptr;
  if (x.first_frame)
    result["first_frame_ms"] = to_thousandths(x.first_frame->count() * 1000);
  result["error"] = x.error.empty() ? nlohmann::json(nullptr) : nlohmann::json(x.error);
  result["error_code"] = or_null(x.error_code);
  result["sha256"] = or_null(x.sha256);
  // An error may name a file, and a file's name may be any bytes.
  return result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace dispatch::pull
