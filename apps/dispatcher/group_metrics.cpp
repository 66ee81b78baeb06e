#include "apps/dispatcher/group_metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace dispatch {

namespace {

struct group_metric {
  const char* name;
  const char* help;
  double (*value_of)(const group_report& group);
};

double held_by_all(const group_report& group) {
  double result = 0;
  for (const auto& member : group.members)
    result += static_cast<double>(member.held);
  return result;
}

double longest_held(const group_report& group) {
  double result = 0;
  for (const auto& member : group.members)
    result = std::max(result, member.held_seconds);
  return result;
}

const std::array<group_metric, 9> group_metrics_known{{
  {"group_members", "Members of the group on this dispatcher.",
   [](const group_report& x) { return static_cast<double>(x.members.size()); }},
  {"group_open_epoch", "The first epoch in which a batch is neither acknowledged nor parked.",
   [](const group_report& x) { return static_cast<double>(x.progress.open_epoch); }},
  {"group_epoch_batches", "Batches of that epoch.", [](const group_report& x) { return static_cast<double>(x.batches); }},
  {"group_acked_batches", "Acknowledged at all dispatchers since the group began or was set to another place.",
   [](const group_report& x) { return static_cast<double>(x.progress.acked); }},
  {"group_redelivered_batches", "Delivered again, in the same way.",
   [](const group_report& x) { return static_cast<double>(x.progress.redelivered); }},
  {"group_parked_batches", "Delivered no more, in the same way.",
   [](const group_report& x) { return static_cast<double>(x.progress.parked); }},
  {"group_held_batches", "Batches that members here hold and have not acknowledged.", held_by_all},
  {"group_longest_held_seconds", "How long the one that was held longest has been held.", longest_held},
  {"group_rate_batches_per_second", "What members here acknowledge.",
   [](const group_report& x) { return x.batches_per_second; }},
}};

/// As a label has it.
std::string escaped(const std::string& name) {
  std::string result;
  for (const auto c : name) {
    if (c == '\\' || c == '"')
      result += '\\';
    result += c;
  }
  return result;
}

std::string text_of(double value) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), written.ptr};
}

std::string head_of(const std::string& name, const char* help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n";
}

} // namespace

std::string group_metrics(const service_report& report) {
  const std::string store = "dispatcher_store_up";
  auto result = head_of(store, "Whether the store of groups answers.") + store
                + (report.store_state == "serving" ? " 1\n" : " 0\n");
  for (const auto& metric : group_metrics_known) {
    const auto name = std::string{"dispatcher_"} + metric.name;
    result += head_of(name, metric.help);
    for (const auto& group : report.groups)
      result += name + "{group=\"" + escaped(group.name) + "\"} " + text_of(metric.value_of(group)) + "\n";
  }
  return result;
}

} // namespace dispatch
