#include "tests/chaos/report.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <string_view>

namespace dispatch::chaos {

namespace {

using number = unsigned long long;

constexpr double mib = 1 << 20;

/// Events of the dispatcher's that tell what it has noticed.
constexpr std::array noticed_events{"fetcher_failed", "fetcher_ready", "upstream_down",  "upstream_up",
                                    "stream_lost",    "client_error",  "client_refused", "dataset_changed"};

/// A line, formatted as by printf.
[[gnu::format(printf, 1, 2)]] std::string line(const char* format, ...) {
  std::array<char, 256> text;
  std::va_list values;
  va_start(values, format);
  std::vsnprintf(text.data(), text.size(), format, values);
  va_end(values);
  return std::string{text.data()} + "\n";
}

std::string fault_table(const run_result& result) {
  auto text = line("%-16s %8s", "injected", "times");
  for (const auto kind : all_fault_kinds) {
    const auto found = result.faults.find(kind);
    text += line("  %-14s %8llu", std::string{to_string(kind)}.c_str(),
                 static_cast<number>(found == result.faults.end() ? 0 : found->second));
  }
  return text
         + line("through the proxies: %llu connections, %.1f MiB, %llu damaged frames",
                static_cast<number>(result.upstream_connections), static_cast<double>(result.upstream_bytes) / mib,
                static_cast<number>(result.damages));
}

std::string client_row(std::string_view name, const client_tally::counts& counts) {
  return line("  %-14s %8llu %10llu %8llu %8llu %10lld %9.1f", std::string{name}.c_str(),
              static_cast<number>(counts.came), static_cast<number>(counts.complete), static_cast<number>(counts.part),
              static_cast<number>(counts.wrong), static_cast<long long>(counts.batches),
              static_cast<double>(counts.bytes) / mib);
}

std::string client_table(const run_result& result) {
  auto text = line("%-16s %8s %10s %8s %8s %10s %9s", "clients", "came", "complete", "part", "wrong", "batches", "MiB");
  for (const auto& [kind, counts] : result.clients.by_kind())
    text += client_row(to_string(kind), counts);
  return text + client_row("all", result.clients.total());
}

std::string team_table(const run_result& result) {
  const auto& teams = result.teams;
  auto text = line("%-16s %8s", "session teams", "");
  const auto row = [&text](const char* name, std::uint64_t count) {
    text += line("  %-14s %8llu", name, static_cast<number>(count));
  };
  row("came", teams.teams);
  row("complete", teams.complete);
  row("stints", teams.stints);
  row("resumed", teams.resumed);
  row("connections", teams.connections);
  row("cut", teams.cut);
  row("drained", teams.drained);
  row("batches", teams.batches);
  row("samples kept", teams.samples);
  row("epochs whole", teams.epochs);
  row("MiB", teams.bytes >> 20);
  row("kills", result.kills);
  row("wrong", teams.wrong);
  return text;
}

std::string resource_row(const char* name, const run_result& result, std::uint64_t resources::*part, double unit) {
  const auto in = [part, unit](const std::optional<calm_state>& state) {
    return state ? static_cast<double>(state->held.*part) / unit : 0;
  };
  return line("  %-14s %8.0f %8.0f %8.0f", name, in(result.base), in(result.end),
              static_cast<double>(result.most.*part) / unit);
}

std::string resource_table(const run_result& result) {
  const auto actors = [](const std::optional<calm_state>& state) {
    return static_cast<number>(state ? state->actors : 0);
  };
  return line("%-16s %8s %8s %8s", "dispatcher", "calm", "end", "most")
         + resource_row("memory, MiB", result, &resources::rss_bytes, mib)
         + resource_row("descriptors", result, &resources::descriptors, 1)
         + resource_row("upstream", result, &resources::upstream, 1)
         + resource_row("clients", result, &resources::clients, 1)
         + resource_row("threads", result, &resources::threads, 1)
         + line("  %-14s %8llu %8llu", "actors", actors(result.base), actors(result.end));
}

std::string log_table(const run_result& result) {
  auto text = line("%-16s %8s", "noticed", "times");
  for (const auto* event : noticed_events)
    text += line("  %-14s %8llu", event, static_cast<number>(result.log.count(event)));
  return text;
}

std::string verdict(const run_result& result, const options& opts) {
  if (result.problems.empty())
    return "every promise was kept\n";
  std::string text = "FAILED with --seed " + std::to_string(opts.seed) + "; logs are in " + opts.folder.string() + "\n";
  for (const auto& problem : result.problems)
    text += "  " + problem + "\n";
  return text;
}

} // namespace

std::string to_text(const run_result& result, const options& opts) {
  std::string text = "seed " + std::to_string(opts.seed) + ", ";
  text += std::to_string(static_cast<std::int64_t>(result.seconds)) + " s; dispatcher";
  for (const auto& option : result.dispatcher_options)
    text += " " + option;
  return text + "\n\n" + fault_table(result) + "\n" + client_table(result) + "\n" + team_table(result) + "\n"
         + resource_table(result) + "\n" + log_table(result) + "\n" + verdict(result, opts);
}

} // namespace dispatch::chaos
