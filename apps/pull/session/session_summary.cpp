#include "apps/pull/session/session_summary.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace dispatch::pull {

namespace {

double samples_per_second(const session_summary& x) {
  return x.time.count() > 0 ? static_cast<double>(x.samples) / x.time.count() : 0;
}

double to_thousandths(double x) {
  return std::round(x * 1000) / 1000;
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + (count == 1 ? one : many);
}

nlohmann::json or_null(const std::string& x) {
  return x.empty() ? nlohmann::json(nullptr) : nlohmann::json(x);
}

/// As one word of a shell.
std::string quoted(const std::string& word) {
  constexpr auto plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%=";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos)
    return word;
  std::string result = "'";
  for (const auto c : word)
    c == '\'' ? result.append("'\\''") : result.append(1, c);
  return result + "'";
}

/// Where the samples are.
std::string place_of(const session_summary& x) {
  if (x.out.empty())
    return {};
  return x.files > 1 ? ", in " + std::to_string(x.files) + " files, the last of them " + x.out : ", in " + x.out;
}

} // namespace

std::string summary_line(const session_summary& x) {
  char numbers[120];
  std::snprintf(numbers, sizeof(numbers), ", %.2f MB, %.2f s, %.0f samples/s", static_cast<double>(x.bytes) / 1e6,
                x.time.count(), samples_per_second(x));
  return (x.complete ? "complete: " : "incomplete: ") + counted(x.epochs, " epoch, ", " epochs, ")
         + counted(x.batches, " batch, ", " batches, ") + counted(x.samples, " sample", " samples") + numbers
         + place_of(x);
}

std::string summary_json(const session_summary& x) {
  nlohmann::ordered_json result;
  result["complete"] = x.complete;
  result["dataset"] = or_null(x.dataset);
  result["epochs"] = x.epochs;
  result["batches"] = x.batches;
  result["redelivered"] = x.redelivered;
  result["samples"] = x.samples;
  result["padded"] = x.said.padded;
  result["dropped"] = x.said.dropped;
  result["skipped"] = x.said.skipped;
  result["bytes"] = x.bytes;
  result["seconds"] = to_thousandths(x.time.count());
  result["samples_per_second"] = to_thousandths(samples_per_second(x));
  result["cursor"] = or_null(x.cursor);
  result["out"] = or_null(x.out);
  result["files"] = x.files;
  result["error"] = or_null(x.error);
  result["error_code"] = or_null(x.error_code.value_or(""));
  result["sha256"] = nullptr;
  for (const auto& [column, digest] : x.sha256)
    result["sha256"][column] = digest;
  // A file's name may be any bytes.
  return result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string go_on_command(const std::vector<std::string>& arguments, const std::string& cursor, bool drops_epochs) {
  const auto is_dropped = [&](const std::string& name) {
    return name == "--start" || (drops_epochs && name == "--epochs");
  };
  std::string result = "dispatcher-pull";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    if (is_dropped(argument))
      ++i; // and its value
    else if (!is_dropped(argument.substr(0, argument.find('='))))
      result += ' ' + quoted(argument);
  }
  // In quotes, so that it is seen as one word.
  return result + " --start '" + cursor + "'";
}

} // namespace dispatch::pull
